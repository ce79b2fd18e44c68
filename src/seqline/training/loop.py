"""The training loop: updates, validations, checkpoints, and an end."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from seqline.errors import NotFiniteError
from seqline.models.base import EncoderDecoder
from seqline.params.modelling import Optimisation
from seqline.progress import Advance, progress
from seqline.training.batching import Batch
from seqline.training.data import TrainingData
from seqline.training.loss import linear_cross_entropy
from seqline.training.optimiser import Average, adamw
from seqline.training.schedule import learning_rate
from seqline.training.state import Progress, TrainingState
from seqline.types import Tracker

Validator = Callable[[EncoderDecoder], Mapping[str, float]]
Curve = list[dict[str, float]]


@dataclass(frozen=True)
class Run:
    """What a training run is made of.

    ``validate`` returns at least ``chrf``; ``fingerprint`` says what a checkpoint must agree with to be resumed.
    """

    data: TrainingData
    validate: Validator
    settings: Optimisation
    seed: int
    checkpoint: Path
    fingerprint: dict[str, Any]
    tracker: Tracker
    name: str


def fit(model: EncoderDecoder, run: Run) -> Curve:
    """Train ``model`` in place and leave it with the best averaged weights; returns one row per validation.

    A killed run that is started again goes on from its last checkpoint and ends with the same weights.

    Raises:
        NotFiniteError: the loss or the gradient became NaN or infinite; the last checkpoint stays.
        MismatchError: the checkpoint in the folder belongs to something else.
    """
    average = Average(model, run.settings.average_decay)
    best = [weight.detach().clone() for weight in model.parameters()]
    state = TrainingState(model, adamw(model, run.settings), average, best, Progress())
    torch.manual_seed(run.seed)
    state.restore(run.checkpoint, run.fingerprint)
    model.train()
    with progress(run.name, run.settings.max_updates, "update") as advance:
        advance(state.progress.update)
        _train(state, run, advance)
    state.load_best()
    model.eval()
    return state.progress.curve


def _train(state: TrainingState, run: Run, advance: Advance) -> None:
    settings, at = run.settings, state.progress
    begin = time.monotonic() - at.seconds
    for batches in _updates(run, at):
        if at.update >= settings.max_updates or at.stale_validations >= settings.patience:
            return
        _update(state, batches, settings)
        at.seconds = time.monotonic() - begin
        advance(1.0, f"loss {at.loss_sum / max(at.num_labels, 1):.3f}, best chrF {max(at.best_chrf, 0.0):.1f}")
        if at.update % settings.validate_every == 0 or at.update == settings.max_updates:
            _validate(state, run)
            state.save(run.checkpoint, run.fingerprint)


def _updates(run: Run, at: Progress) -> Iterator[list[Batch]]:
    """The batches of each update, from where ``at`` stands, without end; keeps ``at`` in step."""
    while True:
        pairs = run.data.epoch(run.seed, at.epoch, run.settings.subword_sampling)
        batches = pairs.batches(run.settings.batch_tokens, run.seed, at.epoch, at.batch)
        while group := list(islice(batches, run.settings.accumulate)):
            at.batch += len(group)
            yield group
        at.epoch, at.batch = at.epoch + 1, 0


def _update(state: TrainingState, batches: list[Batch], settings: Optimisation) -> None:
    """One step of the optimiser over the mean loss of its batches' labels."""
    model, at = state.model, state.progress
    num_labels = sum(batch.num_labels for batch in batches)
    total = 0.0
    for batch in batches:
        features_BTD = model(batch.source_BS, batch.input_BT)
        loss = linear_cross_entropy(features_BTD, model.output.weight, batch.label_BT, settings.label_smoothing)
        torch.autograd.backward(loss / num_labels)
        total += loss.item()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip_norm)
    if not math.isfinite(total) or not math.isfinite(norm.item()):
        raise NotFiniteError(
            f"update {at.update + 1}: the loss ({total:.3g}) or its gradient ({norm.item():.3g}) is not finite; "
            "lower the learning rate or warm up longer; the last checkpoint is kept"
        )
    for group in state.optimiser.param_groups:
        group["lr"] = learning_rate(settings, at.update)
    state.optimiser.step()
    state.optimiser.zero_grad(set_to_none=True)
    at.update += 1
    at.loss_sum += total
    at.num_labels += num_labels
    state.average.update(model, at.update)


def _validate(state: TrainingState, run: Run) -> None:
    at = state.progress
    random = torch.get_rng_state()
    with state.average.applied(state.model):
        figures = run.validate(state.model)
    torch.set_rng_state(random)
    improved = figures["chrf"] > at.best_chrf
    at.stale_validations = 0 if improved else at.stale_validations + 1
    if improved:
        at.best_chrf, at.best_update = figures["chrf"], at.update
        state.keep_as_best()
    row = {
        "update": at.update,
        "epoch": at.epoch,
        "loss": at.loss_sum / max(at.num_labels, 1),
        "learning_rate": learning_rate(run.settings, at.update),
        **figures,
    }
    at.curve.append(row)
    at.loss_sum, at.num_labels = 0.0, 0
    run.tracker.metrics({key: value for key, value in row.items() if key != "update"}, at.update)
