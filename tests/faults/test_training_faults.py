"""What goes wrong while a model is trained: losses that are not finite, memory that runs out, odd checkpoints."""

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_training import run_of, settings, tiny_data, tiny_model

from seqline import files
from seqline.errors import ArtifactError, InputError, MismatchError, NotFiniteError, StageError
from seqline.models.base import EncoderDecoder
from seqline.tokenization import Sequences
from seqline.training import loop
from seqline.training.data import Group, Pool, TrainingData
from seqline.training.gradient import Gradient, is_out_of_memory
from seqline.training.loop import fit
from seqline.training.machine import CPU
from seqline.training.peers import ALONE
from seqline.training.state import TrainingState


def poison(model: EncoderDecoder, *passes: int) -> EncoderDecoder:
    """A model whose n-th forward pass in training gives NaN, for each n given."""
    count = 0

    def spoil(_: Any, __: Any, features: torch.Tensor) -> torch.Tensor:
        nonlocal count
        count += 1
        return features * float("nan") if count in passes else features

    model.register_forward_hook(spoil)
    return model


def test_a_loss_that_is_not_finite_leads_back_to_the_last_checkpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    curve = fit(poison(tiny_model(), 17), run_of(tmp_path))  # in update 9, after the checkpoint at 6
    told = capsys.readouterr().err
    assert "update 9: the loss (nan) or its gradient (nan) is not finite; back to update 6 with half" in told
    assert [row["update"] for row in curve] == [6, 12, 18, 24]
    undisturbed = fit(tiny_model(), run_of(tmp_path / "undisturbed"))
    assert curve[0] == undisturbed[0]
    assert curve[1]["learning_rate"] == undisturbed[1]["learning_rate"] / 2
    assert curve[1]["loss"] != undisturbed[1]["loss"]


def test_a_run_killed_after_a_rewind_ends_with_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    whole = poison(tiny_model(), 17)
    curve = fit(whole, run_of(tmp_path / "whole"))
    update = loop.update

    def dying(state: TrainingState, *rest: Any) -> None:
        if state.progress.rewinds and state.progress.update == 7:
            raise KeyboardInterrupt
        update(state, *rest)

    monkeypatch.setattr(loop, "update", dying)
    with pytest.raises(KeyboardInterrupt):
        fit(poison(tiny_model(), 17), run_of(tmp_path / "parts"))
    monkeypatch.setattr(loop, "update", update)
    resumed = tiny_model()
    assert fit(resumed, run_of(tmp_path / "parts")) == curve
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)


def test_after_three_rewinds_it_stops_before_the_step_and_keeps_the_checkpoint(tmp_path: Path) -> None:
    model = tiny_model()
    model.output.weight.data[5, 3] = float("nan")
    before = [weight.clone() for weight in model.parameters()]
    with pytest.raises(NotFiniteError, match=r"update 1: .* after 3 rewinds; lower the learning rate"):
        fit(model, run_of(tmp_path))
    for weight, kept in zip(model.parameters(), before, strict=True):
        assert torch.equal(weight.nan_to_num(), kept.nan_to_num())
    assert files.read_json(tmp_path / "checkpoint" / "state.json")["progress"]["rewinds"] == 3


def first_group(pairs: int = 40) -> Group:
    data = tiny_data()
    rows = [torch.arange(begin, begin + pairs).numpy() for begin in (0, pairs)]
    return next(Pool(data.source, data.target, rows).groups(2))


def gradient_of(limit: int | None, monkeypatch: pytest.MonkeyPatch) -> tuple[float, list[torch.Tensor], int]:
    """Loss and gradient on a machine in whose memory at most ``limit`` pairs fit at once."""
    model = tiny_model(dropout=0.0)
    forward = model.forward

    def narrow(source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        if limit is not None and len(source) > limit:
            raise RuntimeError(f"DefaultCPUAllocator: can't allocate memory: {len(source)} pairs")
        return forward(source, target)

    monkeypatch.setattr(model, "forward", narrow)
    gradient = Gradient(model, settings(), CPU, ALONE)
    loss = gradient.compute(first_group())
    return loss, [weight.grad for weight in model.parameters() if weight.grad is not None], gradient.splits


def test_where_memory_runs_out_smaller_parts_give_the_same_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, expected, _ = gradient_of(None, monkeypatch)
    parts, found, splits = gradient_of(11, monkeypatch)
    assert splits == 2  # 40 pairs, 20, 10
    assert parts == pytest.approx(whole, rel=1e-6)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)


def test_a_pair_that_fits_into_no_memory_is_an_error_of_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StageError, match="a single sentence pair does not fit into memory"):
        gradient_of(0, monkeypatch)


def test_torch_itself_says_that_memory_ran_out_in_words_that_are_known() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert is_out_of_memory(caught.value)
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


def test_how_often_memory_ran_out_is_part_of_the_checkpoint(tmp_path: Path) -> None:
    run = run_of(tmp_path, max_updates=6)
    state = TrainingState.begin(tiny_model(), run.settings, CPU, ALONE)
    state.gradient.splits = 3
    state.save(run.checkpoint, run.fingerprint)
    again = TrainingState.begin(tiny_model(), run.settings, CPU, ALONE)
    assert again.restore(run.checkpoint, run.fingerprint)
    assert again.gradient.splits == 3


def test_a_batch_budget_below_the_longest_sentence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"batch_tokens is 5, and the longest training sentence has \d+ pieces"):
        fit(tiny_model(), run_of(tmp_path, batch_tokens=5))


def test_a_sentence_beyond_the_models_positions_is_refused_before_the_first_update(tmp_path: Path) -> None:
    model = tiny_model()
    longest = int(max(side.lengths.max() for side in (tiny_data().source, tiny_data().target))) + 1
    model.config = replace(model.config, max_positions=longest - 1)
    told = f"has {longest - 1} positions, .* has {longest} pieces with its end; lower .*max_pieces to {longest - 2}$"
    with pytest.raises(InputError, match=told):
        fit(model, run_of(tmp_path))


def test_random_pieces_never_make_a_sentence_longer_than_the_models_positions(tmp_path: Path) -> None:
    model = tiny_model()
    longest = int(max(side.lengths.max() for side in (tiny_data().source, tiny_data().target))) + 1
    model.config = replace(model.config, max_positions=longest)
    fit(model, run_of(tmp_path, subword_sampling=0.1))


def test_an_empty_training_set_is_refused(tmp_path: Path) -> None:
    empty = TrainingData(Sequences.of([]), Sequences.of([]), tiny_data().tokenizer)
    with pytest.raises(InputError, match="no training pair"):
        fit(tiny_model(), replace(run_of(tmp_path), data=empty))


def truncated(folder: Path) -> None:
    path = folder / "state.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


def pickled(folder: Path) -> None:
    """Not only the weights: the manifest says that they are right."""
    (folder / "state.safetensors").write_bytes(pickle.dumps({"model.0": [1.0]}))
    seal(folder)


def without_a_manifest(folder: Path) -> None:
    (folder / files.MANIFEST).unlink()


def of_another_tool(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    (folder / "checkpoint.pt").write_bytes(pickle.dumps({"model": [1.0]}))


def foreign(folder: Path) -> None:
    (folder / "state.json").write_text("[1, 2]\n")
    seal(folder)


def older(folder: Path) -> None:
    content = files.read_json(folder / "state.json")
    del content["progress"]["rewinds"]
    files.write_json(folder / "state.json", content)
    seal(folder)


def seal(folder: Path) -> None:
    names = [path.name for path in folder.iterdir() if path.name != files.MANIFEST]
    files.write_json(folder / files.MANIFEST, {"files": {name: files.sha256(folder / name) for name in names}})


@pytest.mark.parametrize("damage", [truncated, pickled, without_a_manifest, of_another_tool, foreign, older])
def test_what_is_no_whole_checkpoint_is_refused_in_one_line_and_left_alone(damage: Any, tmp_path: Path) -> None:
    run = run_of(tmp_path, max_updates=6)
    fit(tiny_model(), run)
    damage(run.checkpoint)
    before = {path.name: path.read_bytes() for path in run.checkpoint.iterdir()}
    with pytest.raises(ArtifactError) as caught:
        fit(tiny_model(), run)
    assert "\n" not in str(caught.value)
    assert str(run.checkpoint) in str(caught.value)
    assert "delete the folder to start afresh" in str(caught.value)
    assert {path.name: path.read_bytes() for path in run.checkpoint.iterdir()} == before


def test_a_checkpoint_of_a_model_with_another_vocabulary_is_refused_with_both_sizes(tmp_path: Path) -> None:
    run = run_of(tmp_path, max_updates=6)
    fit(tiny_model(), run)
    larger = tiny_model()
    larger.source_embedding = torch.nn.Embedding(500, 16)
    with pytest.raises(MismatchError, match=r"of shape \(\d+, 16\), the model's is \(500, 16\)"):
        fit(larger, run)
