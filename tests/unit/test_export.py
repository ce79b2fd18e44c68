"""Every option of the Transformer, exported: CTranslate2 must give torch's log-probabilities, piece by piece."""

from dataclasses import replace
from pathlib import Path

import ctranslate2
import pytest
import torch

from seqline.compression.export import to_ctranslate2
from seqline.decoding import score as torch_score
from seqline.decoding.search import search
from seqline.models.config import TransformerConfig
from seqline.models.transformer import Transformer
from seqline.tokenization import Sequences
from seqline.training.batching import collate
from seqline.types import Search

WHOLE = TransformerConfig(
    kind="transformer", source_vocabulary=50, target_vocabulary=60, width=32, head_width=8, encoder_heads=4,
    decoder_heads=4, encoder_ffn=(64, 64), decoder_ffn=(64, 64), activation="relu", dropout=0.1, tie="none",
    max_positions=64,
)  # fmt: skip
OPTIONS = {
    "whole": WHOLE,
    "gelu": replace(WHOLE, activation="gelu"),
    "swiglu": replace(WHOLE, activation="swiglu"),
    "swiglu, pruned units": replace(WHOLE, activation="swiglu", encoder_ffn=(40, 24), decoder_ffn=(16, 56)),
    "rms norm": replace(WHOLE, norm="rms"),
    "post-norm": replace(WHOLE, norm_place="post"),
    "rotary": replace(WHOLE, positions="rotary"),
    "rms, post-norm, rotary, swiglu": replace(
        WHOLE, norm="rms", norm_place="post", positions="rotary", activation="swiglu"
    ),
    "deep encoder, shallow decoder": replace(WHOLE, encoder_ffn=(64,) * 4, decoder_ffn=(64,)),
    "pruned heads": replace(WHOLE, encoder_heads=3, decoder_heads=1),
    "pruned units, unlike per layer": replace(WHOLE, encoder_ffn=(40, 24), decoder_ffn=(16, 56)),
    "tied target": replace(WHOLE, tie="target"),
    "all tied": replace(WHOLE, tie="all", source_vocabulary=60),
}
SOURCE = [[5, 6, 7, 8, 9, 40], [10, 11, 12], [4]]
TARGET = [[4, 5, 6], [9, 8, 7, 20, 21, 22, 23], []]


def build(config: TransformerConfig) -> Transformer:
    """A model whose biases and norms are not at their neutral values, so that a forgotten one shows."""
    torch.manual_seed(1)
    model = Transformer(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.1 * torch.randn_like(weight)
    return model


def tokens(prefix: str, count: int) -> list[str]:
    return ["<pad>", "<unk>", "<s>", "</s>", *(f"{prefix}{index}" for index in range(4, count))]


def export(model: Transformer, folder: Path, compute_type: str) -> ctranslate2.Translator:
    config = model.config
    prefix = "t" if config.tie == "all" else "s"
    source, target = tokens(prefix, config.source_vocabulary), tokens("t", config.target_vocabulary)
    to_ctranslate2(model, source, target, folder, compute_type)
    return ctranslate2.Translator(str(folder), intra_threads=1)


def named(prefix: str, rows: list[list[int]]) -> list[list[str]]:
    return [[f"{prefix}{index}" for index in row] for row in rows]


def errors(model: Transformer, translator: ctranslate2.Translator) -> list[float]:
    batch = collate(*(list(map(sequences.__getitem__, range(3))) for sequences in map(Sequences.of, (SOURCE, TARGET))))
    expected_BT = torch_score(model, batch.source_BS, batch.input_BT, batch.label_BT)
    prefix = "t" if model.config.tie == "all" else "s"
    results = translator.score_batch(named(prefix, SOURCE), named("t", TARGET), max_input_length=0)
    found = [result.log_probs for result in results]
    assert [len(log_probs) for log_probs in found] == [4, 8, 1]
    return [
        (expected_T[: len(log_probs)] - torch.tensor(log_probs)).abs().max().item()
        for expected_T, log_probs in zip(expected_BT, found, strict=True)
    ]


@pytest.mark.parametrize("option", OPTIONS)
def test_float32_export_gives_torchs_log_probabilities(option: str, tmp_path: Path) -> None:
    model = build(OPTIONS[option])
    assert max(errors(model, export(model, tmp_path, "float32"))) < 1e-5


@pytest.mark.parametrize("option", OPTIONS)
def test_int8_export_stays_near_torch(option: str, tmp_path: Path) -> None:
    model = build(OPTIONS[option])
    assert max(errors(model, export(model, tmp_path, "int8"))) < 0.2


@pytest.mark.parametrize("compute_type", ["float32", "int8"])
def test_export_leaves_the_live_model_as_it_was(compute_type: str, tmp_path: Path) -> None:
    model = build(OPTIONS["tied target"])
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    export(model, tmp_path, compute_type)
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


def test_step_by_step_decoding_writes_the_same_pieces_as_torch(tmp_path: Path) -> None:
    model = build(WHOLE)
    translator = export(model, tmp_path, "float32")
    for row in SOURCE:
        expected = search(model, torch.tensor([[*row, 3]]), Search(beam=1), [20])[0]
        result = translator.translate_batch(
            named("s", [row]), beam_size=1, max_decoding_length=20, return_scores=True,
            suppress_sequences=[["<pad>"], ["<s>"]], disable_unk=True,
        )[0]  # fmt: skip
        assert result.hypotheses == named("t", [list(hypothesis.ids) for hypothesis in expected])


def test_tied_embeddings_are_written_once(tmp_path: Path) -> None:
    sizes = []
    for tie in ("none", "target"):
        folder = tmp_path / tie
        folder.mkdir()
        export(build(replace(WHOLE, tie=tie)), folder, "float32")  # type: ignore[arg-type]
        sizes.append((folder / "model.bin").stat().st_size)
    assert sizes[0] - sizes[1] > 60 * 32 * 4 * 0.9


def test_int8_is_nearly_four_times_smaller(tmp_path: Path) -> None:
    model = build(replace(WHOLE, width=128, head_width=32, encoder_ffn=(512,), decoder_ffn=(512,)))
    sizes = []
    for compute_type in ("float32", "int8"):
        folder = tmp_path / compute_type
        folder.mkdir()
        export(model, folder, compute_type)
        sizes.append((folder / "model.bin").stat().st_size)
    assert sizes[0] / sizes[1] > 3.2
