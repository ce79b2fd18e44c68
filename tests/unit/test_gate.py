"""The gate on planted systems: noisy copies of random references, whose true difference is known."""

from dataclasses import replace

import numpy as np
import pytest

from seqline.errors import MismatchError
from seqline.evaluation.gate import Candidate, Decision, TestSet, decide
from seqline.evaluation.metrics import bleu
from seqline.params.deployment import Promote

RULES = Promote(
    margin_bleu=0.5, alpha=0.05, must_improve=False, min_test_pairs=50, max_slice_loss=5.0, max_mb=None, max_p95_ms=None
)
WORDS = [f"w{number}" for number in range(500)]


def make_test(size: int = 200, seed: int = 0) -> TestSet:
    rng = np.random.default_rng(seed)
    references = [
        " ".join(WORDS[word] for word in rng.integers(0, len(WORDS), rng.integers(6, 14))) for _ in range(size)
    ]
    return TestSet(["x" * (1 + len(reference)) for reference in references], references, "en", leaked=0)


def system(test: TestSet, right: float, seed: int) -> Candidate:
    """A system that writes each word of the reference with probability ``right``, else another one."""
    rng = np.random.default_rng([seed, 1])
    hypotheses = [
        " ".join(word if rng.random() < right else WORDS[rng.integers(len(WORDS))] for word in reference.split())
        for reference in test.references
    ]
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
    assert decision.figures["delta_bleu"] == 0.0


def test_same_translations_are_not_better() -> None:
    test = make_test()
    model = system(test, 0.8, 1)
    assert failed(judge(model, model, test, RULES.model_copy(update={"must_improve": True}))) == ["better"]


def test_better_system_is_promoted_where_it_must_improve() -> None:
    test = make_test()
    rules = RULES.model_copy(update={"must_improve": True})
    assert judge(system(test, 0.95, 2), system(test, 0.8, 1), test, rules).promote


def test_planted_regression_is_caught() -> None:
    test = make_test()
    assert "not worse" in failed(judge(system(test, 0.7, 2), system(test, 0.8, 1), test))


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


def false_promotions(runs: int, *, right: tuple[float, float], margin: float, must_improve: bool) -> int:
    """How often a challenger passes the paired tests, over fresh test sets and fresh errors of both systems."""
    rules = RULES.model_copy(update={"margin_bleu": margin, "must_improve": must_improve, "max_slice_loss": 100.0})
    promoted = 0
    for seed in range(runs):
        test = make_test(100, seed=1000 + seed)
        champion, challenger = (system(test, share, 2 * seed + side) for side, share in enumerate(right))
        promoted += judge(challenger, champion, test, rules, seed=seed).promote
    return promoted


def true_difference(right: tuple[float, float], pairs: int) -> float:
    test = make_test(pairs, seed=9)
    champion, challenger = (
        bleu(system(test, share, side).hypotheses, test.references, "en").value for side, share in enumerate(right)
    )
    return challenger - champion


def most_expected(runs: int, alpha: float) -> float:
    """α·runs and three standard deviations."""
    return alpha * runs + 3 * (alpha * (1 - alpha) * runs) ** 0.5


@pytest.mark.parametrize("runs", [40, pytest.param(1000, marks=pytest.mark.slow)])
def test_equal_systems_rarely_pass_as_better(runs: int) -> None:
    promoted = false_promotions(runs, right=(0.8, 0.8), margin=0.5, must_improve=True)
    print(f"\nfalse promotions in A/A runs: {promoted} of {runs}")
    assert promoted <= most_expected(runs, RULES.alpha)


@pytest.mark.parametrize("runs", [40, pytest.param(1000, marks=pytest.mark.slow)])
def test_system_worse_by_the_margin_rarely_passes(runs: int) -> None:
    right = (0.8, 0.77)
    promoted = false_promotions(runs, right=right, margin=-true_difference(right, 40 * runs), must_improve=False)
    print(f"\nfalse promotions of a system worse by the margin: {promoted} of {runs}")
    assert promoted <= most_expected(runs, RULES.alpha)
