"""The training loop: updates, validations, checkpoints, and an end."""

from collections.abc import Iterator
from contextlib import nullcontext

import torch

from seqline.errors import NotFiniteError
from seqline.models.base import EncoderDecoder
from seqline.progress import Advance, duration, progress
from seqline.training.allocator import pages_kept
from seqline.training.briefing import briefing
from seqline.training.data import Group
from seqline.training.others import left_alone
from seqline.training.pace import Pace
from seqline.training.run import Run
from seqline.training.scoring import track, try_mean, validate
from seqline.training.state import Progress, TrainingState
from seqline.training.update import update
from seqline.training.zeros import Zeros

Curve = list[dict[str, float]]
MAX_REWINDS = 3
_APART = 1 << 32
"""Between the seeds of processes, and between those of the orders after each rewind."""


def fit(model: EncoderDecoder, run: Run) -> Curve:
    """Train ``model`` in place and leave it with the best averaged weights; returns one row per validation.

    A killed run that is started again goes on from its last checkpoint and ends with the same weights. Where a loss or
    a gradient is not finite, the step is not taken: the run goes back to its last checkpoint and on from there with
    half the learning rate and its batches in another order, at most MAX_REWINDS times.

    Raises:
        InputError: there is no pair, or a pair is longer than a batch or a sequence of the model may be.
        NotFiniteError: that did not help; the last checkpoint stays.
        StageError: a single pair does not fit into memory.
        MismatchError: the checkpoint in the folder belongs to something else.
    """
    run.data.check(run.settings.batch_tokens, model.config.max_positions)
    model.to(run.machine.device)
    run.say(briefing(model, run.data, run.settings, run.seed, run.machine, run.peers))
    state = _begun(model, run)
    model.train()
    silent = nullcontext(_say_nothing)
    shown = progress(run.name, run.settings.max_updates, "update", state.progress.update)
    with shown if run.peers.is_first else silent as advance:
        with pages_kept():
            while not _trained(state, run, advance):
                pass
        try_mean(state, run)
    run.say(_taken(state.progress))
    state.load_best()
    model.eval()
    return state.progress.curve


def _begun(model: EncoderDecoder, run: Run) -> TrainingState:
    """The state of the last checkpoint, or, where there is none, that before the first update."""
    state = TrainingState.begin(model, run.settings, run.machine, run.peers)
    if run.keeps_zeros:
        state.zeros = Zeros.of(model)
    torch.manual_seed(run.seed + _APART * run.peers.rank)
    if state.restore(run.checkpoint, run.fingerprint):
        for row in state.progress.curve:
            track(run, row)
        return state
    if line := left_alone(run.checkpoint, run.fingerprint):
        run.say(line)
    state.save(run.checkpoint, run.fingerprint)  # to go back to, should it fail before the first validation
    return state


def _taken(at: Progress) -> str:
    return (
        f"{at.update:,} updates took {duration(at.seconds)}, validations included: "
        f"{at.num_pieces / max(at.seconds, 1e-9):,.0f} target pieces/s"
    )


def _trained(state: TrainingState, run: Run, advance: Advance) -> bool:
    """Train to the end, or to a loss that is not finite, from which it goes back: then False."""
    try:
        _train(state, run, advance)
    except NotFiniteError as error:
        if state.progress.rewinds == MAX_REWINDS:
            raise NotFiniteError(
                f"{error}, after {MAX_REWINDS} rewinds; lower the learning rate or warm up longer; "
                "the last checkpoint is kept"
            ) from None
        reached = state.progress.update
        _rewind(state, run)
        run.say(
            f"{error}; back to update {state.progress.update} with half the learning rate and another order of the "
            f"batches (rewind {state.progress.rewinds} of at most {MAX_REWINDS})"
        )
        advance(state.progress.update - reached)
        return False
    return True


def _rewind(state: TrainingState, run: Run) -> None:
    rewinds, splits = state.progress.rewinds + 1, state.gradient.splits
    state.optimisers.clear()
    state.restore(run.checkpoint, run.fingerprint)
    state.progress.rewinds, state.gradient.splits = rewinds, splits
    state.save(run.checkpoint, run.fingerprint)  # so that a run killed from now on does not go back once more


def _train(state: TrainingState, run: Run, advance: Advance) -> None:
    settings, at = run.settings, state.progress
    pace = Pace(at.update, at.seconds)
    for group in _groups(run, at, state.model.config.max_positions):
        if at.update >= settings.max_updates or at.stale_validations >= settings.patience:
            return
        update(state, group, settings)
        pace.count(group.num_labels)
        advance(1.0, f"{pace}, loss {at.loss_sum / max(at.num_labels, 1):.3f}, best chrF {max(at.best_chrf, 0.0):.1f}")
        if pace.is_known_now:
            run.say(pace.estimate(settings))
        if at.update % settings.validate_every == 0 or at.update == settings.max_updates:
            validate(state, run)
            at.seconds = pace.seconds
            state.save(run.checkpoint, run.fingerprint)


def _groups(run: Run, at: Progress, max_positions: int | None) -> Iterator[Group]:
    """The batches of each update, from where ``at`` stands, without end; keeps ``at`` in step."""
    settings, peers = run.settings, run.peers
    seed = run.seed + _APART * at.rewinds
    while True:
        pool = run.data.pool(settings.batch_tokens, seed, at.epoch, at.pool, settings.subword_sampling, max_positions)
        groups = pool.groups(settings.accumulate * peers.count, at.batch, peers.rank, peers.count)
        for group in run.machine.feed(groups):
            at.batch += group.num_batches
            yield group
        at.pool, at.batch = at.pool + 1, 0
        if at.pool == run.data.num_pools:
            at.epoch, at.pool = at.epoch + 1, 0


def _say_nothing(amount: float = 1.0, note: str = "", total: float | None = None) -> None:
    """The progress display of a process that is not the first."""
