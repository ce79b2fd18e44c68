import numpy as np
import pytest

from seqline.special import BOS, EOS, PAD
from seqline.tokenization import Sequences
from seqline.training.batching import collate, padding_share, plan


@pytest.fixture(scope="module")
def lengths() -> tuple[Sequences, Sequences]:
    random = np.random.default_rng(5)
    sizes = random.integers(1, 40, 10_000)
    source = Sequences.of([[7] * size for size in sizes])
    target = Sequences.of([[8] * max(1, int(size * random.uniform(0.8, 1.2))) for size in sizes])
    return source, target


def test_every_pair_comes_exactly_once_an_epoch(lengths: tuple[Sequences, Sequences]) -> None:
    rows = np.concatenate(plan(*lengths, batch_tokens=500, seed=1, epoch=0))
    assert sorted(rows) == list(range(10_000))


def test_order_is_a_function_of_seed_and_epoch(lengths: tuple[Sequences, Sequences]) -> None:
    first, again, later, other = (
        np.concatenate(plan(*lengths, batch_tokens=500, seed=seed, epoch=epoch))
        for seed, epoch in ((1, 0), (1, 0), (1, 1), (2, 0))
    )
    assert (first == again).all()
    assert (first != later).any()
    assert (first != other).any()


def test_no_padded_side_exceeds_the_budget(lengths: tuple[Sequences, Sequences]) -> None:
    source, target = lengths
    for rows in plan(source, target, batch_tokens=500, seed=1, epoch=0):
        assert len(rows) * (source.lengths[rows].max() + 1) <= 500
        assert len(rows) * (target.lengths[rows].max() + 1) <= 500


def test_little_of_a_batch_is_padding(lengths: tuple[Sequences, Sequences]) -> None:
    assert padding_share(*lengths, plan(*lengths, batch_tokens=2000, seed=1, epoch=0)) < 0.05


def test_a_pair_longer_than_the_budget_gets_a_batch_of_its_own() -> None:
    long = Sequences.of([[5] * 3, [5] * 90, [5] * 2])
    assert [1] in [list(rows) for rows in plan(long, long, batch_tokens=20, seed=1, epoch=0)]


def test_collate_shifts_targets_behind_bos_and_pads_on_the_right() -> None:
    ids = [np.array(row, dtype=np.uint16) for row in ([5, 6], [7])]
    batch = collate(ids, ids)
    assert batch.source_BS.tolist() == [[5, 6, EOS], [7, EOS, PAD]]
    assert batch.input_BT.tolist() == [[BOS, 5, 6], [BOS, 7, PAD]]
    assert batch.label_BT.tolist() == [[5, 6, EOS], [7, EOS, PAD]]
    assert batch.num_labels == 5
