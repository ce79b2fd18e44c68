"""A challenger against the champion on the same sentences: is it not worse, is it better, does a part of them collapse?

From counts alone (:mod:`seqline.evaluation.sufficient`), so a thousand contests take no longer than their resamples.
With Δ = challenger − champion in BLEU and in chrF2, one-sided tests at level α:

* *not worse* (non-inferiority): H₀ is Δ ≤ −margin, by paired bootstrap (Koehn 2004), percentile and pivotal. The
  challenger passes only if both reject H₀, so the burden of proof is the challenger's: on a test set too small to
  tell, it fails. One that is worse by just the margin passes about as often as α says, a worse one less often.
* *better*, where ``must_improve`` asks for it: H₀ is Δ ≤ 0, by paired bootstrap and by approximate randomisation; both
  must reject it. The second is exact for systems that are equally good, so those pass at most as often as α says.

Both metrics must pass. What is tested so is the union of two hypotheses, "worse in BLEU, or worse in chrF2". If it is
true, one of the two is, and passing needs a rejection of that one, which happens at most as often as α says: the level
holds without a correction (intersection–union test, Berger 1982). What it costs is power, where the metrics disagree.
A bootstrap is at its level in the limit only; what the gate really does, `python benchmarks/gate.py` tells.

Legend: N sentences, K statistics of a sentence.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from seqline.evaluation.significance import Difference, difference, paired_approximate_randomisation, whole
from seqline.evaluation.slices import Parts
from seqline.evaluation.sufficient import Floats, MetricName, statistics
from seqline.params.deployment import Promote

METRICS: Final[Mapping[MetricName, str]] = {"bleu": "BLEU", "chrf": "chrF2"}
"""What is tested, and what people call it."""
MIN_SLICE_PAIRS = 10  # below it BLEU moves by tens of points with one sentence

Counts = Mapping[MetricName, Floats]
"""Per metric the rows of a system, (N, K)."""


@dataclass(frozen=True)
class Check:
    """One condition, and in plain words why it holds or not."""

    name: str
    passed: bool
    detail: str


def counts(hypotheses: Sequence[str], references: Sequence[str], language: str) -> Counts:
    """What a system's hypotheses count in both metrics.

    Raises:
        MismatchError: hypotheses and references differ in number.
        InputError: there are none.
    """
    return {metric: statistics(hypotheses, references, language, metric) for metric in METRICS}


def differences(champion: Counts, challenger: Counts, rules: Promote, *, resamples: int, seed: int) -> list[Difference]:
    """Both tests on each metric."""
    margins = {"bleu": rules.margin_bleu, "chrf": rules.margin_chrf}
    return [
        difference(champion[metric], challenger[metric], metric, resamples=resamples, margin=margins[metric], seed=seed)
        for metric in METRICS
    ]


def checks_of(found: Sequence[Difference], rules: Promote) -> list[Check]:
    """Not worse in each metric and, where it must be, better."""
    checks = [_not_worse(one, rules.alpha) for one in found]
    return checks + [_better(one, rules.alpha) for one in found] if rules.must_improve else checks


def collapse(champion: Counts, challenger: Counts, parts: Parts, rules: Promote, *, resamples: int, seed: int) -> Check:
    """A slice collapses if it loses more BLEU or chrF2 than allowed and the loss is no accident.

    That is tested by approximate randomisation, exact however few sentences a slice has, at α over all slices and both
    metrics together (Bonferroni): equally good systems are held back by slices at most as often as α says. Short
    sentences have no 4-grams, so that a slice of them may have no BLEU to lose; chrF2 tells there.
    """
    judged = {name: belongs for name, belongs in parts.items() if np.count_nonzero(belongs) >= MIN_SLICE_PAIRS}
    tests = len(judged) * len(METRICS)
    trials = max(resamples, math.ceil(2 * tests / rules.alpha))  # enough for a p as small as is asked for
    collapsed, worst = [], (0.0, "none lost")
    for (name, belongs), (metric, label) in product(judged.items(), METRICS.items()):
        old_NK, new_NK = champion[metric][belongs], challenger[metric][belongs]
        old, new = whole(old_NK, metric), whole(new_NK, metric)
        loss, what = old - new, f"{name}: {old:.1f} → {new:.1f} {label}"
        worst = max(worst, (loss, what))
        if loss > rules.max_slice_loss:
            p = paired_approximate_randomisation(old_NK, new_NK, metric, trials=trials, seed=seed) / 2
            if p <= rules.alpha / tests:
                collapsed.append(what)
    detail = "; ".join(collapsed) or f"largest loss: {worst[1]}"
    return Check("no slice collapses", not collapsed, f"{detail} ({rules.max_slice_loss:g} may be lost)")


def figures_of(found: Sequence[Difference]) -> dict[str, float]:
    """What the tests looked at, by name: ``challenger_bleu``, ``delta_chrf``, ``p_inferior_chrf``, …"""
    return {
        f"{name}_{one.metric}": value
        for one in found
        for name, value in {
            "champion": one.baseline,
            "challenger": one.candidate,
            "delta": one.delta,
            "delta_low": one.low,
            "delta_high": one.high,
            "p_inferior": one.p_inferior,
            "p_not_better": one.p_not_better,
            "p_randomisation": one.p_randomisation,
        }.items()
    }


def _not_worse(one: Difference, alpha: float) -> Check:
    label = METRICS[one.metric]
    detail = f"{_delta(one)}; worse by {one.margin:g} or more: p = {one.p_inferior:.3g}, at most {alpha:g} is allowed"
    return Check(f"not worse in {label}", one.p_inferior <= alpha, detail)


def _better(one: Difference, alpha: float) -> Check:
    # The randomisation test is two-sided and symmetric: in the direction that was seen it has half the p.
    randomisation = one.p_randomisation / 2 if one.delta > 0 else 1.0
    p = max(one.p_not_better, randomisation)
    detail = f"{_delta(one)}; not better: p = {p:.3g}, at most {alpha:g} is allowed"
    return Check(f"better in {METRICS[one.metric]}", p <= alpha, detail)


def _delta(one: Difference) -> str:
    change = f"{one.baseline:.2f} → {one.candidate:.2f} {METRICS[one.metric]}"
    return f"{change} ({one.delta:+.2f}, 95 % {one.low:+.2f} … {one.high:+.2f})"
