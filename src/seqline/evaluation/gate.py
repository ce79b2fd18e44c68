"""The gate: may a challenger take the champion's place? A pure function of texts and figures.

Both have translated the same test pairs. The challenger must be not worse in BLEU and not worse in chrF2, and better in
both where ``must_improve`` asks for it; no slice may collapse (:mod:`seqline.evaluation.contest` holds the tests and
what their level α means). Besides: a test set large enough, no leak, budgets of size and latency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seqline.evaluation.contest import Check, checks_of, collapse, counts, differences, figures_of
from seqline.evaluation.metrics import bleu, chrf
from seqline.evaluation.slices import parts
from seqline.params.deployment import Promote

__all__ = ["Candidate", "Check", "Decision", "TestSet", "decide"]


@dataclass(frozen=True)
class TestSet:
    """The test pairs, with the corpus of each where it is known.

    ``leaked`` of them stand in what the challenger has learnt from; None: nobody can tell.
    """

    __test__ = False  # not a test of pytest's

    sources: Sequence[str]
    references: Sequence[str]
    language: str
    leaked: int | None
    corpora: Sequence[str] = ()


@dataclass(frozen=True)
class Candidate:
    """What is known of a model: its translations of the test set, in order; MB on disk; latency of single lines."""

    hypotheses: Sequence[str]
    size_mb: float
    p95_ms: float


@dataclass(frozen=True)
class Decision:
    """Whether to promote: only if every check passed. ``figures`` are what the checks looked at."""

    promote: bool
    checks: tuple[Check, ...]
    figures: Mapping[str, float]


def decide(
    challenger: Candidate, champion: Candidate | None, test: TestSet, rules: Promote, *, resamples: int, seed: int
) -> Decision:
    """Judge a challenger against the champion. Where there is none yet, only what needs no champion is checked.

    Raises:
        MismatchError: hypotheses and references differ in number.
        InputError: the test set is empty.
    """
    checks = [_test_size(test, rules), _leak(test)]
    figures = {"test_pairs": float(len(test.references))}
    if champion is None:
        figures["challenger_bleu"] = bleu(challenger.hypotheses, test.references, test.language).value
        figures["challenger_chrf"] = chrf(challenger.hypotheses, test.references).value
    else:
        old, new = (counts(one.hypotheses, test.references, test.language) for one in (champion, challenger))
        found = differences(old, new, rules, resamples=resamples, seed=seed)
        figures |= figures_of(found)
        checks += checks_of(found, rules)
        slices = parts(test.sources, test.corpora)
        checks.append(collapse(old, new, slices, rules, resamples=resamples, seed=seed))
    checks += _budgets(challenger, rules)
    for side, candidate in (("champion", champion), ("challenger", challenger)):
        if candidate:
            figures |= {f"{side}_size_mb": candidate.size_mb, f"{side}_p95_ms": candidate.p95_ms}
    rounded = {name: round(value, 6) for name, value in figures.items()}
    return Decision(all(check.passed for check in checks), tuple(checks), rounded)


def _test_size(test: TestSet, rules: Promote) -> Check:
    size = len(test.references)
    return Check("test size", size >= rules.min_test_pairs, f"{size} pairs, at least {rules.min_test_pairs} are needed")


def _leak(test: TestSet) -> Check:
    if test.leaked is None:
        known = "it, or what it started from, was trained on other data than data/clean or DVC's cache holds"
        return Check("no leak", False, f"nobody can tell: {known}")
    return Check("no leak", test.leaked == 0, f"{test.leaked} test sentences stand in the training data")


def _budgets(challenger: Candidate, rules: Promote) -> list[Check]:
    budgets = (
        ("size", challenger.size_mb, rules.max_mb, "MB"),
        ("latency", challenger.p95_ms, rules.max_p95_ms, "ms for 95 % of single lines"),
    )
    return [
        Check(name, value <= limit, f"{value:.3g} {unit}, at most {limit:g} is allowed")
        for name, value, limit, unit in budgets
        if limit is not None
    ]
