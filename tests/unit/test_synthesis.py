from collections.abc import Sequence
from math import inf
from pathlib import Path

import polars as pl
import pytest

from seqline.compression.synthesis import SCHEMA, Choice, choose, kept_ids, nbest_lists, synthetic, told_apart
from seqline.serving.bundle import Bundle
from seqline.types import Translation


class Echo:
    """Translates "n" into variants of itself, of which the second is always nearest to the reference "zhn"."""

    def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
        return [[Translation("other", -0.1), Translation(f"zh{line}", -0.5)][:nbest] for line in lines]


class Backward(Echo):
    """Thinks -1 of every source whose translation is right."""

    def search(self, *_: object, **__: object) -> list[list[Translation]]:
        raise AssertionError("it only scores")

    def score(self, sources: Sequence[str], targets: Sequence[str]) -> list[list[float]]:
        return [[-float(source == f"zh{target}"), -2.0] for source, target in zip(sources, targets, strict=True)]


def made_of(pairs: pl.DataFrame, backward: Backward | None = None) -> pl.DataFrame:
    return synthetic(pairs, nbest_lists(pairs["source"].to_list(), Echo(), beam=2, nbest=2), backward)


def pairs(count: int) -> pl.DataFrame:
    ids = [7 * row for row in range(count)]
    return pl.DataFrame({"id": ids, "source": [str(i) for i in ids], "target": [f"zh{i}" for i in ids]})


def scores(rows: list[tuple[int, str, float]]) -> pl.DataFrame:
    return pl.DataFrame([(i, score, not text) for i, text, score in rows], ["id", "score", "is_empty"], orient="row")


def test_the_candidate_nearest_the_reference_is_kept() -> None:
    candidates = [[Translation("猫在家", -0.1), Translation("狗在家里", -0.4), Translation("", -2.0)]]
    assert choose(candidates, ["狗在家里"]) == [Choice("狗在家里", -0.4, 100.0)]


def test_among_equally_near_candidates_the_teachers_first_is_kept() -> None:
    candidates = [[Translation("abc", -0.1), Translation("xyz", -0.2)]]
    assert choose(candidates, ["狗"])[0].text == "abc"


def test_lists_of_unlike_length_keep_their_references() -> None:
    candidates = [[Translation("a", 0.0)], [Translation("x", 0.0), Translation("b", 0.0)], [Translation("c", 0.0)]]
    assert [choice.text for choice in choose(candidates, ["a", "b", "c"])] == ["a", "b", "c"]


def test_without_a_reference_the_teachers_first_is_kept_and_nothing_compared() -> None:
    candidates = [[Translation("abc", -0.1), Translation("xyz", -0.2)]] * 2
    assert choose(candidates, ["", "xyz"]) == [Choice("abc", -0.1, None), Choice("xyz", -0.2, 100.0)]


def test_equal_sources_are_translated_once() -> None:
    asked: list[str] = []

    class Listening(Echo):
        def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
            asked.extend(lines)
            return super().translate(lines, beam=beam, nbest=nbest)

    found = nbest_lists(["2", "1", "2", "2"], Listening(), beam=1, nbest=2)
    assert asked == ["2", "1"]
    assert [nbest[1].text for nbest in found] == ["zh2", "zh1", "zh2", "zh2"]


def test_a_model_of_the_other_direction_judges_the_source_given_the_translation() -> None:
    assert made_of(pairs(3), Backward())["backward"].to_list() == [-1.5, -1.5, -1.5]
    assert made_of(pairs(3))["backward"].null_count() == 3


def test_sources_too_long_to_be_judged_are_the_worst_and_do_not_stop_the_rest(tiny_bundle: Path) -> None:
    sources = ["good morning", "a dog ran home " * 200, "the cat", "we meet", "the cat sat " * 300]
    frame = pl.DataFrame({"id": range(5), "source": sources, "target": [""] * 5})
    candidates = [[Translation("早上好", -0.1)]] * 5
    backward = Bundle.open(tiny_bundle)
    judged = synthetic(frame, candidates, backward)["backward"].to_list()
    assert [judged[1], judged[4]] == [-inf, -inf]
    alone = [synthetic(frame[row : row + 1], candidates[:1], backward)["backward"][0] for row in (0, 2, 3)]
    assert [judged[0], *judged[2:4]] == pytest.approx(alone, abs=1e-4)
    rows = [(row, "x", score) for row, score in enumerate(judged)]
    assert sorted(kept_ids(scores(rows), 0.4)["id"]) == [0, 2, 3]


def test_a_missing_reference_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        choose([[Translation("a", 0.0)], [Translation("b", 0.0)]], ["a"])


def test_every_row_keeps_its_id_its_source_and_its_place() -> None:
    made = made_of(pairs(50))
    assert made["id"].to_list() == pairs(50)["id"].to_list()
    assert made["target"].to_list() == [f"zh{source}" for source in made["source"]]
    assert made.schema == pl.Schema(SCHEMA)


class Understanding(Backward):
    """Finds a source likelier where its translation is right."""

    def score(self, sources: Sequence[str], targets: Sequence[str]) -> list[list[float]]:
        return [[-score for score in scores] for scores in super().score(sources, targets)]


def test_a_judge_is_known_by_telling_own_translations_from_others() -> None:
    right = pairs(10).with_columns(target="zh" + pl.col("source"))
    assert told_apart(Understanding(), right) == 1.0
    assert told_apart(Backward(), right) == 0.0


def test_the_worst_by_their_score_are_dropped() -> None:
    rows = [(0, "a", -0.5), (1, "b", -3.0), (2, "c", -0.1), (3, "d", -0.2)]
    assert set(kept_ids(scores(rows), 0.25)["id"]) == {0, 2, 3}


def test_empty_translations_are_dropped_whatever_their_score() -> None:
    assert kept_ids(scores([(0, "", 0.0), (1, "b", -3.0)]), 0.0)["id"].to_list() == [1]


def test_dropping_is_a_function_of_the_rows_even_when_scores_are_equal() -> None:
    rows = [(row, "x", -1.0) for row in range(10)]
    kept = [sorted(kept_ids(scores(order), 0.5)["id"]) for order in (rows, rows[::-1])]
    assert kept == [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4]]
