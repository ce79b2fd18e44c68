"""How far what comes has moved from what the model was trained on.

Two samples are as far apart as their distributions at the point where these differ most: the statistic of Kolmogorov
and Smirnov, D = max |F₁(x) − F₂(x)|, from 0 (alike) to 1. With many lines the smallest D is significant, so no p-value
is asked for: limits say how far is too far.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqline.params.deployment import Drift as Limits


@dataclass(frozen=True)
class Sample:
    """Lines, one figure each: pieces, of these spelt in bytes, log-probability per piece of their translations.

    ``scores`` may be of fewer lines: of those that the same model translated in the same way. ``languages`` is None of
    lines that are known to be in the model's own.
    """

    pieces: NDArray[np.int64]
    spelt: NDArray[np.int64]
    scores: NDArray[np.float64]
    languages: Sequence[str] | None = None


@dataclass(frozen=True)
class Figure:
    """How far one property has moved, what that is of (before, now), and how far it may."""

    name: str
    moved: float
    before: float
    now: float
    limit: float

    @property
    def is_beyond(self) -> bool:
        """Whether it moved further than it may."""
        return self.moved > self.limit


def figures(trained: Sample, live: Sample, language: str, limits: Limits) -> list[Figure]:
    """Every property of the live lines beside those of training; lines in ``language`` are the model's own.

    Medians stand for lengths and scores; a better score is no drift, so scores count as moved only downwards. Too few
    scores say nothing and are left out.
    """
    length = ("length", distance(trained.pieces, live.pieces), _median(trained.pieces), _median(live.pieces))
    before, now = _share(trained), _share(live)
    found = [
        Figure(*length, limit=limits.max_length_distance),
        Figure("pieces spelt in bytes", max(0.0, now - before), before, now, limits.max_spelt_share),
    ]
    if len(live.scores) >= limits.min_lines:
        found.append(_confidence(trained, live, limits))
    if live.languages is not None:
        foreign = float(np.mean([one not in (language, "zxx") for one in live.languages])) if live.languages else 0.0
        found.append(Figure("other languages", foreign, 0.0, foreign, limits.max_foreign_share))
    return found


def _confidence(trained: Sample, live: Sample, limits: Limits) -> Figure:
    before, now = _median(trained.scores), _median(live.scores)
    moved = distance(trained.scores, live.scores) if now < before else 0.0
    return Figure("confidence", moved, before, now, limits.max_confidence_distance)


def distance(first: ArrayLike, second: ArrayLike) -> float:
    """max |F₁(x) − F₂(x)| of two samples that are not empty."""
    a, b = np.sort(np.asarray(first, np.float64)), np.sort(np.asarray(second, np.float64))
    points = np.concatenate([a, b])
    shares = [np.searchsorted(sample, points, side="right") / len(sample) for sample in (a, b)]
    return float(np.abs(shares[0] - shares[1]).max())


def _median(values: ArrayLike) -> float:
    return float(np.median(np.asarray(values, np.float64)))


def _share(sample: Sample) -> float:
    return float(sample.spelt.sum() / max(1, sample.pieces.sum()))
