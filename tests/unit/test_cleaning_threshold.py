"""Which score parts faulty pairs from good ones, and what is expected of it."""

import numpy as np
import pytest

from seqline.cleaning.regression import log_odds, logistic_regression, sigmoid
from seqline.cleaning.threshold import Expectation, Floats, faulty_share, outlook, settle


def scores(share: float, distance: float, seed: int = 2, count: int = 50_000) -> tuple[Floats, Floats, Floats]:
    """Good pairs, faulty ones, and planted faults, in Gaussians of width 1."""
    random = np.random.default_rng(seed)
    num = round(count * share)
    return random.normal(0, 1, count - num), random.normal(distance, 1, num), random.normal(distance, 1, 5000)


def settled(share: float, distance: float, max_loss: float) -> tuple[Expectation, float, float]:
    """What is expected, and the recall and the loss that come."""
    clean, faults, planted = scores(share, distance)
    expected = settle(np.concatenate([clean, faults]), planted, max_loss)
    found, lost = ((some >= expected.threshold).sum() for some in (faults, clean))
    return expected, float(found / max(len(faults), 1)), float(lost / len(clean))


@pytest.mark.parametrize("share", [0.003, 0.03, 0.3])
def test_well_parted_faults_are_found_at_no_loss(share: float) -> None:
    expected, recall, loss = settled(share, 10, 0.01)
    assert recall >= 0.98
    assert loss <= 0.0002
    assert expected.recall == pytest.approx(recall, abs=0.02)
    assert expected.precision >= 0.85


@pytest.mark.parametrize("share", [0.0, 0.003, 0.03])
@pytest.mark.parametrize("max_loss", [0.002, 0.01])
def test_not_many_more_good_pairs_are_lost_than_one_is_ready_to_lose(share: float, max_loss: float) -> None:
    _, _, loss = settled(share, 4, max_loss)
    assert loss <= 1.7 * max_loss


def test_more_faults_are_found_where_more_may_be_lost() -> None:
    recalls = [settled(0.03, 4, max_loss)[1] for max_loss in (0.001, 0.005, 0.02)]
    assert recalls == sorted(recalls)
    assert recalls[0] < 0.9
    assert recalls[2] > 0.95


def test_what_is_expected_comes_true() -> None:
    expected, recall, loss = settled(0.03, 4, 0.005)
    clean, faults, _ = scores(0.03, 4)
    right = (faults >= expected.threshold).sum() / (np.concatenate([clean, faults]) >= expected.threshold).sum()
    assert expected.recall == pytest.approx(recall, abs=0.03)
    assert expected.loss == pytest.approx(loss, abs=0.003)
    assert expected.precision == pytest.approx(right, abs=0.1)
    assert expected.share == pytest.approx(0.03, abs=0.005)


@pytest.mark.parametrize("share", [0.003, 0.03, 0.3])
def test_the_share_of_faults_is_estimated_where_they_are_told_apart(share: float) -> None:
    clean, faults, planted = scores(share, 7)
    assert faulty_share(np.concatenate([clean, faults]), planted) == pytest.approx(share, rel=0.2)


def test_a_corpus_without_faults_has_about_none() -> None:
    clean, _, planted = scores(0.0, 5)
    assert faulty_share(clean, planted) < 0.002


def test_milder_faults_than_the_planted_ones_are_found_where_nothing_lies_between() -> None:
    random = np.random.default_rng(5)
    clean, faults = random.normal(0, 1, 20_000), random.uniform(13, 15, 400)
    expected = settle(np.concatenate([clean, faults]), random.normal(15, 1, 4000), 0.005)
    assert (faults >= expected.threshold).mean() >= 0.95


def test_scores_that_cannot_tell_drop_nothing() -> None:
    random = np.random.default_rng(4)
    expected = settle(random.normal(0, 1, 5000), random.normal(0.5, 1, 2000), 0.01)
    assert expected.threshold == float("inf")
    assert expected.figures() == {
        "threshold": None,
        "expected_recall": 0.0,
        "expected_precision": 0.0,
        "expected_loss": 0.0,
        "estimated_share": 0.0,
    }


def test_the_outlook_is_one_plain_line() -> None:
    misaligned, truncated = Expectation(1.5, 0.974, 0.8, 0.001, 0.01), Expectation(2, 1, 0.0, 0, 0)
    assert outlook({"misaligned": misaligned, "truncated_source": truncated}) == (
        "97% of misaligned (80% of those drops right), 100% of truncated source (the corpus seems to have none)"
    )


def test_logistic_regression_finds_the_direction_of_the_difference() -> None:
    random = np.random.default_rng(1)
    clean, faulty = random.normal(0, 1, (4000, 2)), random.normal((2, 0), 1, (500, 2))
    weights = logistic_regression(clean, faulty)
    # Two unit Gaussians two apart, equally weighted: the log odds are 2 x − 2.
    assert weights == pytest.approx([2.0, 0.0, -2.0], abs=0.25)
    assert log_odds(np.array([[1.0, 0.0]]), weights)[0] == pytest.approx(0.0, abs=0.2)


def test_a_feature_that_good_pairs_never_have_gets_no_boundless_weight() -> None:
    random = np.random.default_rng(1)
    clean, faulty = np.zeros((1000, 1)), (random.random((500, 1)) < 0.7).astype(np.float64)
    assert 0 < logistic_regression(clean, faulty)[0] < 20


def test_log_odds_are_the_weighted_sum_and_become_a_probability() -> None:
    odds = log_odds(np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([3.0, -1.0, 0.5]))
    assert odds.tolist() == [1.5, 0.5]
    assert sigmoid(np.array([0.0, 1000.0, -1000.0])).round(6).tolist() == [0.5, 1.0, 0.0]
