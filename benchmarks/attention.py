"""What attention buys: recurrent models learn to copy sequences of 3 to 20 random pieces.

python benchmarks/attention.py [--updates 600]

Share of pieces predicted right given those before them, by the length of the sequence, on 256 new sequences each; and
the seconds that training took. GRU, width 128, 1+1 layers, 50 pieces, 64 sequences an update, one core.
"""

import argparse
import json
import time
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from seqline.models.config import RecurrentConfig
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.special import BOS, EOS, PAD

VOCABULARY, ROWS, TEST_ROWS, PEAK_RATE, WARMUP = 54, 64, 256, 3e-3, 50
LENGTHS = ((3, 5), (6, 10), (11, 15), (16, 20))
LOOKS: dict[str, dict[str, Any]] = {
    "attention": {},
    "attention, no input feeding": {"input_feeding": False},
    "no attention": {"attention": "none"},
}
BASE = RecurrentConfig("gru", VOCABULARY, VOCABULARY, 128, 1, 1, "general", 0.0, "target")


def batch(generator: torch.Generator, rows: int, shortest: int, longest: int) -> tuple[Tensor, Tensor]:
    """Sequences that end in EOS, which are also the labels, and the inputs of the decoder."""
    lengths = torch.randint(shortest, longest + 1, (rows, 1), generator=generator)
    pieces = torch.randint(4, VOCABULARY, (rows, longest + 1), generator=generator)
    positions = torch.arange(longest + 1)[None]
    source = pieces.masked_fill(positions == lengths, EOS).masked_fill(positions > lengths, PAD)
    shifted = torch.cat((torch.full((rows, 1), BOS), source[:, :-1]), dim=1)
    return source, shifted.masked_fill(shifted == EOS, PAD)


def trained(updates: int, look: dict[str, Any]) -> RecurrentEncoderDecoder:
    torch.manual_seed(1)
    generator = torch.Generator().manual_seed(2)
    model = RecurrentEncoderDecoder(replace(BASE, **look))
    optimiser = torch.optim.Adam(model.parameters())
    for update in range(updates):
        optimiser.param_groups[0]["lr"] = PEAK_RATE * min(1, (update + 1) / WARMUP) * (1 - update / updates)
        source, inputs = batch(generator, ROWS, LENGTHS[0][0], LENGTHS[-1][1])
        logits = model.output(model(source, inputs))
        loss = F.cross_entropy(logits.flatten(0, 1), source.flatten(), ignore_index=PAD)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    return model.eval()


@torch.inference_mode()
def share_right(model: RecurrentEncoderDecoder, shortest: int, longest: int) -> float:
    source, inputs = batch(torch.Generator().manual_seed(9), TEST_ROWS, shortest, longest)
    right = model.output(model(source, inputs)).argmax(dim=-1) == source
    return right[source != PAD].float().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--updates", type=int, default=600)
    updates = parser.parse_args().updates
    torch.set_num_threads(1)
    figures = {}
    for name, look in LOOKS.items():
        begin = time.perf_counter()
        model = trained(updates, look)
        seconds = round(time.perf_counter() - begin, 1)
        shares = {f"{low}-{high}": round(share_right(model, low, high), 3) for low, high in LENGTHS}
        figures[name] = {"right": shares, "seconds": seconds}
    print(json.dumps({"benchmark": "attention", "updates": updates, **figures}, indent=1))


if __name__ == "__main__":
    main()
