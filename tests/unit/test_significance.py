import random
import time

import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.significance import PairedTest

from seqline.errors import InputError, MismatchError
from seqline.evaluation import significance, sufficient
from seqline.evaluation.sufficient import MetricName

ALPHABET = "我你他喜欢喝茶每天早上三杯昨去哪儿了吗的在北京看书买东西"


def _references(count: int, seed: int = 1) -> list[str]:
    chance = random.Random(seed)
    return ["".join(chance.choices(ALPHABET, k=chance.randint(1, 30))) + "。" for _ in range(count)]


def _damaged(lines: list[str], rate: float, seed: int) -> list[str]:
    chance = random.Random(seed)
    return ["".join(c if chance.random() > rate else chance.choice(ALPHABET) for c in line) for line in lines]


REFERENCES = _references(300)
GOOD, SAME, BAD = _damaged(REFERENCES, 0.2, 2), _damaged(REFERENCES, 0.2, 3), _damaged(REFERENCES, 0.35, 4)


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_scores_from_statistics_equal_sacrebleus_own(rate: float) -> None:
    hypotheses = [*_damaged(REFERENCES, rate, 5), ""]
    references = [*REFERENCES, "空"]
    metrics: list[tuple[MetricName, BLEU | CHRF]] = [("bleu", BLEU(tokenize="zh")), ("chrf", CHRF())]
    for name, metric in metrics:
        sums = sufficient.statistics(hypotheses, references, "zh", name).sum(axis=0, keepdims=True)
        ours = sufficient.scores(sums, name)[0]
        assert ours == pytest.approx(metric.corpus_score(hypotheses, [references]).score, abs=1e-9)


@pytest.mark.parametrize(
    ("hypothesis", "reference"),
    [
        ("", "a b c d e"),
        ("a", "a b c d e"),
        ("a b c", "a b c"),
        ("a x b y", "a b c d"),
        ("x y", "a b"),
        ("a b c d", ""),
    ],
)
@pytest.mark.parametrize("metric", ["bleu", "chrf"])
def test_degenerate_sentences_score_as_in_sacrebleu(metric: MetricName, hypothesis: str, reference: str) -> None:
    sums = sufficient.statistics([hypothesis], [reference], "de", metric)
    theirs = (BLEU() if metric == "bleu" else CHRF()).corpus_score([hypothesis], [[reference]]).score
    assert sufficient.scores(sums, metric)[0] == pytest.approx(theirs, abs=1e-9)


def test_a_clearly_better_system_is_significantly_better() -> None:
    result = significance.compare(BAD, GOOD, REFERENCES, "zh")
    assert result.delta == pytest.approx(result.candidate - result.baseline)
    assert result.delta > 5
    assert 0 < result.low < result.delta < result.high
    assert max(result.p_bootstrap, result.p_randomisation, result.p_not_better, result.p_inferior) < 0.01


def test_a_clearly_worse_system_is_inferior_beyond_the_margin() -> None:
    result = significance.compare(GOOD, BAD, REFERENCES, "zh", margin=0.5)
    assert result.high < 0
    assert result.p_inferior > 0.99
    assert result.p_randomisation < 0.01


def test_a_single_sentence_proves_nothing_in_either_direction() -> None:
    """The percentile bootstrap asks how often it is drawn twice (26 %), the pivotal one how often never (37 %)."""
    spoilt = ["", *GOOD[1:]]
    loss = -significance.compare(GOOD, spoilt, REFERENCES, "zh").delta
    result = significance.compare(GOOD, spoilt, REFERENCES, "zh", margin=1.7 * loss)
    assert result.p_inferior == pytest.approx(np.exp(-1), abs=0.05)


def test_a_system_never_differs_from_itself() -> None:
    result = significance.compare(GOOD, GOOD, REFERENCES, "zh", margin=0.5)
    assert (result.delta, result.low, result.high) == (0.0, 0.0, 0.0)
    assert result.p_bootstrap == result.p_randomisation == result.p_not_better == 1.0
    assert result.p_inferior < 0.01


def test_equal_systems_are_called_different_no_more_often_than_the_level_says() -> None:
    pool = _references(2000, seed=9)
    first = sufficient.statistics(_damaged(pool, 0.3, 10), pool, "zh")
    second = sufficient.statistics(_damaged(pool, 0.3, 11), pool, "zh")
    chance = np.random.default_rng(12)
    calls = {"randomisation": 0, "bootstrap": 0}
    for seed in range(400):
        rows = chance.choice(len(pool), 200, replace=False)
        swap = chance.integers(0, 2, (200, 1), dtype=np.int64) == 1  # equal by construction: who is who is a coin toss
        a, b = np.where(swap, first[rows], second[rows]), np.where(swap, second[rows], first[rows])
        p = significance.paired_approximate_randomisation(a, b, "bleu", trials=400, seed=seed)
        calls["randomisation"] += p <= 0.05
        deltas = significance.paired_bootstrap(a, b, "bleu", resamples=400, seed=seed)
        calls["bootstrap"] += 2 * min(significance.share(deltas <= 0), significance.share(deltas >= 0)) <= 0.05
    assert all(count <= 34 for count in calls.values()), calls  # 20 expected; more than 34 has probability 0.001


def test_the_randomisation_p_value_agrees_with_sacrebleus_and_the_bootstrap_is_near_it() -> None:
    for first, second in ((SAME, GOOD), (_damaged(REFERENCES, 0.24, 6), GOOD)):
        ours = significance.compare(first, second, REFERENCES, "zh", resamples=4000)
        test = PairedTest([("a", first), ("b", second)], {"BLEU": BLEU(tokenize="zh")}, [REFERENCES], n_samples=2000)
        assert ours.p_randomisation == pytest.approx(test()[1]["BLEU"][1].p_value, abs=0.04)
        assert ours.p_bootstrap == pytest.approx(ours.p_randomisation, abs=0.06)


def test_the_interval_holds_the_score_and_agrees_with_sacrebleus_bootstrap() -> None:
    interval = significance.bootstrap_interval(GOOD, REFERENCES, "zh", resamples=2000)
    metric = BLEU(tokenize="zh")
    score = metric.corpus_score(GOOD, [REFERENCES], n_bootstrap=1000)
    assert interval.low < score.score < interval.high
    assert (interval.high - interval.low) / 2 == pytest.approx(score._ci, rel=0.15)


def test_the_same_seed_gives_the_same_figures_and_another_seed_others() -> None:
    first, again = (significance.compare(SAME, GOOD, REFERENCES, "zh", seed=7) for _ in range(2))
    other = significance.compare(SAME, GOOD, REFERENCES, "zh", seed=8)
    assert first == again
    assert (first.low, first.high) != (other.low, other.high)


def test_chrf_is_compared_by_the_same_tests() -> None:
    result = significance.compare(BAD, GOOD, REFERENCES, "zh", metric="chrf")
    assert result.p_randomisation < 0.01
    assert "nc:6" in result.signature


def test_unequal_counts_and_empty_sets_are_refused() -> None:
    with pytest.raises(MismatchError, match="299 hypotheses but 300 references"):
        significance.compare(GOOD, BAD[:-1], REFERENCES, "zh")
    with pytest.raises(InputError, match="nothing to score"):
        significance.bootstrap_interval([], [], "zh")
    rows = np.zeros((3, 10))
    with pytest.raises(MismatchError, match="3 sentences against 2"):
        significance.paired_bootstrap(rows, rows[:2], "bleu", resamples=10, seed=1)


def test_ten_thousand_resamples_of_two_thousand_sentences_take_less_than_two_seconds() -> None:
    chance = np.random.default_rng(1)
    totals = chance.integers(5, 40, (2000, 1)) - np.array([0, 0, 0, 1, 2, 3, 0, 1, 2, 3])
    rows = totals.astype(np.float64)
    begin = time.process_time()
    significance.paired_bootstrap(rows, rows, "bleu", resamples=10_000, seed=1)
    significance.paired_approximate_randomisation(rows, rows, "bleu", trials=10_000, seed=1)
    assert time.process_time() - begin < 4.0  # processor time of two cores; about 0.4 s when the machine is free
