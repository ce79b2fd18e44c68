"""Whatever the pairs hold: every one is kept or dropped with a reason, and cleaning what is clean changes nothing."""

import polars as pl
from cleaned_frames import cleaned, frame
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from raw_corpora import params

from seqline.cleaning import explain
from seqline.errors import StageError

CLEAN = params(split={"dev_pairs": 3, "test_pairs": 3}).clean
AWKWARD = [
    "",
    " ",
    "\u2028",
    "\x00",
    "\ufeff",
    "\ufffd",
    "\r",
    "a&#10;b",
    "𝒳",
    "👩‍👩‍👧",
    "你好",
    "é",
    "e\u0301",
    "'",
    '"',
    "{",
    "(",
]
TEXT = st.one_of(st.sampled_from(AWKWARD), st.text(max_size=40), st.text("ab 你好,.?!(（<>&;1٣", max_size=30))
ROWS = st.lists(st.tuples(TEXT, TEXT, st.sampled_from(["train", "train", "train", "dev", "test"])), max_size=25)
ALWAYS = [(f"A sentence about number {word}.", f"关于{word}的句子。", "train") for word in ("cats", "dogs", "tea")]


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_every_pair_is_kept_or_dropped_with_a_reason(rows: list[tuple[str, str, str]]) -> None:
    try:
        kept, dropped = cleaned(frame(rows + ALWAYS), CLEAN)
    except StageError as error:
        assert "no training pair is left" in str(error)  # noqa: PT017
        return
    assert sorted([*kept["row"], *dropped["row"]]) == list(range(len(rows) + len(ALWAYS)))
    assert dropped["rule"].null_count() == dropped["value"].null_count() == 0
    assert not kept.filter(pl.col("source").str.contains("\n") | pl.col("target").str.contains("\n")).height


@given(ROWS)
@settings(max_examples=40, deadline=None)
def test_training_shares_no_side_with_dev_or_test(rows: list[tuple[str, str, str]]) -> None:
    try:
        kept, _ = cleaned(frame(rows + ALWAYS), CLEAN)
    except StageError:
        return
    train, held_out = (kept.filter((pl.col("split") == "train") == flag) for flag in (True, False))
    for side in ("source", "target"):
        assert not set(train[side]) & set(held_out[side])


@given(TEXT, TEXT)
@settings(max_examples=60, deadline=None)
def test_explain_agrees_with_the_engine(source: str, target: str) -> None:
    verdicts = explain(CLEAN, "en", "zh", source, target)
    _, dropped = cleaned(frame([(source, target, "train"), *ALWAYS]), CLEAN)
    blamed = dict(dropped.select("row", "rule").iter_rows()).get(0)
    failed = [verdict.rule for verdict in verdicts if not verdict.passed]
    assert (failed[0] if failed else None) == blamed or (not failed and blamed in {"near_duplicate", "leak"})


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=10))
@settings(max_examples=30, deadline=None)
def test_dev_and_test_lose_only_empty_pairs(pairs: list[tuple[str, str]]) -> None:
    rows = [(source, target, "dev") for source, target in pairs] + ALWAYS
    _, dropped = cleaned(frame(rows), CLEAN)
    gone = dropped.filter(pl.col("row") < len(pairs))
    assert set(gone["rule"]) <= {"empty"}


@given(ROWS, st.integers(1, 9))
@settings(max_examples=30, deadline=None)
def test_the_shards_make_no_difference(rows: list[tuple[str, str, str]], shard_rows: int) -> None:
    everything = frame(rows + ALWAYS)
    try:
        whole = cleaned(everything, CLEAN)
    except StageError:
        return
    for one, other in zip(whole, cleaned(everything, CLEAN, shard_rows=shard_rows), strict=True):
        assert_frame_equal(one, other)
