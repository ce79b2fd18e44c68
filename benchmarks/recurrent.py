"""Recurrent models: target pieces per second of training, and of decoding in torch and in ONNX Runtime.

python benchmarks/recurrent.py [--threads 1] [--rounds 5] [--decode]

Random ids, width 256, 1+1 layers, 8,000 pieces a side, 204 rows of 16 to 20 source and 20 target pieces. A training
step is forward, loss and backward. Decoding is beam 4 of 32 rows to 20 pieces; ``log_prob_error`` is the largest
and the mean |Δ log p| of ONNX against torch over random targets.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import torch

from seqline.compression.onnx_export import ComputeType, to_onnx
from seqline.decoding import score, score_by_steps
from seqline.decoding.onnx_model import OnnxModel
from seqline.decoding.search import search
from seqline.models.base import StepModel
from seqline.models.config import RecurrentConfig
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.special import BOS, PAD
from seqline.training.loss import linear_cross_entropy
from seqline.types import Search

ROWS, DECODED_ROWS, LENGTH, VOCABULARY, BEAM = 204, 32, 20, 8000, 4
KINDS = ("lstm", "peephole_lstm", "gru")
LOOKS: dict[str, dict[str, Any]] = {
    "general": {"attention": "general"},
    "general, no input feeding": {"attention": "general", "input_feeding": False},
    "additive": {"attention": "additive"},
    "additive, no input feeding": {"attention": "additive", "input_feeding": False},
    "none": {"attention": "none"},
}
BASE = RecurrentConfig("lstm", VOCABULARY, VOCABULARY, 256, 1, 1, "general", 0.1, "target")


def pairs(rows: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Source, decoder input, labels."""
    source, target = (torch.randint(4, VOCABULARY, (rows, LENGTH)) for _ in range(2))
    lengths = torch.randint(LENGTH - 4, LENGTH + 1, (rows, 1))
    lengths[0] = LENGTH
    source[torch.arange(LENGTH)[None] >= lengths] = PAD
    return source, torch.cat((torch.full((rows, 1), BOS), target[:, :-1]), dim=1), target


def pieces_per_s(num_pieces: int, work: Callable[[], object], rounds: int) -> int:
    """The median of some rounds, after one that warms up."""
    seconds = []
    for _ in range(rounds + 1):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return round(num_pieces / statistics.median(seconds[1:]))


def training(rounds: int) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
    source, inputs, labels = pairs(ROWS)
    for kind, (name, look) in product(KINDS, LOOKS.items()):
        model = RecurrentEncoderDecoder(replace(BASE, kind=kind, **look))

        def step(model: RecurrentEncoderDecoder = model) -> None:
            loss = linear_cross_entropy(model(source, inputs), model.output.weight, labels, 0.1)
            torch.autograd.backward(loss)
            model.zero_grad()

        found[kind][name] = pieces_per_s(ROWS * LENGTH, step, rounds)
    return found


def decoding(rounds: int, threads: int) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    source, inputs, labels = pairs(DECODED_ROWS)
    for kind in KINDS:
        model = RecurrentEncoderDecoder(replace(BASE, kind=kind)).eval()
        expected = score(model, source, inputs, labels)

        def translate(runtime: StepModel[Any]) -> object:
            return search(runtime, source, Search(beam=BEAM), [LENGTH] * DECODED_ROWS)

        found[kind] = {"torch": pieces_per_s(DECODED_ROWS * LENGTH, lambda run=translate, m=model: run(m), rounds)}
        compute_types: tuple[ComputeType, ...] = ("float32", "int8")
        for compute_type in compute_types:
            with tempfile.TemporaryDirectory() as folder:
                to_onnx(model, Path(folder), compute_type)
                runtime = OnnxModel.open(Path(folder), threads)
                size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
            errors = (score_by_steps(runtime, source, inputs, labels) - expected).abs()
            found[kind][f"onnx {compute_type}"] = {
                "pieces_per_s": pieces_per_s(DECODED_ROWS * LENGTH, lambda run=translate, m=runtime: run(m), rounds),
                "mb": round(size, 2),
                "log_prob_error": [float(f"{value:.2g}") for value in (errors.max().item(), errors.mean().item())],
            }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--decode", action="store_true", help="measure decoding instead of training")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    figures = decoding(options.rounds, options.threads) if options.decode else training(options.rounds)
    print(json.dumps({"benchmark": "recurrent", "threads": options.threads, **figures}, indent=1))


if __name__ == "__main__":
    main()
