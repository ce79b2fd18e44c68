import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqline.errors import StageError
from seqline.evaluation.front import Candidate, choose, dominators
from seqline.params.deployment import Select


def candidate(
    name: str,
    bleu: float,
    chrf: float,
    size_mb: float,
    words_per_s: float,
    p95_ms: float,
    *,
    is_deployable: bool = True,
) -> Candidate:
    return Candidate(name, bleu, chrf, size_mb, words_per_s, words_per_s / 4, p95_ms / 2, p95_ms, 100.0, is_deployable)


TEACHER = candidate("teacher", 40.0, 60.0, 30.0, 500.0, 50.0, is_deployable=False)
BIG = candidate("big", 40.0, 60.0, 8.0, 4000.0, 10.0)
SMALL = candidate("small", 39.2, 59.0, 3.0, 6000.0, 6.0)
WEAK = candidate("weak", 35.0, 55.0, 1.0, 9000.0, 3.0)
ALL = [TEACHER, BIG, SMALL, WEAK]


def rules(**changes: object) -> Select:
    return Select.model_validate(
        {"prefer": "size", "min_score_share": 0.97, "max_mb": None, "max_p95_ms": None, **changes}
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "small"),
        ({"prefer": "score"}, "big"),
        ({"prefer": "speed"}, "small"),
        ({"min_score_share": 0.8}, "weak"),
        ({"min_score_share": 0.99}, "big"),
        ({"prefer": "score", "max_mb": 5.0}, "small"),
        ({"prefer": "score", "max_p95_ms": 7.0}, "small"),
    ],
)
def test_the_best_within_the_budgets_is_chosen(changes: dict[str, object], expected: str) -> None:
    assert choose(ALL, rules(**changes)).name == expected


def test_of_twins_the_one_with_the_better_score_is_chosen_whatever_noise_says() -> None:
    plain = candidate("plain", 39.2, 59.0, 3.0, 6500.0, 6.0)
    aware = candidate("aware", 39.6, 59.2, 3.01, 6000.0, 6.5)
    for prefer in ("size", "speed"):
        chosen = choose([TEACHER, plain, aware], rules(prefer=prefer))
        assert chosen.name == "aware"
        assert "the best score of 2 that are alike in it" in chosen.reason


def test_what_is_smaller_or_faster_by_more_than_noise_is_no_twin() -> None:
    plain = candidate("plain", 39.2, 59.0, 3.0, 7000.0, 6.0)
    slower, larger = candidate("slow", 39.6, 59.2, 3.0, 6000.0, 6.5), candidate("large", 39.6, 59.2, 3.1, 7000.0, 6.0)
    assert choose([TEACHER, plain, slower], rules(prefer="speed")).name == "plain"
    assert choose([TEACHER, plain, larger], rules()).name == "plain"


def test_an_impossible_budget_names_the_nearest_candidate_and_what_it_misses() -> None:
    with pytest.raises(StageError, match=r"nearest is small: 3 MB, select\.max_mb allows 2\.9"):
        choose(ALL, rules(max_mb=2.9))
    with pytest.raises(
        StageError, match=r"nearest is weak: it keeps 87\.5% .* select\.min_score_share asks for 97\.0%"
    ):
        choose(ALL, rules(max_mb=2.0))


def test_without_a_deployable_candidate_it_says_where_to_name_one() -> None:
    with pytest.raises(StageError, match=r"quantize\.models"):
        choose([TEACHER], rules())


def test_only_what_another_beats_in_everything_is_dominated() -> None:
    worse = candidate("worse", 39.0, 59.0, 3.5, 6000.0, 6.0)
    assert dominators([*ALL, worse]) == {"teacher": "big", "worse": "small"}


def test_what_can_be_shipped_is_not_dominated_by_what_cannot() -> None:
    torch_model = candidate("pruned", 39.5, 59.5, 4.0, 7000.0, 6.0, is_deployable=False)
    only = candidate("teacher-quantized", 39.4, 59.4, 8.0, 4000.0, 10.0)
    assert dominators([torch_model, only]) == {}
    assert dominators([torch_model, BIG, SMALL]) == {}
    assert dominators([TEACHER, torch_model]) == {}


FIGURE = st.integers(1, 4).map(float)
CANDIDATES = st.lists(st.tuples(FIGURE, FIGURE, FIGURE, FIGURE, FIGURE), min_size=1, max_size=8)


@given(CANDIDATES)
def test_what_dominates_is_itself_on_the_front(figures: list[tuple[float, ...]]) -> None:
    candidates = [candidate(str(i), *row) for i, row in enumerate(figures)]
    found = dominators(candidates)
    assert len(found) < len(candidates)
    assert not set(found.values()) & set(found)
    by_name = {one.name: one for one in candidates}
    assert all(by_name[better].dominates(by_name[worse]) for worse, better in found.items())
