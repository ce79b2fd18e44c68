"""One update of the weights."""

import math

import torch

from seqline.errors import NotFiniteError
from seqline.params.modelling import Optimisation
from seqline.training.allocator import give_back
from seqline.training.data import Group
from seqline.training.schedule import learning_rate
from seqline.training.state import TrainingState

_TIDY_EVERY = 200
"""Updates: often enough for memory to stay small, so seldom that few pages have to be filled with zeros again."""


def update(state: TrainingState, group: Group, settings: Optimisation) -> None:
    """One step of the optimiser over the mean loss of a group's labels.

    Raises:
        NotFiniteError: the step was not taken.
        StageError: a single pair does not fit into memory.
    """
    model, at = state.model, state.progress
    loss = state.gradient.compute(group)
    state.zeros.hold()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip_norm).item()
    if not math.isfinite(loss) or not math.isfinite(norm):
        raise NotFiniteError(
            f"update {at.update + 1}: the loss ({loss:.3g}) or its gradient ({norm:.3g}) is not finite"
        )
    state.optimisers.step(learning_rate(settings, at.update, at.rewinds))
    state.zeros.restore()
    at.update += 1
    at.loss_sum += loss
    at.num_labels += group.num_labels
    at.num_pieces += group.num_labels
    state.average.update(model, at.update)
    if at.update % _TIDY_EVERY == 0:
        give_back()
