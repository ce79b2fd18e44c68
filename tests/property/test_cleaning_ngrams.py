"""The sentence that shares most n-grams, found fast and found by comparing every text with every sentence."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.cleaning import text
from seqline.cleaning.ngrams import Index

TEXTS = st.lists(st.text("abc 你好，", max_size=30), max_size=6)


def ngrams(texts: list[str], length: int) -> list[set[tuple[str, ...]]]:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    words = frame.select(text.tokens(pl.col("text")))["text"].to_list()
    return [{tuple(line[place : place + length]) for place in range(len(line) - length + 1)} for line in words]


def obvious(texts: list[str], sentences: list[str], length: int) -> list[tuple[int, float]]:
    wanted = ngrams(sentences, length)
    found = []
    for own in ngrams(texts, length):
        shares = [(len(own & grams) / len(grams), -number) for number, grams in enumerate(wanted) if len(grams) > 1]
        share, number = max(shares, default=(0.0, 0))
        found.append((-number, share) if share else (-1, 0.0))
    return found


@given(TEXTS, TEXTS, st.integers(1, 4))
@settings(max_examples=500, deadline=None)
def test_the_nearest_sentence_is_the_one_that_comparing_all_finds(
    texts: list[str], sentences: list[str], length: int
) -> None:
    index = Index.of(pl.Series(sentences, dtype=pl.String), length)
    nearest, shares = index.nearest(pl.Series(texts, dtype=pl.String))
    for own, share, (number, expected) in zip(nearest, shares, obvious(texts, sentences, length), strict=True):
        assert own == number
        assert share == pytest.approx(expected, abs=0)
