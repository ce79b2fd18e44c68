"""What the pair score makes of misaligned and truncated pairs."""

import pickle

import numpy as np
import polars as pl
import pytest
from sentence_pairs import sentences

from seqline.cleaning.judge import Judge
from seqline.cleaning.language import language
from seqline.cleaning.pairscore import MIN_PAIRS, Schooling, learn
from seqline.cleaning.planting import FAULTS, Fault, plant
from seqline.cleaning.profile import profiled
from seqline.cleaning.rule import drops
from seqline.cleaning.shape import max_length_ratio

LANGUAGES = (language("en"), language("zh"))
SCHOOL = Schooling(LANGUAGES, [max_length_ratio(2.5)], 1, 0.005)


def judge(pairs: pl.DataFrame) -> Judge:
    found = learn(pairs, SCHOOL)
    assert found
    return found


def planted(pairs: pl.DataFrame, fault: Fault, num: int = 1000) -> pl.DataFrame:
    return plant(pairs, fault, LANGUAGES, num, np.random.default_rng(3))


def spoilt(pairs: pl.DataFrame, fault: Fault, num: int) -> tuple[pl.DataFrame, set[int]]:
    """The pairs with some faults that no rule would catch, and the rows that have them."""
    damaged = planted(pairs, fault, num)
    damaged = damaged.join(drops(profiled(damaged, LANGUAGES, SCHOOL.rules), SCHOOL.rules), on="row", how="anti")
    return pairs.update(damaged, on="row"), set(damaged["row"])


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_found_and_clean_pairs_stay(fault: Fault) -> None:
    mixed, faulty = spoilt(sentences(4000, 2), fault, 120)
    dropped = judge(mixed).faults(mixed)
    assert len(faulty) >= 50
    assert len(set(dropped["row"]) & faulty) >= 0.95 * len(faulty)
    assert len(set(dropped["row"]) - faulty) <= 20
    assert set(dropped["rule"]) <= {"misaligned", "truncated"}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_expected_of_a_fault_comes_true(fault: Fault) -> None:
    mixed, faulty = spoilt(sentences(4000, 2), fault, 120)
    expected = judge(mixed).expected[fault]
    assert expected.recall >= 0.95
    assert expected.precision >= 0.7
    assert expected.loss <= SCHOOL.max_loss
    assert expected.share == pytest.approx(len(faulty) / len(mixed), rel=0.5)


def test_a_clean_corpus_loses_next_to_nothing() -> None:
    pairs = sentences(4000, 4)
    assert len(judge(pairs).faults(pairs)) <= 20


def test_a_tiny_corpus_is_not_judged() -> None:
    assert learn(sentences(MIN_PAIRS - 1, 5), SCHOOL) is None


def test_the_same_seed_drops_the_same_pairs() -> None:
    mixed, _ = spoilt(sentences(2500, 6), "misaligned", 100)
    assert judge(mixed).faults(mixed).equals(judge(mixed).faults(mixed))


def test_a_judge_says_the_same_of_a_pair_whatever_stands_beside_it() -> None:
    mixed, faulty = spoilt(sentences(3000, 7), "misaligned", 300)
    taught = judge(mixed[:2400])
    alone = pl.concat(taught.faults(part) for part in mixed.iter_slices(170))
    assert alone.equals(taught.faults(mixed))
    assert len(alone) >= 0.9 * len(faulty)


def test_a_judge_can_be_sent_to_another_process() -> None:
    pairs = sentences(2500, 8)
    taught = judge(pairs)
    sent = pickle.dumps(taught)  # as multiprocessing does it
    assert len(sent) < 1_000_000
    assert np.array_equal(pickle.loads(sent).odds(pairs), taught.odds(pairs))


def test_no_pairs_have_no_faults() -> None:
    pairs = sentences(2500, 8)
    assert judge(pairs).faults(pairs.clear()).is_empty()


def test_a_misaligned_pair_has_the_target_of_the_next_one() -> None:
    pairs = sentences(50, 9)
    found = planted(pairs, "misaligned")
    targets = pairs["target"].gather((found["row"] + 1) % 50)
    assert len(found) > 40
    assert found["source"].equals(pairs["source"].gather(found["row"]))
    assert found["target"].equals(targets.alias("target"))


def test_pairs_much_like_the_next_one_are_not_spoilt_by_moving() -> None:
    source = ["the red cat sleeps", "the red cat sleeps now", "two dogs", "old tea"]
    target = ["甲乙丙", "甲丁", "戊", "己"]
    pairs = pl.DataFrame({"row": np.arange(4), "source": source, "target": target})
    assert planted(pairs, "misaligned")["row"].to_list() == [1, 2, 3]


@pytest.mark.parametrize(("fault", "side"), [("truncated_source", "source"), ("truncated_target", "target")])
def test_a_truncated_side_keeps_its_beginning(fault: Fault, side: str) -> None:
    pairs = sentences(500, 10)
    found = planted(pairs, fault).join(pairs, on="row", suffix="_whole", maintain_order="left")
    other = "target" if side == "source" else "source"
    assert found[other].equals(found[f"{other}_whole"].alias(other))
    shares = []
    for cut, whole in found.select(side, f"{side}_whole").iter_rows():
        assert whole.startswith(cut)
        shares.append(len(cut) / len(whole))
    assert 0.15 < min(shares) < 0.4
    assert 0.65 < max(shares) < 0.95


def test_very_short_texts_are_not_truncated() -> None:
    pairs = pl.DataFrame({"row": [0, 1], "source": ["Hi.", "Good morning to you."], "target": ["你好。", "早上好。"]})
    assert planted(pairs, "truncated_source")["row"].to_list() == [1]
