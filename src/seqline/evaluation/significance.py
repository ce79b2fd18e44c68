"""Is one system better than another, or was it luck? Paired tests on corpus scores.

Both tests add rows of sufficient statistics (:mod:`seqline.evaluation.sufficient`), so a resample costs one product of
matrices and no text is looked at twice. Everything is a function of the seed.

Legend: R resamples, N sentences, K statistics of a sentence.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from seqline.errors import MismatchError
from seqline.evaluation.metrics import bleu_metric, chrf_metric
from seqline.evaluation.sufficient import Floats, MetricName, scores, statistics

_CHUNK_CELLS = 1 << 20  # sentences × resamples drawn at once: 8 MB, stays near the caches
_ROUNDING = 1e-9  # two sums of the same rows may differ in the last bits; they must count as equal


@dataclass(frozen=True)
class Interval:
    """Where a score lies with the given confidence."""

    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """Two systems on the same sentences.

    ``delta`` is candidate − baseline; ``low`` and ``high`` bound it with 95 % confidence. ``p_bootstrap`` and
    ``p_randomisation`` are two-sided: how likely a difference so large is where there is none. Two are one-sided, from
    the bootstrap: ``p_inferior``, the candidate is worse than the baseline by ``margin`` or more (the larger of the
    percentile and the pivotal p); ``p_not_better``, it is not better at all. (sacreBLEU's own bootstrap p-value is
    another one: it centres |δ| on its mean, as Moses did.)
    """

    metric: MetricName
    baseline: float
    candidate: float
    delta: float
    low: float
    high: float
    p_bootstrap: float
    p_randomisation: float
    p_inferior: float
    p_not_better: float
    margin: float
    num_sentences: int
    resamples: int


@dataclass(frozen=True)
class Comparison(Difference):
    """The same with sacreBLEU's signature of the metric."""

    signature: str


def compare(
    baseline: Sequence[str],
    candidate: Sequence[str],
    references: Sequence[str],
    language: str,
    *,
    metric: MetricName = "bleu",
    resamples: int = 1000,
    margin: float = 0.0,
    seed: int = 1,
) -> Comparison:
    """Compare two systems' hypotheses for the same references by both tests.

    Raises:
        MismatchError: the counts differ.
        InputError: there is nothing to compare.
    """
    a_NK = statistics(baseline, references, language, metric)
    b_NK = statistics(candidate, references, language, metric)
    found = difference(a_NK, b_NK, metric, resamples=resamples, margin=margin, seed=seed)
    return Comparison(**vars(found), signature=_signature(references[:1], language, metric))


def difference(
    a_NK: Floats, b_NK: Floats, metric: MetricName, *, resamples: int, margin: float, seed: int
) -> Difference:
    """Compare a baseline a and a candidate b by both tests, from their counts.

    The same seed draws the same resamples for every metric.

    Raises:
        MismatchError: the systems have different numbers of sentences.
    """
    deltas_R = paired_bootstrap(a_NK, b_NK, metric, resamples=resamples, seed=seed)
    low, high = np.quantile(deltas_R, (0.025, 0.975))
    score_a, score_b = whole(a_NK, metric), whole(b_NK, metric)
    not_better, not_worse = share(deltas_R <= _ROUNDING), share(deltas_R >= -_ROUNDING)
    return Difference(
        metric=metric,
        baseline=score_a,
        candidate=score_b,
        delta=score_b - score_a,
        low=float(low),
        high=float(high),
        p_bootstrap=min(1.0, 2.0 * min(not_better, not_worse)),
        p_randomisation=paired_approximate_randomisation(a_NK, b_NK, metric, trials=resamples, seed=seed),
        p_inferior=_inferior(deltas_R, score_b - score_a, margin),
        p_not_better=not_better,
        margin=margin,
        num_sentences=len(a_NK),
        resamples=resamples,
    )


def paired_bootstrap(a_NK: Floats, b_NK: Floats, metric: MetricName, *, resamples: int, seed: int) -> Floats:
    """Differences b − a in corpus score, (R,), each on sentences drawn with replacement (Koehn 2004).

    Raises:
        MismatchError: the systems have different numbers of sentences.
    """
    _check_pairs(a_NK, b_NK)
    size = len(a_NK)
    return np.concatenate(
        [
            scores(counts_RN @ b_NK, metric) - scores(counts_RN @ a_NK, metric)
            for counts_RN in _chunks(_draw_with_replacement, size, resamples, seed)
        ]
    )


def paired_approximate_randomisation(
    a_NK: Floats, b_NK: Floats, metric: MetricName, *, trials: int, seed: int
) -> float:
    """Two-sided p-value: how often systems whose outputs are swapped at random per sentence differ as much.

    ``p = (1 + #{|δ'| ≥ |δ|}) / (1 + trials)`` (Riezler & Maxwell 2005; Noreen 1989).

    Raises:
        MismatchError: the systems have different numbers of sentences.
    """
    _check_pairs(a_NK, b_NK)
    observed = abs(whole(b_NK, metric) - whole(a_NK, metric))
    difference_NK, sum_K = b_NK - a_NK, a_NK.sum(axis=0)
    total_K = sum_K + b_NK.sum(axis=0)
    as_large = 0
    for swap_RN in _chunks(_toss, len(a_NK), trials, seed):
        shuffled_RK = sum_K + swap_RN @ difference_NK
        deltas_R = scores(total_K - shuffled_RK, metric) - scores(shuffled_RK, metric)
        as_large += int(np.count_nonzero(np.abs(deltas_R) >= observed - _ROUNDING))
    return (1 + as_large) / (1 + trials)


def bootstrap_interval(
    hypotheses: Sequence[str],
    references: Sequence[str],
    language: str,
    *,
    metric: MetricName = "bleu",
    resamples: int = 1000,
    seed: int = 1,
) -> Interval:
    """The 95 % percentile interval of a corpus score over sentences drawn with replacement (Koehn 2004).

    Raises:
        MismatchError: the counts differ.
        InputError: there is nothing to score.
    """
    rows_NK = statistics(hypotheses, references, language, metric)
    drawn = _chunks(_draw_with_replacement, len(rows_NK), resamples, seed)
    scores_R = np.concatenate([scores(counts_RN @ rows_NK, metric) for counts_RN in drawn])
    low, high = np.quantile(scores_R, (0.025, 0.975))
    return Interval(float(low), float(high))


def _inferior(deltas_R: Floats, delta: float, margin: float) -> float:
    """p of "worse by the margin or more": of the percentile and the pivotal bootstrap, the one that doubts more.

    Where few sentences differ the resamples are skewed and the two disagree; the first alone rejects more often than
    it says (docs/log.md).
    """
    percentile = share(deltas_R <= -margin + _ROUNDING)
    return max(percentile, share(deltas_R - delta >= delta + margin - _ROUNDING))


def share(true_R: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """The share of resamples that hold, with one added to both counts: no finite number of them proves p = 0."""
    return (1 + int(np.count_nonzero(true_R))) / (1 + len(true_R))


Draw = Callable[[np.random.Generator, int, int], Floats]


def _chunks(draw: Draw, size: int, resamples: int, seed: int) -> Iterator[Floats]:
    generator = np.random.default_rng(seed)
    step = max(1, _CHUNK_CELLS // size)
    for begin in range(0, resamples, step):
        yield draw(generator, min(step, resamples - begin), size)


def _draw_with_replacement(generator: np.random.Generator, rows: int, size: int) -> Floats:
    """How often each sentence is in each resample, (rows, size): N draws among N sentences."""
    drawn = generator.integers(0, size, (rows, size))
    drawn += np.arange(rows)[:, None] * size
    return np.bincount(drawn.ravel(), minlength=rows * size).reshape(rows, size).astype(np.float64)


def _toss(generator: np.random.Generator, rows: int, size: int) -> Floats:
    """A fair coin per sentence and trial, (rows, size): 1.0 where the two systems change places."""
    return generator.integers(0, 2, (rows, size), dtype=np.int8).astype(np.float64)


def whole(rows_NK: Floats, metric: MetricName) -> float:
    """The corpus score of all rows together."""
    return float(scores(rows_NK.sum(axis=0, keepdims=True), metric)[0])


def _signature(references: Sequence[str], language: str, metric: MetricName) -> str:
    counter = bleu_metric(language) if metric == "bleu" else chrf_metric()
    counter.corpus_score(list(references), [list(references)])  # the signature is known only after scoring
    return str(counter.get_signature())


def _check_pairs(a_NK: Floats, b_NK: Floats) -> None:
    if len(a_NK) != len(b_NK):
        raise MismatchError(f"{len(a_NK)} sentences against {len(b_NK)}: a paired test needs the same ones")
