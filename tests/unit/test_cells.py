"""The cells against torch's own modules and against the written equations."""

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import nn

from seqline.models.cells import CELLS, Cell, GRUCell, LSTMCell, PeepholeLSTMCell

INPUT, WIDTH, ROWS, LENGTH = 5, 7, 3, 9

Array = npt.NDArray[np.float64]


def random_cell(kind: type[Cell], seed: int = 0) -> Cell:
    """A float64 cell whose every weight, biases and peepholes included, is far from zero."""
    generator = torch.Generator().manual_seed(seed)
    cell = kind(INPUT, WIDTH).double()
    for weight in cell.parameters():
        nn.init.normal_(weight, std=0.7, generator=generator)
    return cell


def sequence(seed: int = 1) -> torch.Tensor:
    return torch.randn(ROWS, LENGTH, INPUT, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def unrolled(cell: Cell) -> torch.Tensor:
    return cell.unroll(sequence(), cell.zeros(sequence()))


def logistic(x: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-x))


def peephole_by_hand(cell: PeepholeLSTMCell, x: Array) -> tuple[Array, Array]:
    """Graves 2013, equations 7 to 11, one row, one position and one unit at a time; outputs and last cell states."""
    W, U, b, p = (
        weight.detach().numpy()
        for weight in (cell.input.weight, cell.recurrent.weight, cell.input.bias, cell.peepholes)
    )
    outputs = np.zeros((ROWS, LENGTH, WIDTH))
    last = np.zeros((ROWS, WIDTH))
    for row in range(ROWS):
        h, c = np.zeros(WIDTH), np.zeros(WIDTH)
        for t in range(LENGTH):
            new_h, new_c = np.zeros(WIDTH), np.zeros(WIDTH)
            for k in range(WIDTH):
                a_i, a_f, a_g, a_o = (
                    W[gate * WIDTH + k] @ x[row, t] + U[gate * WIDTH + k] @ h + b[gate * WIDTH + k] for gate in range(4)
                )
                i = logistic(a_i + p[0, k] * c[k])
                f = logistic(a_f + p[1, k] * c[k])
                new_c[k] = f * c[k] + i * np.tanh(a_g)
                o = logistic(a_o + p[2, k] * new_c[k])
                new_h[k] = o * np.tanh(new_c[k])
            h, c = new_h, new_c
            outputs[row, t] = h
        last[row] = c
    return outputs, last


def test_lstm_equals_torch_with_the_same_weights() -> None:
    cell = random_cell(LSTMCell)
    reference = nn.LSTM(INPUT, WIDTH, batch_first=True).double()
    reference.load_state_dict(
        {
            "weight_ih_l0": cell.input.weight,
            "weight_hh_l0": cell.recurrent.weight,
            "bias_ih_l0": cell.input.bias,
            "bias_hh_l0": torch.zeros(4 * WIDTH),
        }
    )
    torch.testing.assert_close(unrolled(cell), reference(sequence())[0], rtol=0, atol=1e-14)


def test_gru_equals_torch_with_the_same_weights() -> None:
    cell = random_cell(GRUCell)
    assert isinstance(cell, GRUCell)
    reference = nn.GRU(INPUT, WIDTH, batch_first=True).double()
    reference.load_state_dict(
        {
            "weight_ih_l0": cell.input.weight,
            "weight_hh_l0": cell.recurrent.weight,
            "bias_ih_l0": cell.input.bias,
            "bias_hh_l0": torch.cat((torch.zeros(2 * WIDTH), cell.candidate_bias)),
        }
    )
    torch.testing.assert_close(unrolled(cell), reference(sequence())[0], rtol=0, atol=1e-14)


def test_peephole_lstm_equals_the_written_equations() -> None:
    cell = random_cell(PeepholeLSTMCell)
    assert isinstance(cell, PeepholeLSTMCell)
    outputs, last = peephole_by_hand(cell, sequence().numpy())
    np.testing.assert_allclose(unrolled(cell).detach().numpy(), outputs, rtol=0, atol=1e-14)
    parts = cell.zeros(sequence())
    for x in cell.input(sequence()).unbind(1):
        parts = cell(x, parts)
    np.testing.assert_allclose(parts[1].detach().numpy(), last, rtol=0, atol=1e-14)


def test_peephole_lstm_without_peepholes_is_an_lstm() -> None:
    plain, peephole = random_cell(LSTMCell), random_cell(PeepholeLSTMCell)
    peephole.load_state_dict({**plain.state_dict(), "peepholes": torch.zeros(3, WIDTH)})
    torch.testing.assert_close(unrolled(peephole), unrolled(plain), rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", list(CELLS.values()))
def test_a_sequence_in_one_go_equals_its_steps(kind: type[Cell]) -> None:
    cell, generator = random_cell(kind), torch.Generator().manual_seed(2)
    parts = tuple(torch.randn(ROWS, WIDTH, dtype=torch.float64, generator=generator) for _ in range(cell.num_parts))
    torch.testing.assert_close(cell.unroll(sequence(), parts), Cell.unroll(cell, sequence(), parts), rtol=0, atol=1e-14)


@pytest.mark.parametrize("gate", [0, 1, 2])
def test_each_peephole_matters(gate: int) -> None:
    cell = random_cell(PeepholeLSTMCell)
    assert isinstance(cell, PeepholeLSTMCell)
    before = unrolled(cell)
    with torch.no_grad():
        cell.peepholes[gate] += 0.5
    assert (unrolled(cell) - before).abs().max() > 1e-3


@pytest.mark.parametrize("kind", list(CELLS.values()))
def test_gradient_through_a_sequence_is_the_numerical_one(kind: type[Cell]) -> None:
    cell = random_cell(kind)
    names, weights = zip(*cell.named_parameters(), strict=True)

    def output(x: torch.Tensor, *values: torch.Tensor) -> torch.Tensor:
        named = dict(zip(names, values, strict=True))
        projected = torch.nn.functional.linear(x, named["input.weight"], named["input.bias"])
        parts = cell.zeros(projected)
        for step in projected.unbind(1):
            parts = torch.func.functional_call(cell, named, (step, parts))
        return torch.cat(parts, dim=1)

    x = sequence()[:2, :3].clone().requires_grad_()
    assert torch.autograd.gradcheck(output, (x, *weights))


@pytest.mark.parametrize("kind", list(CELLS.values()))
def test_initial_weights_are_a_function_of_the_seed(kind: type[Cell]) -> None:
    first, again, other = (build_seeded(kind, seed) for seed in (1, 1, 2))
    for name, weight in first.state_dict().items():
        assert torch.equal(weight, again.state_dict()[name])
    assert not torch.equal(first.recurrent.weight, other.recurrent.weight)


def build_seeded(kind: type[Cell], seed: int) -> Cell:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return kind(INPUT, WIDTH)


@pytest.mark.parametrize("kind", list(CELLS.values()))
def test_each_recurrent_gate_starts_orthogonal(kind: type[Cell]) -> None:
    for gate in build_seeded(kind, 1).recurrent.weight.chunk(kind.num_gates):
        torch.testing.assert_close(gate @ gate.t(), torch.eye(WIDTH), rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", [LSTMCell, PeepholeLSTMCell])
def test_only_the_forget_gate_starts_open(kind: type[Cell]) -> None:
    bias = build_seeded(kind, 1).input.bias.detach()
    assert bias.chunk(4)[1].tolist() == [1.0] * WIDTH
    assert bias.sum() == WIDTH
