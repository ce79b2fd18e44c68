"""One update of a small Transformer: ours, a plain torch loop, and what the machine's matrix products allow.

python benchmarks/training_step.py [--threads 2] [--rounds 5] [--data ../shared/data/multi30k_en_de]

Multi30k. Joint 8,000 pieces, width 256, 4 heads, FFN 1,024, 3+3 layers,
dropout and label smoothing 0.1, batches of at most 4,096 pieces a side, float32; on a CPU with AMX also with its
products in bf16, as ``project.precision: auto`` chooses there. Each round runs all over the same batches, one after the
other; the best time of each batch counts. Ours is the whole update (``training/update.py``): gradient, clipping, AdamW,
moving average. The plain loop has torch's own layers, ``F.cross_entropy`` and fused AdamW, no clipping and no average.
The ceiling is float32 products alone, of ``torch.mm`` into arrays that are there or of oneDNN where that is faster (a
second ceiling: of ``torch.mm`` alone), forwards and twice backwards, for every weight matrix and all positions of the
padded batch, the output layer's without padding; attention's own products are left out of it.
"""

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqline.models import build
from seqline.models.config import TransformerConfig
from seqline.models.products import cpu_has_bf16, product
from seqline.params.modelling import Optimisation
from seqline.special import PAD
from seqline.tokenization import Tokenizer, train_tokenizer
from seqline.training.allocator import pages_kept
from seqline.training.batching import Batch
from seqline.training.data import Group, TrainingData
from seqline.training.machine import Machine
from seqline.training.peers import ALONE
from seqline.training.state import TrainingState
from seqline.training.update import update

VOCABULARY, WIDTH, HEADS, UNITS, LAYERS, TOKENS, BATCHES = 8000, 256, 4, 1024, 3, 4096, 10
SETTINGS = Optimisation.model_validate(
    {
        "batch_tokens": TOKENS, "accumulate": 1, "max_updates": 2000, "warmup_updates": 100, "learning_rate": 1e-3,
        "optimiser": "adamw", "schedule": "cosine", "decay_share": 0.2, "weight_decay": 0.01, "betas": [0.9, 0.98],
        "clip_norm": 1.0, "label_smoothing": 0.1, "r_drop": 0.0, "word_dropout": 0.0, "subword_sampling": 0.0,
        "int8_aware": False, "average_decay": 0.99, "average_last": 0, "validate_every": 2000, "patience": 10,
        "validation_pairs": 10,
    }
)  # fmt: skip
Step = Callable[[Group], object]
Multiply = Callable[..., Tensor]


def groups(folder: Path) -> list[Group]:
    """The first batches of an epoch over Multi30k."""
    english, german = (gzip.decompress((folder / f"train.{side}.gz").read_bytes()).decode() for side in ("en", "de"))
    sources, targets = english.split("\n")[:-1], german.split("\n")[:-1]
    pieces = train_tokenizer([*sources, *targets], ["en", "de"], VOCABULARY, 1.0, 2)
    with tempfile.TemporaryDirectory() as place:
        for name in ("source.model", "target.model"):
            (Path(place) / name).write_bytes(pieces)
        data = TrainingData.of(sources, targets, Tokenizer.load(Path(place)))
    return list(islice(data.pool(TOKENS, 1, 0, 0).groups(1), BATCHES))


def ours(precision: str) -> Step:
    """The update of ``seqline train``."""
    units = (UNITS,) * LAYERS
    sizes = (VOCABULARY, VOCABULARY, WIDTH, WIDTH // HEADS, HEADS, HEADS, units, units)
    model = build(TransformerConfig("transformer", *sizes, "relu", 0.1, "all")).train()
    state = TrainingState.begin(model, SETTINGS, Machine.choose("cpu", precision), ALONE)
    return lambda group: update(state, group, SETTINGS)


class Plain(nn.Module):
    """What one writes with torch's own layers; its positions are learnt."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces, self.positions = nn.Embedding(VOCABULARY, WIDTH, padding_idx=PAD), nn.Embedding(512, WIDTH)
        shape = (WIDTH, HEADS, UNITS, 0.1)
        encoder = nn.TransformerEncoderLayer(*shape, batch_first=True, norm_first=True)
        decoder = nn.TransformerDecoderLayer(*shape, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(encoder, LAYERS, nn.LayerNorm(WIDTH), enable_nested_tensor=False)
        self.decoder = nn.TransformerDecoder(decoder, LAYERS, nn.LayerNorm(WIDTH))
        self.dropout = nn.Dropout(0.1)

    def forward(self, batch: Batch) -> Tensor:
        """Mean loss of a batch."""
        hidden = torch.triu(torch.ones(2 * (batch.input_BT.size(1),), dtype=torch.bool), diagonal=1)
        is_padding = batch.source_BS == PAD
        memory_BSD = self.encoder(self._embed(batch.source_BS), src_key_padding_mask=is_padding)
        features_BTD = self.decoder(
            self._embed(batch.input_BT), memory_BSD, tgt_mask=hidden, tgt_is_causal=True,
            memory_key_padding_mask=is_padding,
        )  # fmt: skip
        logits_NV = F.linear(features_BTD, self.pieces.weight).flatten(0, 1)
        return F.cross_entropy(logits_NV, batch.label_BT.flatten(), ignore_index=PAD, label_smoothing=0.1)

    def _embed(self, ids_BT: Tensor) -> Tensor:
        embedded_BTD: Tensor = self.dropout(self.pieces(ids_BT) * WIDTH**0.5 + self.positions.weight[: ids_BT.size(1)])
        return embedded_BTD


def plain() -> Step:
    """An update of the plain loop."""
    model = Plain().train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)

    def step(group: Group) -> None:
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(model(group.batches[0]))
        optimiser.step()

    return step


def products(batch: Batch) -> dict[tuple[int, int, int], int]:
    """How often a batch needs the product of (N, K) and (K, M), by (N, K, M)."""
    source, target = batch.source_BS.numel(), batch.label_BT.numel()
    real = batch.num_labels
    shapes = [(source, WIDTH, 2 * WIDTH), (target, WIDTH, WIDTH), (target, WIDTH, WIDTH)]
    for positions in (source, target):
        shapes += [(positions, WIDTH, 3 * WIDTH), (positions, WIDTH, WIDTH)]
        shapes += [(positions, WIDTH, UNITS), (positions, UNITS, WIDTH)]
    counts = {shape: shapes.count(shape) * LAYERS for shape in shapes}
    return counts | {(real, WIDTH, VOCABULARY): 1}


def ceiling_s(batch: Batch, multiply: Multiply) -> float:
    """Seconds of a batch's matrix products alone."""
    return sum(count * _products_s(*shape, multiply) for shape, count in products(batch).items())


def _products_s(n: int, k: int, m: int, multiply: Multiply, tries: int = 3) -> float:
    x, weight, y = torch.randn(n, k), torch.randn(m, k), torch.randn(n, m)
    of_x, of_weight = torch.empty_like(x), torch.empty_like(weight)

    def thrice() -> None:
        multiply(x, weight.t(), out=y)
        multiply(y, weight, out=of_x)
        multiply(y.t(), x, out=of_weight)

    thrice()
    return min(_seconds(thrice) for _ in range(tries))


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data/multi30k_en_de")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        print(json.dumps({"benchmark": "training_step", "skipped": f"{arguments.data}: no such corpus"}))
        return
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    batches = groups(arguments.data)
    steps = {"ours": ours("fp32"), "plain": plain()}
    if cpu_has_bf16():
        steps["ours_bf16"] = ours("bf16")
    ceilings = {"torch_ceiling": torch.mm, "ceiling": product}
    best: dict[str, list[float]] = {name: [1e9] * len(batches) for name in (*steps, *ceilings)}

    def measure(name: str, i: int, seconds: float) -> None:
        best[name][i] = min(best[name][i], seconds)

    cpu, begin = time.process_time(), time.perf_counter()
    for _ in range(arguments.rounds):  # in turns, so that a busy moment hits all
        for name, step in steps.items():
            with pages_kept() if name != "plain" else nullcontext():
                step(batches[0])
                for i, group in enumerate(batches):
                    measure(name, i, _seconds(partial(step, group)))
        for name, multiply in ceilings.items():
            for i, group in enumerate(batches):
                measure(name, i, ceiling_s(group.batches[0], multiply))
    cores = (time.process_time() - cpu) / (time.perf_counter() - begin)
    labels = sum(group.num_labels for group in batches)
    speed = {name: labels / sum(seconds) for name, seconds in best.items()}
    print(
        json.dumps(
            {
                "benchmark": "training_step",
                **{f"{name}_pieces_per_s": round(value) for name, value in speed.items()},
                **{f"{name}_to_{top}": round(speed[name] / speed[top], 3) for name in steps for top in ceilings},
                **{f"{name}_to_plain": round(speed[name] / speed["plain"], 2) for name in steps if name != "plain"},
                "busy_cores": round(cores, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
