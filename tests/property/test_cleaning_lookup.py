"""Words are found as a regular expression would find them."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.cleaning.lookup import Lookup
from seqline.cleaning.utf8 import Texts

LISTS = (frozenset({"in", "für", "a", "你"}), frozenset({"a", "ist", "_x"}))
TABLE = Lookup.of(LISTS)
WORDS = st.sampled_from(["in", "IN", "für", "FÜR", "a", "ist", "_x", "你", "a_", "ſt", "İn", "a\u0301", "x"])
TEXTS = st.lists(
    st.one_of(st.lists(WORDS, max_size=4).map(" ".join), st.text("inINa'_-你 \x00😀", max_size=9), st.text())
)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_words_of_each_list_are_found(texts: list[str]) -> None:
    column = pl.Series(texts, dtype=pl.String)
    found = TABLE.found(Texts.of(column)).tolist()
    for number, words in enumerate(LISTS):
        expected = column.str.contains(rf"(?i)\b(?:{'|'.join(words)})\b").to_list()
        assert [bool(lists & 1 << number) for lists in found] == expected
