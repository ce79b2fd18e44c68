"""The share of copied words is what a slow and obvious count of them says."""

import re

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.cleaning.copies import copied_share

SOME = "aa bb cc dd 12 你 好 Aa 😀 \x00"
WORDS = st.lists(st.sampled_from(SOME.split()), max_size=12).map(" ".join)


def words(line: str) -> list[str]:
    return re.findall(r"[你好]|[a-z0-9]+", line.lower())


def slow_share(source: str, target: str) -> float:
    own, other = words(source), words(target)
    length = min(3, len(own))
    runs = [other[place : place + length] for place in range(len(other) - length + 1)]
    begins = [place for place in range(len(own) - length + 1) if own[place : place + length] in runs]
    copied = {place + offset for place in begins for offset in range(length)}
    counted = [place for place, word in enumerate(own) if not word.isdigit()]
    enough = sum(map(str.isalpha, source)) >= 10
    return enough * sum(place in copied for place in counted) / max(len(counted), 1)


@given(st.lists(st.tuples(WORDS, WORDS), max_size=6))
@settings(max_examples=300, deadline=None)
def test_words_that_follow_each_other_on_both_sides_are_copied(pairs: list[tuple[str, str]]) -> None:
    frame = pl.DataFrame(pairs, schema={"source": pl.String, "target": pl.String}, orient="row")
    assert copied_share(frame.to_struct("pair")).to_list() == [slow_share(*pair) for pair in pairs]
