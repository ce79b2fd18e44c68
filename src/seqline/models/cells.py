"""Recurrent cells: LSTM, LSTM with peepholes, GRU.

A cell splits its work in two. ``input`` projects the inputs of *all* positions in one matrix product; calling the
cell takes one recurrent step from such a projection. Gates lie side by side in the order torch uses, so weights can
be compared with ``torch.nn``, and ``unroll`` can hand a whole sequence to torch's own kernel where there is one.

Legend: N rows, T positions, D input width, H hidden width, G gates × H. σ is the logistic function, ⊙ the elementwise
product. A cell's parts are (h,) for a GRU and (h, c) for an LSTM; h, (N, H), is always first and is the cell's output.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

Parts = tuple[Tensor, ...]


class Cell(nn.Module, ABC):
    """One recurrent layer in one direction."""

    num_gates: ClassVar[int]
    num_parts: ClassVar[int]

    def __init__(self, input_width: int, width: int) -> None:
        super().__init__()
        self.width = width
        self.input = nn.Linear(input_width, self.num_gates * width)
        self.recurrent = nn.Linear(width, self.num_gates * width, bias=False)
        nn.init.zeros_(self.input.bias)
        initialise(self.input.weight, self.recurrent.weight, self.num_gates)

    @abstractmethod
    def forward(self, x_NG: Tensor, parts: Parts) -> Parts:
        """One step: the projected input at this position and the parts before it give the parts after it."""

    def zeros(self, like: Tensor) -> Parts:
        """The parts before the first position, for as many rows as ``like`` has."""
        return (like.new_zeros(like.size(0), self.width),) * self.num_parts

    def unroll(self, x_NTD: Tensor, parts: Parts) -> Tensor:
        """Outputs h at every position of a sequence, (N, T, H), from the parts before it."""
        outputs = []
        for x_NG in self.input(x_NTD).unbind(dim=1):
            parts = self(x_NG, parts)
            outputs.append(parts[0])
        return torch.stack(outputs, dim=1)


class LSTMCell(Cell):
    """Long short-term memory (Hochreiter & Schmidhuber 1997) with a forget gate (Gers et al. 2000).

    ::

        i = σ(W_i x + U_i h' + b_i)      f = σ(W_f x + U_f h' + b_f)      o = σ(W_o x + U_o h' + b_o)
        g = tanh(W_g x + U_g h' + b_g)   c = f ⊙ c' + i ⊙ g               h = o ⊙ tanh(c)

    where h', c' stand one position back. Gates in the order i, f, g, o. The forget gate's bias starts at 1
    (Jozefowicz et al. 2015).
    """

    num_gates, num_parts = 4, 2

    def __init__(self, input_width: int, width: int) -> None:
        super().__init__(input_width, width)
        nn.init.ones_(self.input.bias.data[width : 2 * width])

    def forward(self, x_NG: Tensor, parts: Parts) -> Parts:
        """(N, 4H), (h, c) → (h, c)."""
        h_NH, c_NH = parts
        i, f, g, o = torch.addmm(x_NG, h_NH, self.recurrent.weight.t()).chunk(4, dim=1)
        c_NH = torch.addcmul(f.sigmoid() * c_NH, i.sigmoid(), g.tanh())
        return o.sigmoid() * c_NH.tanh(), c_NH

    def unroll(self, x_NTD: Tensor, parts: Parts) -> Tensor:
        """In one call of torch's LSTM."""
        weights = (self.input.weight, self.recurrent.weight, self.input.bias, torch.zeros_like(self.input.bias))
        before = [part[None].contiguous() for part in parts]
        return torch.lstm(x_NTD, before, weights, True, 1, 0.0, self.training, False, True)[0]


class PeepholeLSTMCell(LSTMCell):
    """LSTM whose gates also see the cell state (Gers & Schmidhuber 2000; Graves 2013, equations 7 to 11).

    ::

        i = σ(W_i x + U_i h' + p_i ⊙ c' + b_i)      f = σ(W_f x + U_f h' + p_f ⊙ c' + b_f)
        g = tanh(W_g x + U_g h' + b_g)              c = f ⊙ c' + i ⊙ g
        o = σ(W_o x + U_o h' + p_o ⊙ c + b_o)       h = o ⊙ tanh(c)

    Peephole weights are diagonal: one per gate and unit, held as ``peepholes`` (3, H) in the order i, f, o. Input and
    forget gate see the old cell state, the output gate the new one. They start at zero: an ordinary LSTM.
    """

    def __init__(self, input_width: int, width: int) -> None:
        super().__init__(input_width, width)
        self.peepholes = nn.Parameter(torch.zeros(3, width))

    def forward(self, x_NG: Tensor, parts: Parts) -> Parts:
        """(N, 4H), (h, c) → (h, c)."""
        h_NH, c_NH = parts
        i, f, g, o = torch.addmm(x_NG, h_NH, self.recurrent.weight.t()).chunk(4, dim=1)
        p_i, p_f, p_o = self.peepholes
        kept_NH = torch.addcmul(f, p_f, c_NH).sigmoid() * c_NH
        new_NH = torch.addcmul(kept_NH, torch.addcmul(i, p_i, c_NH).sigmoid(), g.tanh())
        return torch.addcmul(o, p_o, new_NH).sigmoid() * new_NH.tanh(), new_NH

    def unroll(self, x_NTD: Tensor, parts: Parts) -> Tensor:
        """Step by step: torch has no such LSTM."""
        return Cell.unroll(self, x_NTD, parts)


class GRUCell(Cell):
    """Gated recurrent unit (Cho et al. 2014), with the reset gate after the product, as cuDNN and torch have it.

    ::

        r = σ(W_r x + U_r h' + b_r)      n = tanh(W_n x + b_n + r ⊙ (U_n h' + d))
        z = σ(W_z x + U_z h' + b_z)      h = (1 − z) ⊙ n + z ⊙ h'

    Gates in the order r, z, n; d is ``candidate_bias``.
    """

    num_gates, num_parts = 3, 1

    def __init__(self, input_width: int, width: int) -> None:
        super().__init__(input_width, width)
        self.candidate_bias = nn.Parameter(torch.zeros(width))

    def forward(self, x_NG: Tensor, parts: Parts) -> Parts:
        """(N, 3H), (h,) → (h,)."""
        (h_NH,) = parts
        x_r, x_z, x_n = x_NG.chunk(3, dim=1)
        u_r, u_z, u_n = self.recurrent(h_NH).chunk(3, dim=1)
        r, z = (x_r + u_r).sigmoid(), (x_z + u_z).sigmoid()
        n = torch.addcmul(x_n, r, u_n + self.candidate_bias).tanh()
        return (torch.lerp(n, h_NH, z),)

    def unroll(self, x_NTD: Tensor, parts: Parts) -> Tensor:
        """In one call of torch's GRU."""
        recurrent_bias = torch.cat((self.candidate_bias.new_zeros(2 * self.width), self.candidate_bias))
        weights = (self.input.weight, self.recurrent.weight, self.input.bias, recurrent_bias)
        before = parts[0][None].contiguous()
        return torch.gru(x_NTD, before, weights, True, 1, 0.0, self.training, False, True)[0]


Kind = Literal["lstm", "peephole_lstm", "gru"]
CELLS: dict[Kind, type[Cell]] = {
    "lstm": LSTMCell,
    "peephole_lstm": PeepholeLSTMCell,
    "gru": GRUCell,
}


def initialise(input_GD: Tensor, recurrent_GH: Tensor, num_gates: int) -> None:
    """Fill weights gate by gate: Glorot-uniform from the input, orthogonal from the state (Saxe et al. 2014)."""
    for gate in input_GD.data.chunk(num_gates):
        nn.init.xavier_uniform_(gate)
    for gate in recurrent_GH.data.chunk(num_gates):
        nn.init.orthogonal_(gate)
