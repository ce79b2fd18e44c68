"""How much of each corpus stays, and that its pairs are drawn by the seed alone."""

import numpy as np
import pytest
from cleaned_frames import cleaned, frame
from raw_corpora import local, params

from seqline.cleaning.draw import draws
from seqline.cleaning.mixing import quotas
from seqline.params.cleaning import Mix

SIZES = {"web": 1_000_000, "ours": 10_000, "tiny": 100}


@pytest.mark.parametrize(
    ("mix", "expected"),
    [
        (Mix(), SIZES),
        (Mix(temperature=2.0), {"web": 10_000, "ours": 1_000, "tiny": 100}),
        (Mix(temperature=100.0), {"web": 110, "ours": 105, "tiny": 100}),
        (Mix(max_pairs={"web": 20_000}), {"web": 20_000, "ours": 10_000, "tiny": 100}),
    ],
)
def test_temperature_and_caps_only_make_corpora_smaller(mix: Mix, expected: dict[str, int]) -> None:
    assert quotas(SIZES, mix) == expected


def test_an_empty_corpus_takes_nothing_from_the_others() -> None:
    assert quotas({"none": 0, "some": 9}, Mix(temperature=3.0)) == {"none": 0, "some": 9}


def test_draws_are_uniform_and_differ_by_seed() -> None:
    rows = np.arange(100_000)
    first, second = draws(rows, 1), draws(rows, 2)
    assert abs(first.mean() - 0.5) < 0.005
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.02
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 0.02


@pytest.mark.parametrize("shard_rows", [1000, 7])
def test_a_capped_corpus_keeps_its_cap_and_says_what_went(shard_rows: int) -> None:
    pairs = [(f"We need {number} new boxes.", f"我们需要{number}个新箱子。", "train") for number in range(200, 300)]
    split = {"dev_pairs": 5, "test_pairs": 5}
    mixed = params([local()], mix={"max_pairs": {"tiny": 30}}, split=split, pair_score=None).clean
    kept, dropped = cleaned(frame(pairs), mixed, shard_rows=shard_rows)
    counts = dict(kept["split"].value_counts().rows())
    assert counts["train"] == 30
    assert set(dropped["rule"]) == {"sampled_out"}
    assert len(kept) + len(dropped) == len(pairs)


def test_a_cap_on_no_such_corpus_is_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match=r"clean\.mix\.max_pairs: no such corpus: web; there are tiny"):
        params([local()], mix={"max_pairs": {"web": 30}})
