import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqline.evaluation.drift import Figure, Sample, distance, figures
from seqline.params.deployment import Drift

LIMITS = Drift(
    min_lines=1,
    max_length_distance=0.3,
    max_confidence_distance=0.3,
    max_spelt_share=0.02,
    max_foreign_share=0.2,
)
RANDOM = np.random.default_rng(1)
values = st.lists(st.integers(-50, 50), min_size=1, max_size=30)


@given(values, values)
def test_the_distance_is_that_of_the_empirical_distributions(first: list[int], second: list[int]) -> None:
    points = range(-51, 52)
    gaps = [abs(np.mean([x <= p for x in first]) - np.mean([x <= p for x in second])) for p in points]
    assert distance(first, second) == pytest.approx(max(gaps))
    assert distance(first, second) == pytest.approx(distance(second, first))


def sample(pieces: float = 10, score: float = -0.5, spelt: float = 0.0, languages: list[str] | None = None) -> Sample:
    lengths = RANDOM.poisson(pieces, 400) + 1
    return Sample(lengths, RANDOM.binomial(lengths, spelt), RANDOM.normal(score, 0.2, 400), languages)


def beyond(live: Sample) -> set[str]:
    found: list[Figure] = figures(sample(), live, "en", LIMITS)
    return {one.name for one in found if one.is_beyond}


def test_the_same_kind_of_lines_is_no_drift() -> None:
    assert beyond(sample(languages=["en"] * 400)) == set()


@pytest.mark.parametrize(
    ("live", "names"),
    [
        (sample(pieces=20), {"length"}),
        (sample(score=-0.9), {"confidence"}),
        (sample(spelt=0.1), {"pieces spelt in bytes"}),
        (sample(languages=["de"] * 200 + ["en"] * 200), {"other languages"}),
    ],
)
def test_each_property_is_found_where_it_moved(live: Sample, names: set[str]) -> None:
    assert beyond(live) == names


def test_a_model_that_is_surer_has_not_drifted() -> None:
    assert beyond(sample(score=-0.1)) == set()


def test_lines_without_a_language_are_not_foreign() -> None:
    assert beyond(sample(languages=["zxx"] * 400)) == set()
