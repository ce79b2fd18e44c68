"""The band of usual lengths: learnt from trusted pairs, applied to every corpus."""

import numpy as np
import polars as pl
import pytest
from cleaned_frames import cleaned, frame
from raw_corpora import local, params

from seqline.cleaning.lengths import counted, learn

WORDS = ["We", "wrote", "long", "letters", "about", "the", "weather", "and", "our", "friends", "in", "the", "north"]


def pairs(num: int, seed: int = 1, ratio: float = 0.4) -> pl.DataFrame:
    """Sources of 2 to 200 characters; targets of about ``ratio`` of that, give or take a fifth."""
    draw = np.random.default_rng(seed)
    lengths = np.exp(draw.uniform(np.log(2), np.log(200), num)).astype(int)
    targets = np.maximum(1, np.rint(lengths * ratio * np.exp(0.2 * draw.standard_normal(num)))).astype(int)
    return pl.DataFrame({
        "row": np.arange(num),
        "source": ["x" * length for length in lengths],
        "target": ["字" * length for length in targets],
    })  # fmt: skip


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1])
def test_about_the_given_share_of_trusted_pairs_lies_outside(share: float) -> None:
    trusted = pairs(20_000)
    outside = learn(counted(trusted), share).outside(trusted)
    assert 0.3 * share < len(outside) / len(trusted) <= 1.2 * share


def test_a_target_three_times_too_long_is_outside_and_the_value_says_why() -> None:
    band = learn(counted(pairs(20_000)), 0.001)
    odd = pl.DataFrame({"row": [7, 8], "source": ["x" * 100] * 2, "target": ["字" * 120, "字" * 40]})
    ((row, rule, value),) = band.outside(odd).rows()
    assert (row, rule) == (7, "length_band")
    assert value.startswith("360 bytes, usual are ")
    least, most = map(int, value.removeprefix("360 bytes, usual are ").split("–"))
    assert 45 <= least <= 85
    assert 180 <= most <= 300


def test_what_was_counted_in_parts_adds_up() -> None:
    whole = pairs(3000)
    assert (counted(whole) == counted(whole[:1234]) + counted(whole[1234:])).all()


def test_empty_and_enormous_sides_have_a_place_too() -> None:
    odd = pl.DataFrame({"row": [0, 1], "source": ["", "x" * 100_000], "target": ["字" * 100_000, ""]})
    assert counted(odd).sum() == 2


@pytest.mark.parametrize("shard_rows", [1000, 131])
def test_a_band_from_one_corpus_drops_pairs_of_another(shard_rows: int) -> None:
    draw = np.random.default_rng(5)
    lengths = draw.integers(3, 40, 1200)
    good = [
        (" ".join(draw.choice(WORDS, n)), "".join(draw.choice(list("我们写了很长的信谈天气和朋友"), 2 * n)), "train")
        for n in lengths
    ]
    odd = [(" ".join(draw.choice(WORDS, 20)), "".join(draw.choice(list("我们写了很长的信谈天气和朋友"), 20)), "train")]
    raw = pl.concat([frame(good, "ours"), frame(odd, "web").with_columns(row=pl.lit(len(good), pl.Int64))])
    chosen = params(
        [local(name="ours"), local(name="web")],
        length_band={"trusted": ["ours"], "share": 0.0},
        rules={"repetition": False}, pair_score=None, split={"dev_pairs": 0, "test_pairs": 0},
    ).clean  # fmt: skip
    _, dropped = cleaned(raw, chosen, shard_rows=shard_rows)
    assert [(row, rule) for row, rule in dropped.select("row", "rule").rows() if rule == "length_band"] == [
        (len(good), "length_band")
    ]


def test_a_trusted_corpus_that_is_not_there_is_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match=r"clean\.length_band\.trusted: no such corpus: web; there are tiny"):
        params([local()], length_band={"trusted": ["web"]})
