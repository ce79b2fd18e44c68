"""A teacher's lessons against its own distribution, position by position."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_training import tiny_data, tiny_model

from seqline.compression import teaching
from seqline.compression.teaching import taught
from seqline.special import PAD
from seqline.training import data as training_data
from seqline.training.data import TrainingData


@pytest.fixture
def lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainingData:
    monkeypatch.setattr(teaching, "_CHUNK_PAIRS", 70)  # 300 pairs in five chunks
    return taught(tiny_data(), tiny_model().eval(), num_pieces=5, trust=0.4, scratch=tmp_path)


def test_every_position_has_the_teachers_likeliest_pieces(lessons: TrainingData) -> None:
    teacher, pool = tiny_model().eval(), lessons.pool(200, 1, 0, 0)
    for rows in pool.batches:
        batch = pool.batch(rows)
        assert batch.lesson is not None
        assert batch.lesson.trust == 0.4
        with torch.no_grad():
            logits = teacher.output(teacher(batch.source_BS, batch.input_BT))
        highest, ids = logits.topk(5)
        real = batch.label_BT != PAD
        assert torch.equal(batch.lesson.ids_BTK[real], ids[real])
        torch.testing.assert_close(batch.lesson.shares_BTK[real], highest.softmax(-1)[real], atol=1e-3, rtol=1e-3)
        assert not batch.lesson.shares_BTK[~real].any()


def test_no_more_pieces_are_asked_for_than_the_vocabulary_has(tmp_path: Path) -> None:
    few = TrainingData(tiny_data().source.part(0, 5), tiny_data().target.part(0, 5), tiny_data().tokenizer)
    taught_all = taught(few, tiny_model().eval(), num_pieces=5000, trust=0.4, scratch=tmp_path)
    batch = taught_all.pool(200, 1, 0, 0).batch(np.arange(5))
    assert batch.lesson is not None
    assert batch.lesson.ids_BTK.shape == (*batch.label_BT.shape, few.tokenizer.target_vocabulary)


def test_lessons_follow_their_pairs_into_pools(lessons: TrainingData, monkeypatch: pytest.MonkeyPatch) -> None:
    by_target = {tuple(lessons.target[row]): lessons.lessons.ids[row] for row in range(len(lessons)) if lessons.lessons}
    monkeypatch.setattr(training_data, "POOL_PAIRS", 100)
    monkeypatch.setattr(training_data, "_BLOCK_PAIRS", 8)
    seen = 0
    for number in range(lessons.num_pools):
        pool = lessons.pool(200, 1, 0, number)
        assert pool.lessons is not None
        for row in range(len(pool.target)):
            assert np.array_equal(pool.lessons.ids[row], by_target[tuple(pool.target[row])])
            seen += 1
    assert seen == len(lessons)


def test_a_batch_that_is_split_keeps_each_pairs_lesson(lessons: TrainingData) -> None:
    pool = lessons.pool(200, 1, 0, 0)
    batch = pool.batch(max(pool.batches, key=len))
    parts = list(batch.split(3))
    assert batch.lesson is not None
    assert torch.equal(torch.cat([part.lesson.ids_BTK for part in parts if part.lesson]), batch.lesson.ids_BTK)
    assert torch.equal(torch.cat([part.label_BT for part in parts]), batch.label_BT)


def test_pieces_that_are_gone_leave_their_shares_to_the_others(lessons: TrainingData, tmp_path: Path) -> None:
    assert lessons.lessons is not None
    gone = int(lessons.lessons.ids[0][0])
    kept = np.array([i for i in range(lessons.tokenizer.target_vocabulary) if i != gone])
    fewer = lessons.lessons.renumbered(kept, tmp_path)
    before, after = (one.of(np.arange(len(lessons))) for one in (lessons.lessons, fewer))
    expected = before.shares_BTK * (before.ids_BTK != gone)
    expected = expected / expected.sum(dim=2, keepdim=True).clamp(min=1e-9)
    torch.testing.assert_close(after.shares_BTK, expected, atol=1e-3, rtol=1e-3)
    stays = after.shares_BTK > 0
    assert torch.equal(torch.from_numpy(kept)[after.ids_BTK[stays]], before.ids_BTK[stays])
