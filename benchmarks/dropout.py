"""A training step with our dropout against one whose dropout torch decides: target pieces per second, and their ratio.

python benchmarks/dropout.py [--threads 2]
"""

import argparse
import json
import statistics
import time

import torch
from torch import Tensor

from seqline.models.config import TransformerConfig
from seqline.models.dropout import Dropout
from seqline.models.transformer import Transformer
from seqline.special import BOS
from seqline.training.loss import linear_cross_entropy

ROWS, LENGTH, VOCABULARY, ROUNDS = 204, 10, 4000, 6
CONFIG = TransformerConfig(
    "transformer", VOCABULARY, VOCABULARY, 256, 64, 4, 4, (1024,) * 3, (1024,) * 3, "relu", 0.3, "target"
)


class TorchDropout(Dropout):
    """The same, but for the decisions: torch draws one number for each."""

    def keep(self, like: Tensor) -> Tensor:
        """Ones and zeros by lot."""
        return torch.empty_like(like).bernoulli_(1 - CONFIG.dropout)


def with_torch_dropout(model: Transformer) -> Transformer:
    """The same model with every dropout's decisions drawn by torch."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, Dropout):
                setattr(module, name, TorchDropout(CONFIG.dropout))
    return model


def seconds_of_step(model: Transformer) -> float:
    source = torch.randint(4, VOCABULARY, (ROWS, LENGTH))
    target = torch.randint(4, VOCABULARY, (ROWS, LENGTH))
    shifted = torch.cat((torch.full((ROWS, 1), BOS), target[:, :-1]), dim=1)
    begin = time.perf_counter()
    loss = linear_cross_entropy(model(source, shifted), model.output.weight, target, 0.1)
    torch.autograd.backward(loss)
    model.zero_grad()
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    torch.set_num_threads(parser.parse_args().threads)
    torch.manual_seed(1)
    models = {"ours": Transformer(CONFIG), "torch": with_torch_dropout(Transformer(CONFIG))}
    times: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(ROUNDS + 1):  # alternating, so that a busy moment hits both
        for name, model in models.items():
            times[name].append(seconds_of_step(model))
    speed = {name: ROWS * LENGTH / statistics.median(values[1:]) for name, values in times.items()}
    figures = {f"{name}_pieces_per_s": round(value) for name, value in speed.items()}
    print(json.dumps({"benchmark": "dropout", **figures, "ratio": round(speed["ours"] / speed["torch"], 2)}))


if __name__ == "__main__":
    main()
