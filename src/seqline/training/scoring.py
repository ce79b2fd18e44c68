"""Which weights a run keeps: the averaged ones of its best validation, or the mean of the last ones."""

from collections.abc import Mapping

from seqline.training.average import Weights, evaluated_with
from seqline.training.run import Run
from seqline.training.schedule import learning_rate
from seqline.training.state import TrainingState


def validate(state: TrainingState, run: Run) -> None:
    """Score the averaged weights, and keep them if they are the best."""
    at = state.progress
    row = {
        "update": at.update,
        "epoch": at.epoch,
        "loss": at.loss_sum / max(at.num_labels, 1),
        "learning_rate": learning_rate(run.settings, at.update - 1, at.rewinds),
        **_figures(state, run, state.average.weights),
    }
    improved = row["chrf"] > at.best_chrf
    at.stale_validations = 0 if improved else at.stale_validations + 1
    if improved:
        at.best_chrf = row["chrf"]
        state.keep_as_best(state.average.weights)
    state.last.keep(state.model)
    at.curve.append(row)
    at.loss_sum, at.num_labels = 0.0, 0
    track(run, row)


def track(run: Run, row: Mapping[str, float]) -> None:
    """Give a row of the curve to those who draw it."""
    run.tracker.metrics({key: value for key, value in row.items() if key != "update"}, int(row["update"]))


def _figures(state: TrainingState, run: Run, weights: Weights) -> dict[str, float]:
    """What the validator says of weights, to all processes; their random numbers go on as if it had not been."""
    random = run.machine.random_state()
    with evaluated_with(state.model, weights):
        figures = run.peers.share(run.validate(state.model) if run.peers.is_first else {})
    run.machine.set_random_state(random)
    return figures


def try_mean(state: TrainingState, run: Run) -> None:
    """Keep the mean of the last weights if it scores better than all that were validated."""
    at = state.progress
    if len(state.last.kept) < 2:
        return
    mean = state.last.mean()
    figures = _figures(state, run, mean)
    better = figures["chrf"] > at.best_chrf
    verdict = "kept" if better else "not kept"
    run.say(
        f"mean of the weights at the last {len(state.last.kept)} validations: chrF {figures['chrf']:.2f}, "
        f"best before {at.best_chrf:.2f}: {verdict}"
    )
    if better:
        state.keep_as_best(mean)
        at.curve.append({**at.curve[-1], **figures})
