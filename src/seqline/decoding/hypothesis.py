"""A hypothesis of a search, and what a sentence demands of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from seqline.types import Search

_LEAST_COVERAGE = 1e-9


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Target ids without BOS and EOS, and the score: log P / length^α, EOS counted, plus what coverage adds."""

    ids: tuple[int, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Required:
    """A ``Demand`` in pieces."""

    prefix: tuple[int, ...] = ()
    phrases: tuple[tuple[int, ...], ...] = ()

    @property
    def num_pieces(self) -> int:
        """How many pieces are fixed."""
        return len(self.prefix) + sum(map(len, self.phrases))


def normalised(total: float, length: int, search: Search, coverage_S: Tensor | None = None) -> float:
    """The score of a hypothesis from its log-probability and its length, EOS counted (Wu et al. 2016, equation 14).

    ``coverage_S`` is the attention that each real source piece got.
    """
    score = total / float(length**search.length_penalty)
    if coverage_S is None:
        return score
    return score + search.coverage_penalty * coverage_S.clamp(_LEAST_COVERAGE, 1.0).log().sum().item()


def best(hypotheses: Sequence[Hypothesis], nbest: int) -> list[Hypothesis]:
    """The best distinct ones, best first."""
    distinct = {hypothesis.ids: hypothesis for hypothesis in reversed(hypotheses)}
    return sorted(distinct.values(), key=lambda hypothesis: -hypothesis.score)[:nbest]
