"""Pools: parts of an epoch that fit into memory, whatever the size of the corpus."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from tiny_training import tiny_data

from seqline.tokenization import Sequences, Spool
from seqline.training import data
from seqline.training.data import Pool, TrainingData

BATCH_TOKENS = 100


@pytest.fixture(autouse=True)
def _small_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "POOL_PAIRS", 64)
    monkeypatch.setattr(data, "_BLOCK_PAIRS", 8)
    monkeypatch.setattr(data, "_CHECKED_PAIRS", 50)


def numbered(folder: Path, pairs: int) -> TrainingData:
    """Pairs whose source says their number, their target twice, on disk."""
    sides = Spool(folder), Spool(folder)
    for begin in range(0, pairs, 32):
        rows = [[row] for row in range(begin, min(begin + 32, pairs))]
        sides[0].add(Sequences.of(rows))
        sides[1].add(Sequences.of([row * 2 for row in rows]))
    return TrainingData(sides[0].finish(), sides[1].finish(), tiny_data().tokenizer)


def epoch(pairs: TrainingData, seed: int = 1, number: int = 0) -> list[list[int]]:
    """The batches of an epoch, each as the numbers of its pairs."""
    pools = (pairs.pool(BATCH_TOKENS, seed, number, pool) for pool in range(pairs.num_pools))
    return [[int(pool.source[row][0]) for row in rows] for pool in pools for rows in pool.batches]


@pytest.mark.parametrize("pairs", [1, 63, 64, 65, 301])
def test_every_pair_comes_once_an_epoch_whatever_the_number_of_pools(pairs: int, tmp_path: Path) -> None:
    assert sorted(row for batch in epoch(numbered(tmp_path, pairs)) for row in batch) == list(range(pairs))


def test_sides_stay_together(tmp_path: Path) -> None:
    pairs = numbered(tmp_path, 301)
    pool = pairs.pool(BATCH_TOKENS, 1, 0, 2)
    assert pool.target.flat.tolist() == np.repeat(pool.source.flat, 2).tolist()


def test_order_is_a_function_of_seed_and_epoch(tmp_path: Path) -> None:
    pairs = numbered(tmp_path, 301)
    assert epoch(pairs) == epoch(pairs)
    assert epoch(pairs) != epoch(pairs, number=1)
    assert epoch(pairs) != epoch(pairs, seed=2)


def test_a_pool_is_a_mixture_of_the_whole_corpus(tmp_path: Path) -> None:
    pool = numbered(tmp_path, 640).pool(BATCH_TOKENS, 1, 0, 0)
    assert pool.source.flat.min() < 160
    assert pool.source.flat.max() > 480


def test_groups_go_on_from_any_batch(tmp_path: Path) -> None:
    pairs = numbered(tmp_path, 60).pool(20, 1, 0, 0)
    whole, rest = (
        [[batch.source_BS.tolist() for batch in group.batches] for group in pairs.groups(2, begin)] for begin in (0, 2)
    )
    assert whole[1:] == rest


def test_sentences_are_cut_anew_in_each_pool_and_epoch() -> None:
    pairs = tiny_data()

    def texts(epoch: int, pool: int) -> tuple[list[str], list[int]]:
        found: Pool = pairs.pool(200, 1, epoch, pool, sampling=0.2)
        ids = [found.source[row].tolist() for row in range(len(found.source))]
        return pairs.tokenizer.source.decode(ids), found.source.flat.tolist()

    assert texts(0, 0) == texts(0, 0)
    said = sorted(text for pool in range(pairs.num_pools) for text in texts(0, pool)[0])
    assert said == sorted(text for pool in range(pairs.num_pools) for text in texts(1, pool)[0])
    assert texts(0, 0)[1] != texts(1, 0)[1]


def test_a_sentence_that_would_come_out_too_long_keeps_its_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "POOL_PAIRS", 300)
    pairs = tiny_data()
    limit = int(max(side.lengths.max() for side in (pairs.source, pairs.target))) + 1
    free, bound = (pairs.pool(200, 1, 0, 0, 0.2, positions) for positions in (None, limit))
    for before, drawn, found in (
        (pairs.source, free.source, bound.source), (pairs.target, free.target, bound.target),
    ):  # fmt: skip
        assert (drawn.lengths >= limit).any()
        for row, length in enumerate(drawn.lengths):
            expected = drawn if length < limit else before
            assert found[row].tolist() == expected[row].tolist()


def test_memory_does_not_grow_with_the_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "POOL_PAIRS", 2048)
    monkeypatch.setattr(data, "_BLOCK_PAIRS", 64)

    def peak(pairs: int) -> int:
        corpus = numbered(tmp_path, pairs)
        tracemalloc.start()
        corpus.check(BATCH_TOKENS, None)
        for _ in corpus.batches(BATCH_TOKENS, 1, 0):
            pass
        bytes_at_most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return bytes_at_most

    peak(4_096)
    assert peak(32_768) < 1.2 * peak(8_192)
