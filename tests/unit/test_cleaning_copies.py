"""Copies, leaks and the held-out split."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from seqline.cleaning.decontaminate import leaks, overlaps
from seqline.cleaning.deduplicate import crowded, exact_copies, keyed, near_copies
from seqline.cleaning.language import language
from seqline.cleaning.split import chosen, drawn, first_drawn

LANGUAGES = (language("en"), language("zh"))


def frame(pairs: Sequence[tuple[str, str]], split: str = "train") -> pl.DataFrame:
    rows = [(row, "tiny", split, row + 1, *pair) for row, pair in enumerate(pairs)]
    return pl.DataFrame(rows, schema=["row", "corpus", "split", "line", "source", "target"], orient="row")


def keys(pairs: Sequence[tuple[str, str]]) -> pl.DataFrame:
    return keyed(frame(pairs)).with_columns(corpus=pl.lit("tiny"))


def hold_out(pairs: pl.DataFrame, sizes: dict[str, int], parts: int = 1) -> pl.DataFrame:
    """As if the parts were shards: each gives what it has among the first drawn, and of these the first are taken."""
    lots = pairs.with_columns(drawn(pairs["source"], 1))
    pieces = [lots[part::parts] for part in range(parts)]
    num = sum(sizes.values())
    found = pl.concat(piece.filter(first_drawn(piece["draw"], num)) for piece in pieces)
    return chosen(found.filter(first_drawn(found["draw"], num)), sizes, len(pairs)).sort("row")


def test_the_first_of_equal_pairs_stays_and_is_named() -> None:
    found = exact_copies(keys([("a", "甲"), ("b", "乙"), ("a", "甲"), ("a", "乙"), ("a", "甲")]))
    assert found.rows() == [(2, "exact_duplicate", "tiny:1"), (4, "exact_duplicate", "tiny:1")]


def test_near_copies_differ_in_case_punctuation_and_spaces_only() -> None:
    pairs = [
        ("Good night.", "晚安。"), ("good  night!", "晚安！"), ("Ｇood night", "晚 安"), ("Good nights.", "晚安。"),
        ("Good night 2.", "晚安。"),
    ]  # fmt: skip
    assert near_copies(keys(pairs))["row"].to_list() == [1, 2]


def test_pairs_of_punctuation_alone_are_not_all_the_same() -> None:
    assert near_copies(keys([("!", "！"), ("?", "？"), ("...", "……")])).is_empty()


def test_one_source_keeps_a_limited_number_of_translations() -> None:
    pairs = [("Fine.", target) for target in ("好", "很好", "不错", "可以")] + [("fine", "行")]
    assert crowded(keys(pairs), "source", 3, lambda rows: np.zeros(len(rows), np.float32)).rows() == [
        (3, "crowded_source", "4 of 5"), (4, "crowded_source", "5 of 5"),
    ]  # fmt: skip


def test_the_least_doubtful_translations_stay() -> None:
    pairs = [("Fine.", target) for target in ("好", "很好", "不错", "可以")] + [("Good.", "好的")]
    doubt = np.array([0.5, -3.0, 9.0, -1.0, 99.0], np.float32)
    assert crowded(keys(pairs), "source", 2, lambda rows: doubt[rows]).rows() == [
        (0, "crowded_source", "3 of 4"), (2, "crowded_source", "4 of 4"),
    ]  # fmt: skip


def test_a_training_pair_that_shares_either_side_with_a_held_out_pair_goes() -> None:
    train = frame([("Good morning!", "早"), ("Hi.", "早上好"), ("Night.", "晚"), ("Morning.", "早安")])
    held_out = frame([("good morning", "早上好。")], "test")
    assert leaks(train, held_out).rows() == [(0, "leak", "test tiny:1 (source)"), (1, "leak", "test tiny:1 (target)")]


def test_most_of_the_ngrams_of_a_held_out_sentence_are_a_leak() -> None:
    sentence = "the quick brown fox jumps over the lazy dog and runs home again tonight"
    words = sentence.split()
    held_out = frame([(sentence, "无关")], "dev")
    train = frame(
        [(" ".join(words[:-1]) + " today", "甲"), (" ".join(reversed(words)), "乙"), ("the quick brown", "丙")]
    )
    found = overlaps(train, held_out, LANGUAGES, ngram=3, bound=0.8)
    assert found.rows() == [(0, "ngram_overlap", "0.917 of dev tiny:1 (source)")]


def test_chinese_ngrams_are_characters() -> None:
    sentence = "他昨天晚上在图书馆里看了一本关于中国历史的新书然后走路回家"
    found = overlaps(
        frame([("x", sentence[:-1] + "校"), ("y", sentence[10:])]), frame([("z", sentence)], "test"), LANGUAGES,
        ngram=3, bound=0.8,
    )  # fmt: skip
    assert found["row"].to_list() == [0]


def test_nothing_leaks_into_nothing() -> None:
    train, nothing = frame([("a", "甲")]), frame([("a", "甲")], "dev").clear()
    assert leaks(train, nothing).is_empty()
    assert overlaps(train, nothing, LANGUAGES, ngram=2, bound=0.5).is_empty()


def test_held_out_pairs_do_not_depend_on_the_order_of_lines() -> None:
    pairs = [(f"sentence {number}", f"句子 {number}") for number in range(200)]
    forwards, backwards = (hold_out(frame(some), {"dev": 20, "test": 30}) for some in (pairs, pairs[::-1]))
    assert sorted(forwards.select("source", "split").rows()) == sorted(backwards.select("source", "split").rows())
    assert forwards["split"].value_counts(sort=True).rows() == [("test", 30), ("dev", 20)]


def test_held_out_pairs_do_not_depend_on_how_the_corpus_is_divided() -> None:
    pairs = frame([(f"sentence {number // 2}", f"句子 {number}") for number in range(200)])
    whole, divided = (hold_out(pairs, {"dev": 20, "test": 30}, parts) for parts in (1, 7))
    assert whole.rows() == divided.rows()


def test_near_copies_fall_on_one_side_of_the_split() -> None:
    pairs = [(text, str(number)) for number in range(50) for text in (f"Line {number}.", f"line {number}!")]
    drawn = hold_out(frame(pairs), {"dev": 10})
    assert len(drawn) == 10
    assert {row ^ 1 for row in drawn["row"]} == set(drawn["row"])


def test_a_small_corpus_keeps_half_of_its_pairs_for_training() -> None:
    drawn = hold_out(frame([(str(number), "x") for number in range(40)]), {"dev": 500, "test": 1000})
    counts = dict(drawn["split"].value_counts().rows())
    assert counts == {"dev": 6, "test": 14} or counts == {"dev": 6, "test": 13}
