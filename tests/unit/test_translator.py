"""Translators of torch models: opened from a folder, scoring, showing where they look, on every core."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from seqline import models
from seqline.decoding import TorchTranslator
from seqline.decoding.step_translator import StepTranslator
from seqline.decoding.translator import open_ensemble
from seqline.errors import ArtifactError, InputError, MissingError
from seqline.files import MANIFEST, staged
from seqline.models.config import ModelConfig, RecurrentConfig, TransformerConfig
from seqline.models.transformer import Transformer
from seqline.tokenization import Tokenizer

SOURCES = ["good morning", "", "she reads a long book on monday", "a dog ran home", "tea"]
TARGETS = ["早上好", "我", "", "狗跑回家了，猫坐在垫子上，他在看一本书", "我想喝茶"]


@pytest.fixture(autouse=True)
def _threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def write_model(folder: Path, bundle: Path, kind: str = "transformer") -> Path:
    """A model folder with random weights and the tokenizer of a bundle."""
    tokenizer = Tokenizer.load(bundle)
    sizes = tokenizer.source_vocabulary, tokenizer.target_vocabulary
    whole = TransformerConfig("transformer", *sizes, 16, 8, 2, 2, (16,), (16, 16), "relu", 0.1, "target")
    configs: dict[str, ModelConfig] = {
        "transformer": whole,
        "rotary": replace(whole, positions="rotary"),
        "gru": RecurrentConfig("gru", *sizes, 16, 1, 1, "dot", 0.1, "none"),
    }
    with torch.random.fork_rng(), staged(folder) as partial:
        torch.manual_seed(1)
        models.save(models.build(configs[kind]), partial)
        tokenizer.save(partial)
    return folder


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Path) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "teacher", tiny_bundle)


def test_a_damaged_model_is_not_opened(tiny_bundle: Path, tmp_path: Path) -> None:
    weights = write_model(tmp_path / "teacher", tiny_bundle) / models.WEIGHTS
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ArtifactError, match=f"{models.WEIGHTS}: content differs"):
        TorchTranslator.open(tmp_path / "teacher", 1)
    (tmp_path / "teacher" / MANIFEST).unlink()
    with pytest.raises(MissingError, match="no finished output"):
        open_ensemble([tmp_path / "teacher"], 1)


@pytest.mark.parametrize("kind", ["transformer", "rotary", "gru"])
def test_all_positions_at_once_score_as_one_after_the_other(
    kind: str, tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqline.decoding.scoring._CHUNK_LOGITS", 2_000)  # a few positions
    at_once = TorchTranslator.open(write_model(tmp_path / "model", tiny_bundle, kind), 1)
    by_steps = StepTranslator(at_once.model, at_once.tokenizer)
    found, expected = (each.score(SOURCES, TARGETS) for each in (at_once, by_steps))
    assert [len(each) for each in found] == [len(ids) + 1 for ids in at_once.tokenizer.encode_target(TARGETS)]
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-4)


def test_lines_are_looked_at_and_scored_up_to_the_last_position(teacher: Path) -> None:
    translator = TorchTranslator.open(teacher, 1)
    assert isinstance(translator.model, Transformer)
    num_pieces = translator.model.config.max_positions - 1  # the end needs a place, too
    fits, too_long = ("早" * (num_pieces - extra) for extra in (1, 0))
    assert len(translator.tokenizer.encode_target([fits])[0]) == num_pieces
    for pair in ((fits, "tea"), ("tea", fits)):
        assert translator.attention(*pair) is not None
        assert translator.score(*([line] for line in pair))
    for pair in ((too_long, "tea"), ("tea", too_long)):
        assert translator.attention(*pair) is None
        for each in (translator, open_ensemble([teacher, teacher], 1)):
            with pytest.raises(InputError, match=r"^line 8: 1,025 pieces .* 1,024 positions"):
                each.score(["tea", pair[0]], ["tea", pair[1]], first_line=7)


@pytest.mark.parametrize("members", [1, 2], ids=["alone", "ensemble"])
def test_of_much_work_each_core_gets_batches_of_its_own(
    teacher: Path, members: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_with(threads: int) -> StepTranslator:
        return TorchTranslator.open(teacher, threads) if members == 1 else open_ensemble([teacher] * members, threads)

    encode, seen = Transformer.encode, set()

    def seen_encode(model: Transformer, source_BS: Tensor) -> models.base.Memory:
        seen.add(threading.current_thread())
        return encode(model, source_BS)

    lines = [f"{first} {second}" for first in SOURCES * 20 for second in SOURCES * 2][:300]
    expected = open_with(1).translate(lines, beam=4)
    monkeypatch.setattr(Transformer, "encode", seen_encode)
    found = open_with(2).translate(lines, beam=4)
    assert threading.main_thread() not in seen
    assert [one[0].text for one in found] == [one[0].text for one in expected]
