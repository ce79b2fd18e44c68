"""Similar pairs: the share is that of the n-grams, the first pair stays, and shards make no difference."""

import re

import polars as pl
import pytest
from cleaned_frames import cleaned, frame
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from raw_corpora import params

from seqline.cleaning import text

CLEAN = params(
    split={"dev_pairs": 0, "test_pairs": 0},
    deduplicate={"near_share": 0.7, "max_targets_per_source": 0, "max_sources_per_target": 0},
    pair_score=None,
).clean
ENGLISH = (
    "the",
    "morning",
    "train",
    "to",
    "the",
    "city",
    "leaves",
    "from",
    "platform",
    "seven",
    "at",
    "noon",
    "every",
    "day",
)
CHINESE = "开往城里的早班火车今天中午从第七号站台准时出发"
WORDS, CHARACTERS = st.sampled_from(["a", "dog", "3", "17"]), st.sampled_from("猫狗茶")
CHANGES = st.lists(st.tuples(st.integers(0, 13), WORDS, st.integers(0, 22), CHARACTERS), max_size=3)


def changed(changes: list[tuple[int, str, int, str]]) -> tuple[str, str, str]:
    """A pair some of whose words are others."""
    source, target = list(ENGLISH), list(CHINESE)
    for word, new, character, other in changes:
        source[word], target[character] = new, other
    return " ".join(source), "".join(target), "train"


def ngrams(texts: pl.Series, length: int) -> list[set[tuple[str, ...]]]:
    words = texts.to_frame("text").select(text.tokens(pl.col("text")))["text"].to_list()
    masked = [["#" if re.match(r"\d", word) else word for word in line] for line in words]
    return [{tuple(line[place : place + length]) for place in range(len(line) - length + 1)} for line in masked]


def jaccard(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other)


@given(st.lists(CHANGES, min_size=2, max_size=12))
@settings(max_examples=20, deadline=None)
def test_a_dropped_pair_has_the_share_of_ngrams_that_is_said_with_a_pair_that_stays(
    lines: list[list[tuple[int, str, int, str]]],
) -> None:
    raw = frame([changed(line) for line in lines])
    kept, dropped = cleaned(raw, CLEAN)
    source, target = ngrams(raw["source"], 2), ngrams(raw["target"], 3)
    for row, value in dropped.filter(pl.col("rule") == "similar").select("row", "value").iter_rows():
        share, line = re.fullmatch(r"([\d.]+) of tiny:(\d+)", value).groups()  # type: ignore[union-attr]
        other = int(line) - 1
        assert other < row
        assert other in kept["row"]
        smaller = min(jaccard(source[row], source[other]), jaccard(target[row], target[other]))
        assert float(share) == pytest.approx(smaller, abs=0.001)
        assert smaller >= 0.7


@given(st.lists(CHANGES, min_size=2, max_size=12), st.integers(1, 5))
@settings(max_examples=12, deadline=None)
def test_the_shards_make_no_difference(lines: list[list[tuple[int, str, int, str]]], shard_rows: int) -> None:
    raw = frame([changed(line) for line in lines])
    for one, other in zip(cleaned(raw, CLEAN), cleaned(raw, CLEAN, shard_rows=shard_rows), strict=True):
        assert_frame_equal(one, other)


def test_lines_that_differ_in_a_number_are_similar() -> None:
    pairs = [(f"Chapter {number} is about the history of the city.", f"第 {number} 章讲述这座城市的历史。", "train")
             for number in (1, 2, 33)]  # fmt: skip
    kept, dropped = cleaned(frame(pairs), CLEAN)
    assert kept["row"].to_list() == [0]
    assert dropped.select("row", "rule", "value").rows() == [
        (1, "similar", "1.0 of tiny:1"), (2, "similar", "1.0 of tiny:1"),
    ]  # fmt: skip


def test_pairs_of_which_one_side_differs_stay() -> None:
    one = changed([])
    other = (one[0], "这句话说的完全是另外一件事情而且没有共同之处", "train")
    assert len(cleaned(frame([one, other]), CLEAN)[0]) == 2


def test_short_lines_stay_where_one_word_is_the_meaning() -> None:
    pairs = [(f"He has {number} cats.", f"他有 {number} 只猫。", "train") for number in (2, 3, 4)]
    assert len(cleaned(frame(pairs), CLEAN)[0]) == 3


def test_nearly_all_similar_pairs_are_found() -> None:
    """Of 300 lines with other words, each a second time with one word changed: at least 0.85 is shared."""
    stems = [[word(number * 31 + place * 7) for place in range(30)] for number in range(300)]
    targets = ["".join(chr(0x4E00 + (number * 37 + place * 11) % 5000) for place in range(40)) for number in range(300)]
    first = [(" ".join(stem), target, "train") for stem, target in zip(stems, targets, strict=True)]
    again = [
        (" ".join([*stem[:9], "other", *stem[10:]]), f"{target[:-1]}茶", "train")
        for stem, target in zip(stems, targets, strict=True)
    ]
    strange = {"chinese_script": None, "chinese_variety": None, "foreign_language": False, "identified_language": None}
    clean = CLEAN.model_copy(update={"rules": CLEAN.rules.model_copy(update=strange)})
    _, dropped = cleaned(frame(first + again), clean)
    assert len(dropped.filter(pl.col("rule") == "similar")) >= 295


def word(number: int) -> str:
    return "".join(chr(ord("a") + digit) for digit in (number % 26, number // 26 % 26, number // 676 % 26))
