"""Which model to ship: every candidate's score beside its cost, which of them are dominated, and the choice.

A candidate is *dominated* by one that is no worse in score, size, speed and latency, and better in one of them: no
budget could make it the right choice (the Pareto front).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isclose

from seqline.errors import StageError
from seqline.params.deployment import Select

TEACHER = "teacher"


@dataclass(frozen=True)
class Candidate:
    """A model's figures on the test set.

    Scores in percent; size on disk and peak of resident memory in 10⁶ bytes; source words per second in batches, and
    line by line; latency of single lines in ms. What ``is_deployable``, a bundle of CTranslate2, can be shipped.
    """

    name: str
    bleu: float
    chrf: float
    size_mb: float
    words_per_s: float
    single_words_per_s: float
    p50_ms: float
    p95_ms: float
    peak_rss_mb: float
    is_deployable: bool

    @property
    def merits(self) -> tuple[float, ...]:
        """What more is better of."""
        return self.bleu, self.chrf, -self.size_mb, self.words_per_s, -self.p95_ms

    def dominates(self, other: "Candidate") -> bool:
        """Whether it is no worse in anything, and better in something; a deployable one only yields to such."""
        if other.is_deployable and not self.is_deployable:
            return False
        pairs = list(zip(self.merits, other.merits, strict=True))
        return all(ours >= theirs for ours, theirs in pairs) and any(ours > theirs for ours, theirs in pairs)

    def is_twin_of(self, other: "Candidate", rules: Select) -> bool:
        """Whether what is preferred does not tell the two apart, so that the score does.

        Models of one shape differ in size by less than 1 %; their speeds, measured one after the other, by up to 10 %.
        """
        is_as_large = isclose(self.size_mb, other.size_mb, rel_tol=0.01)
        is_as_fast = isclose(self.words_per_s, other.words_per_s, rel_tol=0.1)
        return {"score": False, "size": is_as_large, "speed": is_as_large and is_as_fast}[rules.prefer]

    def score_share(self, teacher: "Candidate") -> float:
        """What is kept of the teacher's BLEU and of its chrF2, whichever is less."""
        return min(self.bleu / max(teacher.bleu, 1e-9), self.chrf / max(teacher.chrf, 1e-9))


@dataclass(frozen=True)
class Choice:
    """The candidate to ship, and why in plain words."""

    name: str
    reason: str


def dominators(candidates: Sequence[Candidate]) -> dict[str, str]:
    """Of each dominated candidate, one that dominates it and is not dominated itself."""
    front = [one for one in candidates if not any(other.dominates(one) for other in candidates)]
    return {
        one.name: next(other.name for other in front if other.dominates(one)) for one in candidates if one not in front
    }


def teacher_of(candidates: Sequence[Candidate]) -> Candidate:
    """The one that the others are compared with."""
    return next(one for one in candidates if one.name == TEACHER)


def choose(candidates: Sequence[Candidate], rules: Select) -> Choice:
    """The best deployable candidate by ``rules.prefer`` among those that keep within every budget.

    Raises:
        StageError: none does; it names the one that came nearest, and what it misses.
    """
    teacher = teacher_of(candidates)
    deployable = [one for one in candidates if one.is_deployable]
    if not deployable:
        raise StageError("select: no candidate is a CTranslate2 bundle; name one in quantize.models, evaluate.models")
    misses = {one.name: list(_misses(one, teacher, rules)) for one in deployable}
    fitting = [one for one in deployable if not misses[one.name]]
    if not fitting:
        nearest = min(deployable, key=lambda one: (sum(excess for _, excess in misses[one.name]), one.name))
        missed = "; ".join(text for text, _ in misses[nearest.name])
        raise StageError(f"select: no candidate keeps within the budgets; nearest is {nearest.name}: {missed}")
    first = max(fitting, key=lambda one: (_merit(one, rules), one.merits))
    twins = [one for one in fitting if one is first or one.is_twin_of(first, rules)]
    best = max(twins, key=lambda one: one.merits)
    alike = f" (the best score of {len(twins)} that are alike in it)" if len(twins) > 1 else ""
    return Choice(
        best.name,
        f"{_SUPERLATIVES[rules.prefer]} of {len(fitting)} within the budgets{alike}, of {len(deployable)} CTranslate2 "
        f"bundles; it keeps {best.score_share(teacher):.1%} of the teacher's score at {best.size_mb:.1f} MB",
    )


_SUPERLATIVES = {"score": "the best score", "size": "the smallest", "speed": "the fastest"}


def _merit(one: Candidate, rules: Select) -> float:
    return {"score": one.bleu, "size": -one.size_mb, "speed": one.words_per_s}[rules.prefer]


def _misses(one: Candidate, teacher: Candidate, rules: Select) -> Iterator[tuple[str, float]]:
    """The budgets that a candidate misses, and by what share of the budget."""
    share = one.score_share(teacher)
    if share < rules.min_score_share:
        text = (
            f"it keeps {share:.1%} of the teacher's score, select.min_score_share asks for {rules.min_score_share:.1%}"
        )
        yield text, 1 - share / rules.min_score_share
    for name, value, limit, unit in (
        ("max_mb", one.size_mb, rules.max_mb, "MB"),
        ("max_p95_ms", one.p95_ms, rules.max_p95_ms, "ms for 95 % of single lines"),
    ):
        if limit is not None and value > limit:
            yield f"{value:.3g} {unit}, select.{name} allows {limit:g}", value / limit - 1
