"""Beam search in torch: sentences per second of a Transformer and of a GRU, and whether the search finds the same.

python benchmarks/beam.py [--threads 1] [--beam 5] [--sentences 200]

The weights are random (width 256, 3+3 layers or 1+1, 8,000 pieces), so no hypothesis ends by itself: each sentence of
S pieces is decoded for S + 4 steps, about as long as a trained model takes. ``checksum`` sums the scores.
"""

import argparse
import json
import time

import torch

from seqline import models
from seqline.decoding.padding import pad
from seqline.decoding.search import search
from seqline.models.base import EncoderDecoder
from seqline.models.config import ModelConfig, RecurrentConfig, TransformerConfig
from seqline.serving.batching import batches
from seqline.special import EOS
from seqline.types import Search

VOCABULARY, ROUNDS, BATCH_TOKENS = 8000, 3, 4096
CONFIGS: dict[str, ModelConfig] = {
    "transformer": TransformerConfig(
        "transformer", VOCABULARY, VOCABULARY, 256, 64, 4, 4, (1024,) * 3, (1024,) * 3, "relu", 0.1, "target"
    ),
    "gru": RecurrentConfig("gru", VOCABULARY, VOCABULARY, 256, 1, 1, "general", 0.1, "target"),
}


def sentences(count: int) -> list[list[int]]:
    """Random pieces, 6 to 26 of them and 14 on average: the lengths of Multi30k."""
    random = torch.Generator().manual_seed(1)
    lengths = (torch.randn(count, generator=random) * 4 + 14).clamp(6, 26).long().tolist()
    return [torch.randint(4, VOCABULARY, (length,), generator=random).tolist() for length in lengths]


def run(model: EncoderDecoder, rows: list[list[int]], beam: int) -> tuple[float, float]:
    """Seconds, and the sum of the best scores."""
    begin, checksum = time.perf_counter(), 0.0
    for batch in batches([len(row) for row in rows], BATCH_TOKENS // beam):
        source_BS = pad([[*rows[index], EOS] for index in batch])
        found = search(model, source_BS, Search(beam=beam), [len(rows[index]) + 4 for index in batch])
        checksum += sum(hypotheses[0].score for hypotheses in found)
    return time.perf_counter() - begin, checksum


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--sentences", type=int, default=200)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rows = sentences(options.sentences)
    for kind, config in CONFIGS.items():
        torch.manual_seed(1)
        model = models.build(config).eval()
        run(model, rows[:20], options.beam)
        rounds = [run(model, rows, options.beam) for _ in range(ROUNDS)]
        figures = {
            "sentences_per_s": round(len(rows) / min(seconds for seconds, _ in rounds), 1),
            "checksum": round(rounds[0][1], 4),
        }
        print(json.dumps({"benchmark": "beam", "model": kind, **vars(options), **figures}), flush=True)


if __name__ == "__main__":
    main()
