"""The gate: may a challenger take the champion's place? A pure function of texts and figures.

Both have translated the same test pairs. With Δ = BLEU(challenger) − BLEU(champion), one-sided tests at level α:

* *not worse* (non-inferiority): H₀ is Δ ≤ −margin, by paired bootstrap (Koehn 2004). The challenger passes only if H₀
  is rejected, so the burden of proof is the challenger's: on a test set too small to tell, it fails. One that is worse
  by just the margin passes about as often as α says, one that is worse still less often.
* *better*, where ``must_improve`` asks for it: H₀ is Δ ≤ 0, by paired bootstrap and by approximate randomisation; both
  must reject it. The second is exact for systems that are equally good, so those pass at most as often as α says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqline.evaluation.metrics import bleu
from seqline.evaluation.significance import Comparison, compare, paired_bootstrap, share
from seqline.evaluation.slices import parts
from seqline.evaluation.sufficient import scores, statistics
from seqline.params.deployment import Promote

MIN_SLICE_PAIRS = 10  # below it BLEU moves by tens of points with one sentence


@dataclass(frozen=True)
class TestSet:
    """The test pairs. ``leaked`` of them stand in the challenger's training data; None: nobody can tell."""

    __test__ = False  # not a test of pytest's

    sources: Sequence[str]
    references: Sequence[str]
    language: str
    leaked: int | None


@dataclass(frozen=True)
class Candidate:
    """What is known of a model: its translations of the test set, in order; MB on disk; latency of single lines."""

    hypotheses: Sequence[str]
    size_mb: float
    p95_ms: float


@dataclass(frozen=True)
class Check:
    """One condition, and in plain words why it holds or not."""

    name: str
    passed: bool
    detail: str


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
    else:
        comparison = compare(
            champion.hypotheses,
            challenger.hypotheses,
            test.references,
            test.language,
            resamples=resamples,
            margin=rules.margin_bleu,
            seed=seed,
        )
        figures |= _figures(comparison)
        checks.append(_not_worse(comparison, rules))
        if rules.must_improve:
            checks.append(_better(comparison, rules))
        checks.append(_slices(challenger, champion, test, rules, resamples, seed))
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
        return Check("no leak", False, "the challenger was trained on other data than data/clean holds; run it again")
    return Check("no leak", test.leaked == 0, f"{test.leaked} test sentences stand in the training data")


def _not_worse(comparison: Comparison, rules: Promote) -> Check:
    detail = f"{_delta(comparison)}; worse by {rules.margin_bleu:g} or more: p = {comparison.p_inferior:.3g}"
    return Check("not worse", comparison.p_inferior <= rules.alpha, f"{detail}, at most {rules.alpha:g} is allowed")


def _better(comparison: Comparison, rules: Promote) -> Check:
    # The randomisation test is two-sided and symmetric: in the direction that was seen it has half the p.
    randomisation = comparison.p_randomisation / 2 if comparison.delta > 0 else 1.0
    p = max(comparison.p_not_better, randomisation)
    detail = f"{_delta(comparison)}; not better: p = {p:.3g}, at most {rules.alpha:g} is allowed"
    return Check("better", p <= rules.alpha, detail)


def _delta(comparison: Comparison) -> str:
    change = f"{comparison.baseline:.2f} → {comparison.candidate:.2f} BLEU"
    return f"{change} ({comparison.delta:+.2f}, 95 % {comparison.low:+.2f} … {comparison.high:+.2f})"


def _slices(
    challenger: Candidate, champion: Candidate, test: TestSet, rules: Promote, resamples: int, seed: int
) -> Check:
    """A slice collapses if it loses more BLEU than allowed and the loss is no accident (paired bootstrap, α)."""
    old_NK = statistics(champion.hypotheses, test.references, test.language)
    new_NK = statistics(challenger.hypotheses, test.references, test.language)
    collapsed, worst = [], (0.0, "none lost")
    for name, belongs in parts(test.sources).items():
        if np.count_nonzero(belongs) < MIN_SLICE_PAIRS:
            continue
        old_bleu, new_bleu = (float(scores(rows[belongs].sum(axis=0, keepdims=True))[0]) for rows in (old_NK, new_NK))
        loss, what = old_bleu - new_bleu, f"{name}: {old_bleu:.1f} → {new_bleu:.1f}"
        worst = max(worst, (loss, what))
        if loss > rules.max_slice_loss:
            deltas_R = paired_bootstrap(old_NK[belongs], new_NK[belongs], "bleu", resamples=resamples, seed=seed)
            if share(deltas_R >= 0) <= rules.alpha:
                collapsed.append(what)
    detail = "; ".join(collapsed) or f"largest loss: {worst[1]}"
    return Check("no slice collapses", not collapsed, f"{detail} (BLEU; {rules.max_slice_loss:g} may be lost)")


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


def _figures(comparison: Comparison) -> dict[str, float]:
    return {
        "champion_bleu": comparison.baseline,
        "challenger_bleu": comparison.candidate,
        "delta_bleu": comparison.delta,
        "delta_low": comparison.low,
        "delta_high": comparison.high,
        "p_inferior": comparison.p_inferior,
        "p_not_better": comparison.p_not_better,
        "p_randomisation": comparison.p_randomisation,
    }
