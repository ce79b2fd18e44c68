"""The optimisers: AdamW for every weight, or Muon for the matrices of the hidden layers and AdamW for the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from torch import Tensor, nn, optim

from seqline.models.base import EncoderDecoder
from seqline.models.matrices import matrices
from seqline.params.modelling import Optimisation


@dataclass(frozen=True)
class Optimisers:
    """One optimiser, or two that step together."""

    parts: tuple[optim.Optimizer, ...]

    @classmethod
    def of(cls, model: EncoderDecoder, settings: Optimisation) -> Self:
        """What the settings ask for."""
        weights = [weight for weight in model.parameters() if weight.requires_grad]
        if settings.optimiser == "adamw":
            return cls((_adamw(weights, settings),))
        tables = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
        tables.add(id(model.output.weight))
        hidden = {id(weight) for weight in matrices(model)} - tables
        moved = [weight for weight in weights if id(weight) in hidden]
        rest = [weight for weight in weights if id(weight) not in hidden]
        return cls((_muon(moved, settings), _adamw(rest, settings)))

    def step(self, learning_rate: float) -> None:
        """Step with the gradients that the weights carry, and clear them."""
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = learning_rate
            part.step()
        self.clear()

    def clear(self) -> None:
        """Forget the gradients."""
        for part in self.parts:
            part.zero_grad(set_to_none=True)

    def tensors(self) -> dict[str, Tensor]:
        """Moments and step counts, for a checkpoint."""
        return {
            f"{number}.{i}.{name}": value
            for number, part in enumerate(self.parts)
            for i, values in part.state_dict()["state"].items()
            for name, value in values.items()
        }

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Take back what :meth:`tensors` gave."""
        states: list[dict[int, dict[str, Tensor]]] = [{} for _ in self.parts]
        for path, tensor in tensors.items():
            number, i, name = path.split(".")
            states[int(number)].setdefault(int(i), {})[name] = tensor
        for part, state in zip(self.parts, states, strict=True):
            part.load_state_dict({**part.state_dict(), "state": state})


def _adamw(weights: list[nn.Parameter], settings: Optimisation) -> optim.AdamW:
    """AdamW (Loshchilov & Hutter 2019) that decays matrices, and leaves biases, norms and gains alone."""
    groups = [
        {"params": [weight for weight in weights if weight.dim() > 1], "weight_decay": settings.weight_decay},
        {"params": [weight for weight in weights if weight.dim() <= 1], "weight_decay": 0.0},
    ]
    first, second = settings.betas
    return optim.AdamW([group for group in groups if group["params"]], betas=(first, second), fused=True)


def _muon(weights: list[nn.Parameter], settings: Optimisation) -> optim.Muon:
    """Muon (Jordan et al. 2024), its steps scaled so that AdamW's learning rate suits them (Liu et al. 2025)."""
    return optim.Muon(weights, weight_decay=settings.weight_decay, adjust_lr_fn="match_rms_adamw")
