"""The training loop on a task small enough to learn in seconds."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_training import run_of, settings, tiny_model

from seqline import files
from seqline.errors import MismatchError
from seqline.models.base import EncoderDecoder
from seqline.special import BOS, EOS, PAD, UNK
from seqline.training import data, loop
from seqline.training.average import copied
from seqline.training.batching import Batch
from seqline.training.loop import fit
from seqline.training.noise import word_dropout
from seqline.training.schedule import learning_rate
from seqline.types import NoTracker


class KilledError(Exception):
    pass


EVERYTHING = {
    "average_last": 3, "word_dropout": 0.1, "r_drop": 1.0, "optimiser": "muon", "schedule": "wsd", "int8_aware": True,
}  # fmt: skip


@pytest.mark.parametrize("pool_pairs", [data.POOL_PAIRS, 100])
@pytest.mark.parametrize(("kill_at", "changes"), [(5, {}), (6, {}), (7, {}), (20, {}), (13, EVERYTHING)])
def test_killed_and_started_again_ends_with_the_same_bits(
    kill_at: int, changes: dict[str, Any], pool_pairs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "POOL_PAIRS", pool_pairs)
    monkeypatch.setattr(data, "_BLOCK_PAIRS", 8)
    torch.set_num_threads(1)
    whole = tiny_model()
    curve = fit(whole, run_of(tmp_path / "whole", **changes))

    update = loop.update

    def dying(state: Any, *rest: Any) -> None:
        if state.progress.update == kill_at:
            raise KilledError
        update(state, *rest)

    monkeypatch.setattr(loop, "update", dying)
    with pytest.raises(KilledError):
        fit(tiny_model(), run_of(tmp_path / "parts", **changes))
    monkeypatch.setattr(loop, "update", update)
    resumed = tiny_model()
    assert fit(resumed, run_of(tmp_path / "parts", **changes)) == curve
    at = [files.read_json(tmp_path / part / "checkpoint" / "state.json")["progress"] for part in ("whole", "parts")]
    assert at[0] | {"seconds": 0} == at[1] | {"seconds": 0}
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)


class Drawn(NoTracker):
    def __init__(self) -> None:
        self.updates: list[int] = []

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        self.updates.append(step)


def test_who_draws_the_curve_of_a_run_that_goes_on_gets_all_of_it(tmp_path: Path) -> None:
    drawn = Drawn()
    fit(tiny_model(), replace(run_of(tmp_path, max_updates=12), tracker=drawn))
    assert drawn.updates == [6, 12]
    again = Drawn()
    fit(tiny_model(), replace(run_of(tmp_path, max_updates=24), tracker=again))
    assert again.updates == [6, 12, 18, 24]


def test_resuming_on_other_data_is_refused_by_name(tmp_path: Path) -> None:
    fit(tiny_model(), run_of(tmp_path, max_updates=6))
    other = replace(run_of(tmp_path), fingerprint={"data": "y", "seed": 2})
    with pytest.raises(MismatchError, match="another data, seed"):
        fit(tiny_model(), other)


def test_training_stops_when_validation_stays_without_gain(tmp_path: Path) -> None:
    curve = fit(tiny_model(), run_of(tmp_path, lambda _: {"chrf": 1.0, "bleu": 0.0}, patience=2, max_updates=100))
    assert [row["update"] for row in curve] == [6, 12, 18]


def test_loss_falls(tmp_path: Path) -> None:
    curve = fit(tiny_model(), run_of(tmp_path, max_updates=60))
    assert curve[-1]["loss"] < 0.8 * curve[0]["loss"]


@pytest.mark.parametrize("schedule", ["inverse_sqrt", "cosine", "linear", "wsd"])
def test_learning_rate_rises_to_its_peak_then_falls(schedule: str) -> None:
    values = settings(schedule=schedule, max_updates=100, warmup_updates=10)
    rates = [learning_rate(values, update) for update in range(100)]
    assert rates[9] == max(rates) == values.learning_rate
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert min(rates) > 0


def test_a_wsd_schedule_stays_at_its_peak_until_the_last_updates() -> None:
    values = settings(schedule="wsd", max_updates=100, warmup_updates=10, decay_share=0.2)
    rates = [learning_rate(values, update) for update in range(100)]
    assert rates[9:80] == [values.learning_rate] * 71
    assert rates[90] == pytest.approx(values.learning_rate / 2)


def test_every_rewind_halves_the_learning_rate() -> None:
    assert learning_rate(settings(), 9, rewinds=2) == learning_rate(settings(), 9) / 4


def test_rounding_the_weights_changes_what_is_learnt_and_leaves_them_exact(tmp_path: Path) -> None:
    learnt = []
    for number, rounds in enumerate((False, True)):
        model = tiny_model()
        fit(model, run_of(tmp_path / str(number), int8_aware=rounds))
        learnt.append(model.output.weight.detach().clone())
    assert not torch.equal(*learnt)
    assert all(len(row.unique()) == len(row) for row in learnt[1][4:])


def test_a_row_of_the_curve_tells_the_rate_of_the_last_update(tmp_path: Path) -> None:
    run = run_of(tmp_path, max_updates=18, warmup_updates=12)
    row, *_ = fit(tiny_model(), run)
    assert row["learning_rate"] == run.settings.learning_rate / 2


def test_word_dropout_hides_pieces_of_the_inputs_and_nothing_else() -> None:
    source = torch.tensor([[7] * 400 + [EOS] + [PAD] * 99] * 2)
    label = torch.tensor([[8] * 400 + [EOS]] * 2)
    shifted = torch.tensor([[BOS] + [8] * 400] * 2)
    torch.manual_seed(1)
    noisy = word_dropout(Batch(source, shifted, label), 0.25)
    for clean, found in ((source, noisy.source_BS), (shifted, noisy.input_BT)):
        hidden = found == UNK
        assert 0.2 < hidden.sum() / (2 * 400) < 0.3
        assert torch.equal(found[~hidden], clean[~hidden])
        assert (clean[hidden] > EOS).all()
    assert torch.equal(noisy.label_BT, label)


@pytest.mark.parametrize(("score_of_mean", "is_kept"), [(9.0, True), (3.5, False)])
def test_the_mean_of_the_last_weights_is_kept_where_it_scores_better(
    score_of_mean: float, is_kept: bool, tmp_path: Path
) -> None:
    scores = [1.0, 2.0, 3.0, 4.0, score_of_mean]
    seen: list[list[torch.Tensor]] = []

    def scripted(model: EncoderDecoder) -> dict[str, float]:
        seen.append(copied(model))
        return {"chrf": scores[len(seen) - 1], "bleu": 0.0}

    model = tiny_model()
    curve = fit(model, run_of(tmp_path, scripted, average_last=2, average_decay=0.0))
    expected = [(one + two) / 2 for one, two in zip(seen[2], seen[3], strict=True)] if is_kept else seen[3]
    for weight, wanted in zip(copied(model), expected, strict=True):
        torch.testing.assert_close(weight, wanted)
    assert curve[-1]["chrf"] == max(scores)


def test_what_it_tells_first_is_of_sentences_as_they_will_be_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = set()
    for sampling in (0.0, 0.1):
        run = run_of(tmp_path / str(sampling), max_updates=6, subword_sampling=sampling)
        fit(tiny_model(), run)
        pool = run.data.pool(run.settings.batch_tokens, run.seed, 0, 0, sampling)
        assert f"in {len(pool.batches)} batches" in capsys.readouterr().err
        told.add(len(pool.batches))
    assert len(told) == 2


def test_it_tells_first_on_what_it_trains_and_soon_how_long_it_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.set_num_threads(1)
    fit(tiny_model(), run_of(tmp_path, max_updates=14, validate_every=14))
    first, *rest = capsys.readouterr().err.split("\n")
    assert re.match(r"test: cpu, fp32, 1 thread; 0\.01 M parameters, adamw; 300 pairs in \d+ batches of ≤ 200 ", first)
    assert re.search(r"\d\.\d% of them padding; 14 updates, \d\.\d epochs$", first)
    assert re.match(r"test: 14 updates took \d s, validations included: [\d,]+ target pieces/s$", rest[-2])
    assert any(re.match(r"test: [\d,]+ target pieces/s; 1 more updates take about 0 s", line) for line in rest)
