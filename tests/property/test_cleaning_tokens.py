"""The fast words are the words of the regular expression, and their hashes are as good as the words themselves."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.cleaning import text
from seqline.cleaning.tokens import tokenise

TEXTS = st.lists(
    st.one_of(
        st.text("aB 1٣你好かก.,!\u0301é\u3000_-'ⅣŐ", max_size=20), st.text(max_size=20).filter(lambda t: "\n" not in t)
    ),
    max_size=6,
)


def plain(texts: list[str]) -> list[list[str]]:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return frame.select(text.tokens(pl.col("text")))["text"].to_list()


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_texts_have_the_words_that_the_regular_expression_finds(texts: list[str]) -> None:
    found = tokenise(pl.Series(texts, dtype=pl.String))
    assert found.counts.tolist() == [len(words) for words in plain(texts)]


@given(st.lists(st.text("abcAB 你好12", max_size=12), max_size=8))
@settings(max_examples=300, deadline=None)
def test_equal_words_and_only_they_have_equal_hashes(texts: list[str]) -> None:
    words = [word for line in plain(texts) for word in line]
    hashes = tokenise(pl.Series(texts, dtype=pl.String)).hashes.tolist()
    assert len(set(zip(words, hashes, strict=True))) == len(set(words)) == len(set(hashes))
