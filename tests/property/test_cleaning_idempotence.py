"""Normalising twice is normalising once."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_corpora import params

from seqline.cleaning.language import language
from seqline.cleaning.normalise import full_width_punctuation, normalised

STEPS = params().clean.normalise.model_copy(update={"html_entities": False, "encoding_damage": False})


@given(st.text("你好ab ,.?!:;()（），。…\u3000\u200b1\t", max_size=30))
@settings(max_examples=300, deadline=None)
def test_a_clean_text_stays_as_it_is(text: str) -> None:
    once = pl.DataFrame({"text": [text]}).select(normalised("text", language("zh"), STEPS))
    assert once.select(normalised("text", language("zh"), STEPS)).equals(once)


@given(st.text("abc ,.?!:;()1", max_size=30))
def test_text_without_chinese_keeps_its_punctuation(text: str) -> None:
    assert full_width_punctuation(text) == text
