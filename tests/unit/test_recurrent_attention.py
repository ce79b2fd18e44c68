"""Attention against the written formulas, one row and one position at a time."""

from typing import Literal

import numpy as np
import pytest
import torch
from torch import nn

from seqline.models.base import Memory
from seqline.models.recurrent_attention import Additive, Attention, Dot, General, Source, build_attention

ROWS, QUERIES, LENGTH, WIDTH = 3, 2, 5, 6
LENGTHS = (5, 2, 4)

Kind = Literal["additive", "dot", "general"]
KINDS: tuple[Kind, ...] = ("additive", "dot", "general")


def random_attention(kind: Kind) -> Attention:
    generator = torch.Generator().manual_seed(0)
    attention = build_attention(kind, WIDTH)
    assert attention is not None
    attention.double()
    for weight in attention.parameters():
        nn.init.normal_(weight, std=0.7, generator=generator)
    return attention


def query_and_memory(*, padded: bool) -> tuple[torch.Tensor, Memory]:
    generator = torch.Generator().manual_seed(1)
    query = torch.randn(ROWS, QUERIES, WIDTH, dtype=torch.float64, generator=generator)
    states = torch.randn(ROWS, LENGTH, WIDTH, dtype=torch.float64, generator=generator)
    mask = torch.arange(LENGTH)[None] < torch.tensor(LENGTHS)[:, None]
    return query, Memory(states, mask if padded else None)


def written_score(attention: Attention, q: torch.Tensor, h: torch.Tensor) -> float:
    match attention:
        case Additive():
            hidden = attention.query.weight @ q + attention.key.weight @ h + attention.key.bias
            return (attention.energy.weight[0] @ hidden.tanh()).item()
        case General():
            return (q @ attention.key.weight @ h).item()
        case Dot():
            return (q @ h).item()
        case _:
            raise AssertionError(attention)


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_context_and_weights_equal_the_written_formula(kind: Kind, padded: bool) -> None:
    attention = random_attention(kind)
    query, memory = query_and_memory(padded=padded)
    context, weights = attention(query, attention.source(memory))
    for row, t in np.ndindex(ROWS, QUERIES):
        states = memory.states_BSD[row, : LENGTHS[row] if padded else LENGTH]
        scores = [written_score(attention, query[row, t], state) for state in states]
        expected = np.exp(scores) / np.exp(scores).sum()
        np.testing.assert_allclose(weights[row, t, : len(states)].detach(), expected, atol=1e-14)
        np.testing.assert_allclose(context[row, t].detach(), expected @ states.numpy(), atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_weighs_exactly_nothing_whatever_it_holds(kind: Kind) -> None:
    attention = random_attention(kind)
    query, memory = query_and_memory(padded=True)
    assert memory.mask_BS is not None
    context, weights = attention(query, attention.source(memory))
    assert torch.all(weights.transpose(1, 2)[~memory.mask_BS] == 0)
    loud = memory.states_BSD.masked_fill(~memory.mask_BS[:, :, None], 1e6)
    again, _ = attention(query, attention.source(Memory(loud, memory.mask_BS)))
    assert torch.equal(context, again)


@pytest.mark.parametrize("kind", KINDS)
def test_selected_source_attends_like_the_rows_it_came_from(kind: Kind) -> None:
    attention = random_attention(kind)
    query, memory = query_and_memory(padded=True)
    rows = torch.tensor([2, 0, 0, 1])
    context, weights = attention(query, attention.source(memory))
    selected: Source = attention.source(memory).select(rows)
    again, weights_again = attention(query[rows], selected)
    torch.testing.assert_close(again, context[rows], rtol=0, atol=1e-14)
    torch.testing.assert_close(weights_again, weights[rows], rtol=0, atol=1e-14)
