"""The lexicon, and what it makes of misaligned and truncated pairs."""

import numpy as np
import polars as pl
import pytest

from seqline.cleaning.language import language
from seqline.cleaning.lexicon import learn, vocabulary, words
from seqline.cleaning.pairscore import MIN_PAIRS, Schooling
from seqline.cleaning.pairscore import learn as learn_judge
from seqline.cleaning.planting import FAULTS, plant
from seqline.cleaning.shape import max_length_ratio
from seqline.cleaning.threshold import log_odds, logistic_regression, valley

LANGUAGES = (language("en"), language("zh"))
SCHOOL = Schooling(LANGUAGES, [max_length_ratio(2.5)], 1)
WORDS = "red blue big small old new cat dog house book tea car sees buys likes sells finds makes one two"
ENGLISH = WORDS.split()
CHINESE = "红蓝大小旧新猫狗屋书茶车见买爱卖找做一二"


def faulty(pairs: pl.DataFrame) -> pl.DataFrame:
    judge = learn_judge(pairs, SCHOOL)
    assert judge
    return judge.faults(pairs)


def sentences(count: int, seed: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    draws = [random.integers(0, len(ENGLISH), random.integers(4, 12)) for _ in range(count)]
    source = [" ".join(ENGLISH[index] for index in draw) + "." for draw in draws]
    target = ["".join(CHINESE[index] for index in draw) + "。" for draw in draws]
    return pl.DataFrame({"row": np.arange(count), "source": source, "target": target})


def test_model_1_learns_which_word_gives_which() -> None:
    pairs = sentences(500, 1)
    known = [vocabulary(pairs[side]) for side in ("source", "target")]
    source, target = words(pairs["source"], known[0]), words(pairs["target"], known[1])
    lexicon = learn(source, target, np.arange(500))
    ids = [dict(side.select("word", "id").iter_rows()) for side in known]
    for english, chinese in zip(ENGLISH, CHINESE, strict=True):
        row = lexicon.table[ids[0][english]]
        assert row.argmax() == ids[1][chinese]
        assert row[ids[1][chinese]] > 0.6
    assert lexicon.table.sum(axis=1)[1 : len(known[0])] == pytest.approx(1.0, abs=1e-5)


def test_model_1_agrees_with_the_equations_written_out() -> None:
    pairs = pl.DataFrame({"source": ["a b", "a c", "b"], "target": ["甲 乙", "甲 丙", "乙"]})
    known = [vocabulary(pl.concat([pairs[side]] * 2)) for side in ("source", "target")]
    source, target = words(pairs["source"], known[0]), words(pairs["target"], known[1])
    table = learn(source, target, np.arange(3)).table
    past = [[0, *source.ids[source.starts[i] : source.starts[i + 1]]] for i in range(3)]
    found = [list(target.ids[target.starts[i] : target.starts[i + 1]]) for i in range(3)]
    expected = {(e, f): 1.0 for i in range(3) for e in past[i] for f in found[i]}
    for _ in range(4):
        counts: dict[tuple[int, int], float] = dict.fromkeys(expected, 0.0)
        for es, fs in zip(past, found, strict=True):
            for f in fs:
                total = sum(expected[e, f] for e in es)
                for e in es:
                    counts[e, f] += expected[e, f] / total
        sums: dict[int, float] = {}
        for (e, _f), count in counts.items():
            sums[e] = sums.get(e, 0.0) + count
        expected = {(e, f): count / sums[e] for (e, f), count in counts.items()}
    for (e, f), probability in expected.items():
        assert table[e, f] == pytest.approx(probability, abs=1e-6)


def test_words_know_their_places() -> None:
    known = vocabulary(pl.Series(["a b c", "a b c"]))
    found = words(pl.Series(["a x c", "", "b"]), known)
    assert found.places.tolist() == [0.0, 1.0, 0.0]
    assert found.counts().tolist() == [2, 0, 1]


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_found_and_clean_pairs_stay(fault: str) -> None:
    pairs = sentences(4000, 2)
    spoilt = np.arange(0, 4000, 40)
    damaged = plant(pairs[spoilt], fault, LANGUAGES, np.random.default_rng(3))  # type: ignore[arg-type]
    mixed = pairs.with_columns(
        pairs["source"].clone().scatter(spoilt, damaged["source"]),
        pairs["target"].clone().scatter(spoilt, damaged["target"]),
    )
    dropped = set(faulty(mixed)["row"])
    assert len(dropped & set(spoilt.tolist())) >= 95
    assert len(dropped - set(spoilt.tolist())) <= 20


def test_a_clean_corpus_loses_next_to_nothing() -> None:
    assert len(faulty(sentences(4000, 4))) <= 8


def test_a_tiny_corpus_is_not_judged() -> None:
    assert learn_judge(sentences(MIN_PAIRS - 1, 5), SCHOOL) is None


def test_the_same_seed_drops_the_same_pairs() -> None:
    pairs = sentences(2500, 6)
    assert faulty(pairs).equals(faulty(pairs))


def test_a_judge_says_the_same_of_a_pair_whatever_stands_beside_it() -> None:
    pairs = sentences(3000, 7)
    spoilt = pl.concat([pairs[:1500], pairs[1500:].with_columns(pl.col("target").reverse())])
    judge = learn_judge(spoilt[:2400], SCHOOL)
    assert judge
    alone = pl.concat(judge.faults(part) for part in spoilt.iter_slices(170))
    assert alone.equals(judge.faults(spoilt))
    assert len(alone) > 100


def test_logistic_regression_finds_the_direction_of_the_difference() -> None:
    random = np.random.default_rng(1)
    clean, bad = random.normal(0, 1, (4000, 2)), random.normal((2, 0), 1, (500, 2))
    weights = logistic_regression(clean, bad)
    # Two unit Gaussians two apart, equally weighted: the log odds are 2 x − 2.
    assert weights == pytest.approx([2.0, 0.0, -2.0], abs=0.25)
    assert log_odds(np.array([[1.0, 0.0]]), weights)[0] == pytest.approx(0.0, abs=0.2)


@pytest.mark.parametrize("share", [0.002, 0.03, 0.3])
@pytest.mark.parametrize("shift", [-2.0, 0.0, 2.0])
def test_the_threshold_lies_in_the_valley_wherever_the_faults_lie(share: float, shift: float) -> None:
    random = np.random.default_rng(2)
    count = round(10_000 * share)
    clean, faults = random.normal(0, 1, 10_000 - count), random.normal(10 + shift, 1, count)
    threshold = valley(np.concatenate([clean, faults]), random.normal(10, 1, 2000))
    assert (faults >= threshold).mean() >= 0.98
    assert (clean >= threshold).sum() <= 2


def test_without_faults_nothing_lies_beyond_the_threshold() -> None:
    random = np.random.default_rng(3)
    clean = random.normal(0, 1, 10_000)
    assert (clean >= valley(clean, random.normal(8, 1, 2000))).sum() == 0


def test_scores_that_cannot_tell_drop_nothing() -> None:
    random = np.random.default_rng(4)
    assert valley(random.normal(0, 1, 5000), random.normal(0.5, 1, 2000)) == float("inf")
