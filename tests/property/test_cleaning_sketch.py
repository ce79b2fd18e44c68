"""A sketch finds what its regular expression finds."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.cleaning.sketch import Sketch, following, holding, seen, table
from seqline.cleaning.utf8 import Texts

SKETCHES = {
    r"(?s)^.*[a-c]": holding("a-c"),
    r"[a你][😀b]": following("a你", "😀b"),
    r"[%][0-9]*[a-z]": Sketch("%", "0-9", "a-z"),
    r"\([^()]*\p{Han}": Sketch(r"\(", "^()", r"\p{Han}"),
    r"^[\x00-\x7F]*[é你]": Sketch(None, r"\x00-\x7F", "é你"),
    r"^ ": Sketch(None, "", " "),
    r"[?？]\s*\z": Sketch("?？", r"\s", None),
}
TABLE = table(tuple(SKETCHES.values()))
TEXTS = st.lists(st.one_of(st.text("abc%9()你é😀?？ \u0301\x00\n", max_size=12), st.text(max_size=12)), max_size=5)


@pytest.mark.parametrize("pattern", SKETCHES)
@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_sketches_find_what_their_regular_expressions_find(pattern: str, texts: list[str]) -> None:
    column = pl.Series(texts, dtype=pl.String)
    bit = 1 << list(SKETCHES).index(pattern)
    found = [bool(bits & bit) for bits in seen(Texts.of(column), TABLE).tolist()]
    assert found == column.str.contains(pattern).to_list()
