"""A task that any encoder–decoder learns within twenty updates: to say what it reads."""

import math

import torch
from torch.nn import functional as F

from seqline.models.base import EncoderDecoder
from seqline.special import BOS, EOS


def assert_learns_to_copy(model: EncoderDecoder) -> None:
    """Every weight has a gradient, and the loss of sixteen rows of four pieces falls below that of guessing them."""
    generator = torch.Generator().manual_seed(6)
    highest = min(model.config.source_vocabulary, model.config.target_vocabulary)
    pieces = torch.randint(4, highest, (16, 4), generator=generator)
    ends = torch.full((16, 1), EOS)
    source, target, wanted = (
        torch.cat(parts, dim=1) for parts in ((pieces, ends), (torch.full_like(ends, BOS), pieces), (pieces, ends))
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(20):
        loss = F.cross_entropy(model.output(model(source, target)).flatten(0, 1), wanted.flatten())
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        assert all(weight.grad is not None for weight in model.parameters())
        optimiser.step()
    assert loss.item() < 4 / 5 * math.log(highest - 4)
