"""AdamW, and the moving average of the weights that validation and the final model use."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from seqline.params.modelling import Optimisation


def adamw(model: nn.Module, settings: Optimisation) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter 2019) that decays matrices, and leaves biases, norms and gains alone."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    groups = [
        {"params": [weight for weight in weights if weight.dim() > 1], "weight_decay": settings.weight_decay},
        {"params": [weight for weight in weights if weight.dim() <= 1], "weight_decay": 0.0},
    ]
    first, second = settings.betas
    return torch.optim.AdamW(
        [group for group in groups if group["params"]], lr=settings.learning_rate, betas=(first, second), fused=True
    )


class Average:
    """Exponential moving average of a model's weights (Polyak & Juditsky 1992).

    Its decay grows from 0.1 towards ``decay``, so that the random start is forgotten quickly.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = [weight.detach().clone() for weight in model.parameters()]

    @torch.no_grad()
    def update(self, model: nn.Module, num_updates: int) -> None:
        """Move towards the model's present weights, after ``num_updates`` updates."""
        decay = min(self.decay, (1 + num_updates) / (10 + num_updates)) if self.decay else 0.0
        torch._foreach_lerp_(self.weights, list(model.parameters()), 1 - decay)

    @contextmanager
    def applied(self, model: nn.Module) -> Iterator[None]:
        """The model with averaged weights, in evaluation mode, for the length of a block."""
        kept = [weight.detach().clone() for weight in model.parameters()]
        was_training = model.training
        set_weights(model, self.weights)
        model.eval()
        try:
            yield
        finally:
            set_weights(model, kept)
            model.train(was_training)


@torch.no_grad()
def set_weights(model: nn.Module, weights: list[Tensor]) -> None:
    """Copy weights into a model, in the order of ``model.parameters()``."""
    for weight, value in zip(model.parameters(), weights, strict=True):
        weight.copy_(value)
