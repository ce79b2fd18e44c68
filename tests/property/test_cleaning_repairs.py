"""A text that the sketches let pass is one that no step of normalisation would change."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_corpora import params

from seqline.cleaning.language import language
from seqline.cleaning.normalise import normalised, repairs
from seqline.cleaning.repair import repaired

STEPS = params().clean.normalise.model_copy(update={"chinese_spaces": True, "ellipses": True})
TROUBLE = "你好浣犲ソÃ©â€™ä½Ａ１é\u0301ᄀ\u1161 \t\u3000\u200b\u2028\x00\x85&#amp;38x,.?!:;()（）”…。“'\"😀a"


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("style", ["straight", "curly", None])
@given(st.lists(st.one_of(st.text(TROUBLE, max_size=9), st.text(max_size=9)), max_size=6))
@settings(max_examples=200, deadline=None)
def test_texts_without_a_sketch_need_no_repair(style: str | None, code: str, texts: list[str]) -> None:
    steps = STEPS.model_copy(update={"source_quotes": style})
    column = pl.Series("source", texts, dtype=pl.String)
    found = column.to_frame().select(normalised("source", language(code), steps)).to_series()
    assert found.to_list() == repaired(column, repairs("source", language(code), steps)).to_list()
