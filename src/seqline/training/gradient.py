"""The gradient of one update, summed over its batches and processes, in as little memory as there is."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from seqline.errors import StageError
from seqline.models.base import EncoderDecoder
from seqline.models.products import rounding
from seqline.params.modelling import Optimisation
from seqline.training.batching import Batch
from seqline.training.data import Group
from seqline.training.loss import linear_cross_entropy, r_drop
from seqline.training.machine import Machine
from seqline.training.noise import word_dropout
from seqline.training.peers import Peers
from seqline.training.quantised import rounded_weights


class Gradient:
    """Leaves the gradient of a group's mean loss in the weights of a model.

    Where memory runs out, every batch is cut into twice as many parts and the update begins anew, with the same
    random numbers; the sum, and with it the effective batch, stays. ``splits`` counts how often that happened.
    """

    def __init__(
        self, model: EncoderDecoder, settings: Optimisation, machine: Machine, peers: Peers, splits: int = 0
    ) -> None:
        self.splits = splits
        self._model, self._forward = model, machine.forward(model)
        self._settings, self._machine, self._peers = settings, machine, peers

    def compute(self, group: Group) -> float:
        """The summed loss of all the group's labels; the weights then carry the gradient of its mean.

        Raises:
            StageError: a single pair does not fit into memory.
        """
        random = self._machine.random_state()
        while True:
            with self._model.rounding(self._machine.rounds), self._weights():
                accumulated = self._accumulated(group)
            loss, fits = self._added(*accumulated)
            if fits:
                return loss
            if 2**self.splits >= group.num_pairs:
                raise StageError(
                    "a single sentence pair does not fit into memory; lower tokenize.max_pieces or the width"
                )
            self.splits += 1
            self._model.zero_grad(set_to_none=True)
            self._machine.set_random_state(random)

    def _weights(self) -> AbstractContextManager[None]:
        """The weights that the loss is computed with."""
        return rounded_weights(self._model) if self._settings.int8_aware else nullcontext()

    def _accumulated(self, group: Group) -> tuple[Tensor, bool]:
        """The loss of this process's share, and whether it fitted into memory."""
        total = torch.zeros((), device=self._machine.device)
        try:
            for batch in group.batches:
                for part in batch.split(2**self.splits):
                    loss = self._loss(part)
                    torch.autograd.backward(loss / group.num_labels)
                    total += loss.detach()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return total, False
        return total, True

    def _loss(self, batch: Batch) -> Tensor:
        settings = self._settings
        if settings.word_dropout:
            batch = word_dropout(batch, settings.word_dropout)
        batch = batch.to(self._machine.device)
        weight_VD = self._model.output.weight
        with self._machine.autocast():
            if not settings.r_drop:
                features_BTD = self._forward(batch.source_BS, batch.input_BT)
                with rounding(self._machine.rounds):
                    return linear_cross_entropy(
                        features_BTD, weight_VD, batch.label_BT, settings.label_smoothing, batch.lesson
                    )
            twice_BTD = self._forward(batch.source_BS.repeat(2, 1), batch.input_BT.repeat(2, 1))
            both_2BTD = twice_BTD.view(2, len(batch), *twice_BTD.shape[1:])
            with rounding(self._machine.rounds):
                return r_drop(
                    both_2BTD, weight_VD, batch.label_BT, settings.label_smoothing, settings.r_drop, batch.lesson
                )

    def _added(self, loss: Tensor, fits: bool) -> tuple[float, bool]:
        """Loss and gradient of all processes together, and whether all of them had room."""
        if self._peers.count == 1:
            return loss.item(), fits
        weights = list(self._model.parameters())
        told = torch.stack((loss, torch.full_like(loss, not fits)))
        flat = torch.cat([*(_gradient(weight).flatten() for weight in weights), told])
        self._peers.add(flat)
        sizes = [weight.numel() for weight in weights]
        for weight, part in zip(weights, torch.split(flat, [*sizes, len(told)]), strict=False):
            weight.grad = part.view_as(weight)
        loss, failures = flat[-2:]
        return loss.item(), not failures.item()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch, on a GPU or a CPU, or Python ran out of memory."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "DefaultCPUAllocator" in str(error)


def _gradient(weight: nn.Parameter) -> Tensor:
    return torch.zeros_like(weight) if weight.grad is None else weight.grad
