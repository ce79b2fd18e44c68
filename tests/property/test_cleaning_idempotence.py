"""Normalising twice is normalising once."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_corpora import params

from seqline.cleaning.language import language
from seqline.cleaning.normalise import full_width_punctuation, normalised

STEPS = params().clean.normalise.model_copy(update={"html_entities": False, "encoding_damage": False})
SWITCHES = st.fixed_dictionaries(
    {
        "chinese_spaces": st.booleans(),
        "ellipses": st.booleans(),
        "source_quotes": st.sampled_from(["straight", "curly", None]),
    }
)


@given(
    st.text("你好aＡ９é\u0301 ,.?!:;()（），。…“”‘’\"'\u3000\u200b1\t", max_size=30),
    SWITCHES,
    st.sampled_from(["zh", "en"]),
)
@settings(max_examples=600, deadline=None)
def test_a_clean_text_stays_as_it_is(text: str, switches: dict[str, bool | str], code: str) -> None:
    steps = STEPS.model_copy(update=switches)
    once = pl.DataFrame({"source": [text]}).select(normalised("source", language(code), steps))
    assert once.select(normalised("source", language(code), steps)).equals(once)


@given(st.text("abc ,.?!:;()1", max_size=30))
def test_text_without_chinese_keeps_its_punctuation(text: str) -> None:
    assert full_width_punctuation(text) == text
