"""The gate on planted systems: noisy copies of random references, whose true difference is known."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from seqline.errors import MismatchError
from seqline.evaluation.contest import collapse, counts
from seqline.evaluation.gate import Candidate, Decision, TestSet, decide
from seqline.evaluation.metrics import Score, bleu, chrf
from seqline.evaluation.slices import parts
from seqline.params.deployment import Promote

RULES = Promote(
    margin_bleu=0.5, margin_chrf=0.5, alpha=0.05, must_improve=False, min_test_pairs=50, max_slice_loss=5.0,
    max_mb=None, max_p95_ms=None,
)  # fmt: skip
WORDS = [f"w{number}" for number in range(500)]


def make_test(size: int = 200, seed: int = 0) -> TestSet:
    rng = np.random.default_rng(seed)
    references = [
        " ".join(WORDS[word] for word in rng.integers(0, len(WORDS), rng.integers(6, 14))) for _ in range(size)
    ]
    return TestSet(["x" * (1 + len(reference)) for reference in references], references, "en", leaked=0)


def system(test: TestSet, right: float, seed: int, wrong: str = "{other}") -> Candidate:
    """A system that writes each word of the reference with probability ``right``, else what ``wrong`` says."""
    rng = np.random.default_rng([seed, 1])

    def written(word: str) -> str:
        other = WORDS[rng.integers(len(WORDS))]
        return word if rng.random() < right else wrong.format(word=word, other=other)

    hypotheses = [" ".join(map(written, reference.split())) for reference in test.references]
    return Candidate(hypotheses, size_mb=10.0, p95_ms=20.0)


def judge(
    challenger: Candidate, champion: Candidate | None, test: TestSet, rules: Promote = RULES, seed: int = 1
) -> Decision:
    return decide(challenger, champion, test, rules, resamples=200, seed=seed)


def failed(decision: Decision) -> list[str]:
    return [check.name for check in decision.checks if not check.passed]


def test_first_version_needs_no_champion() -> None:
    test = make_test()
    decision = judge(system(test, 0.8, 1), None, test)
    assert decision.promote
    assert [check.name for check in decision.checks] == ["test size", "no leak"]


def test_same_translations_are_not_worse() -> None:
    test = make_test()
    model = system(test, 0.8, 1)
    decision = judge(model, model, test)
    assert decision.promote
    assert decision.figures["delta_bleu"] == decision.figures["delta_chrf"] == 0.0


def test_same_translations_are_not_better() -> None:
    test = make_test()
    model = system(test, 0.8, 1)
    assert failed(judge(model, model, test, RULES.model_copy(update={"must_improve": True}))) == [
        "better in BLEU",
        "better in chrF2",
    ]


def test_better_system_is_promoted_where_it_must_improve() -> None:
    test = make_test()
    rules = RULES.model_copy(update={"must_improve": True})
    assert judge(system(test, 0.95, 2), system(test, 0.8, 1), test, rules).promote


def test_planted_regression_is_caught() -> None:
    test = make_test()
    caught = failed(judge(system(test, 0.7, 2), system(test, 0.8, 1), test))
    assert caught[:2] == ["not worse in BLEU", "not worse in chrF2"]


NEAR, FAR = "{word}x", "----"
"""Wrong words that share most characters with the right one, or none: BLEU cannot tell them apart, chrF2 can."""


def test_what_is_worse_in_chrf_alone_is_kept_out() -> None:
    test = make_test()
    decision = judge(system(test, 0.8, 1, FAR), system(test, 0.8, 1, NEAR), test)
    assert decision.figures["delta_bleu"] == 0.0
    assert "not worse in BLEU" not in failed(decision)
    assert "not worse in chrF2" in failed(decision)


def test_what_is_worse_in_bleu_alone_is_kept_out() -> None:
    test = make_test()
    rules = RULES.model_copy(update={"max_slice_loss": 100.0})
    decision = judge(system(test, 0.75, 1, NEAR), system(test, 0.8, 1, FAR), test, rules)
    assert decision.figures["delta_chrf"] > 0
    assert failed(decision) == ["not worse in BLEU"]


def test_what_is_better_in_one_metric_alone_is_kept_out_where_it_must_improve() -> None:
    test = make_test()
    rules = RULES.model_copy(update={"must_improve": True})
    assert failed(judge(system(test, 0.8, 1, NEAR), system(test, 0.8, 1, FAR), test, rules)) == ["better in BLEU"]


def test_each_metric_has_its_own_margin() -> None:
    test = make_test()
    worse, champion = system(test, 0.79, 1), system(test, 0.8, 1)
    wide = {"margin_bleu": 20.0, "margin_chrf": 20.0}
    assert judge(worse, champion, test, RULES.model_copy(update=wide)).promote
    for metric, name in (("bleu", "BLEU"), ("chrf", "chrF2")):
        rules = RULES.model_copy(update={**wide, f"margin_{metric}": 0.0})
        assert failed(judge(worse, champion, test, rules)) == [f"not worse in {name}"]


def test_figures_hold_both_metrics_of_both_sides() -> None:
    test = make_test()
    champion, challenger = system(test, 0.8, 1), system(test, 0.9, 2)
    figures = judge(challenger, champion, test).figures
    for side, candidate in (("champion", champion), ("challenger", challenger)):
        assert figures[f"{side}_bleu"] == pytest.approx(bleu(candidate.hypotheses, test.references, "en").value)
        assert figures[f"{side}_chrf"] == pytest.approx(chrf(candidate.hypotheses, test.references).value)
    assert figures["delta_low_chrf"] < figures["delta_chrf"] < figures["delta_high_chrf"]


def test_collapse_of_one_slice_is_caught_although_the_whole_is_better() -> None:
    plain, numbers = make_test(300), make_test(30, seed=5)
    test = TestSet(
        [*plain.sources, *(f"{source} 7" for source in numbers.sources)],
        [*plain.references, *numbers.references],
        "en",
        leaked=0,
    )
    champion = Candidate([*system(plain, 0.7, 1).hypotheses, *system(numbers, 0.9, 2).hypotheses], 10.0, 20.0)
    challenger = Candidate([*system(plain, 0.9, 3).hypotheses, *system(numbers, 0.5, 4).hypotheses], 10.0, 20.0)
    decision = judge(challenger, champion, test)
    assert failed(decision) == ["no slice collapses"]
    assert "numbers" in next(check.detail for check in decision.checks if not check.passed)


def test_collapse_in_one_corpus_is_caught() -> None:
    web, law = make_test(300), make_test(40, seed=5)
    test = TestSet(
        [*web.sources, *law.sources], [*web.references, *law.references], "en", 0, ["web"] * 300 + ["law"] * 40
    )
    champion = Candidate([*system(web, 0.7, 1).hypotheses, *system(law, 0.9, 2).hypotheses], 10.0, 20.0)
    challenger = Candidate([*system(web, 0.9, 3).hypotheses, *system(law, 0.5, 4).hypotheses], 10.0, 20.0)
    decision = judge(challenger, champion, test)
    assert failed(decision) == ["no slice collapses"]
    assert "corpus law" in decision.checks[-1].detail
    assert judge(challenger, champion, replace(test, corpora=[])).promote


def test_short_sentences_collapse_although_they_have_no_bleu() -> None:
    plain = make_test(300)
    greetings = [" ".join(WORDS[10 * row : 10 * row + 2]) for row in range(20)]
    test = TestSet(["long " * 12] * 300 + ["short one"] * 20, [*plain.references, *greetings], "en", leaked=0)
    champion = Candidate([*system(plain, 0.8, 1).hypotheses, *greetings], 10.0, 20.0)
    challenger = Candidate([*system(plain, 0.9, 2).hypotheses, *(["----"] * 20)], 10.0, 20.0)
    decision = judge(challenger, champion, test)
    assert failed(decision) == ["no slice collapses"]
    assert "short: 100.0 → 0.0 chrF2" in decision.checks[-1].detail


def test_slices_of_equal_systems_rarely_collapse() -> None:
    """Many small slices are tested; the level holds for all of them together."""
    runs, refused = 25, 0
    rules = RULES.model_copy(update={"max_slice_loss": 0.0})
    for seed in range(runs):
        test = make_test(120, seed=seed)
        corpora = [f"corpus {row % 10}" for row in range(120)]
        old, new = (counts(system(test, 0.8, 2 * seed + side).hypotheses, test.references, "en") for side in range(2))
        slices = parts(test.sources, corpora)
        refused += not collapse(old, new, slices, rules, resamples=100, seed=seed).passed
    assert refused <= most_expected(runs, RULES.alpha)


def test_one_leaked_sentence_blocks() -> None:
    test = replace(make_test(), leaked=1)
    assert failed(judge(system(test, 0.8, 1), None, test)) == ["no leak"]


def test_leak_that_nobody_can_tell_blocks() -> None:
    test = replace(make_test(), leaked=None)
    assert failed(judge(system(test, 0.8, 1), None, test)) == ["no leak"]


def test_tiny_test_set_blocks() -> None:
    test = make_test(size=49)
    assert failed(judge(system(test, 0.8, 1), None, test)) == ["test size"]


def test_budgets_block_what_is_too_large_or_too_slow() -> None:
    test = make_test()
    rules = RULES.model_copy(update={"max_mb": 9.9, "max_p95_ms": 19.0})
    assert failed(judge(system(test, 0.8, 1), None, test, rules)) == ["size", "latency"]


def test_unequal_counts_are_an_error() -> None:
    test = make_test()
    short = Candidate(["w1"], 1.0, 1.0)
    with pytest.raises(MismatchError, match="1 hypotheses but 200 references"):
        judge(short, system(test, 0.8, 1), test)


def false_promotions(runs: int, *, right: tuple[float, float], rules: Promote) -> int:
    """How often a challenger passes the paired tests, over fresh test sets and fresh errors of both systems."""
    rules, promoted = rules.model_copy(update={"max_slice_loss": 100.0}), 0
    for seed in range(runs):
        test = make_test(100, seed=1000 + seed)
        champion, challenger = (system(test, share, 2 * seed + side) for side, share in enumerate(right))
        promoted += judge(challenger, champion, test, rules, seed=seed).promote
    return promoted


def true_difference(right: tuple[float, float], pairs: int, metric: Callable[..., Score]) -> float:
    test = make_test(pairs, seed=9)
    champion, challenger = (
        metric(system(test, share, side).hypotheses, test.references).value for side, share in enumerate(right)
    )
    return challenger - champion


def most_expected(runs: int, alpha: float) -> float:
    """α·runs and three standard deviations."""
    return alpha * runs + 3 * (alpha * (1 - alpha) * runs) ** 0.5


@pytest.mark.parametrize("runs", [40, pytest.param(1000, marks=pytest.mark.slow)])
def test_equal_systems_rarely_pass_as_better(runs: int) -> None:
    promoted = false_promotions(runs, right=(0.8, 0.8), rules=RULES.model_copy(update={"must_improve": True}))
    print(f"\nfalse promotions in A/A runs: {promoted} of {runs}")
    assert promoted <= most_expected(runs, RULES.alpha)


@pytest.mark.parametrize("runs", [40, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("metric", ["bleu", "chrf"])
def test_system_worse_by_the_margin_rarely_passes(metric: str, runs: int) -> None:
    """By the margin in one metric; the other one never objects, so that nothing else keeps it out."""
    right = (0.8, 0.77)
    score = partial(bleu, language="en") if metric == "bleu" else chrf
    margins = {"margin_bleu": 100.0, "margin_chrf": 100.0}
    margins[f"margin_{metric}"] = -true_difference(right, 40 * runs, score)
    promoted = false_promotions(runs, right=right, rules=RULES.model_copy(update=margins))
    print(f"\nfalse promotions of a system worse by the margin in {metric}: {promoted} of {runs}")
    assert promoted <= most_expected(runs, RULES.alpha)
