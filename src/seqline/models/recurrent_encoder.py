"""Bidirectional recurrent encoders. Each direction has half the model's width, so that outputs have the whole.

Sources are padded on the right, and a backward reader must not begin with padding: torch's own LSTM and GRU get
packed sequences, our own loop reverses each row within its length. Results do not depend on padding, and states at
padded positions are zero.

Legend: B sentences, S source length, D model width, H half of it.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from seqline.models.cells import Cell, PeepholeLSTMCell, initialise
from seqline.models.dropout import Dropout


class NativeEncoder(nn.Module):
    """Layers of torch's LSTM or GRU: the fastest there is on every device."""

    def __init__(self, kind: Literal["lstm", "gru"], width: int, num_layers: int, dropout: float) -> None:
        super().__init__()
        module = nn.LSTM if kind == "lstm" else nn.GRU
        self.layers: nn.LSTM | nn.GRU = module(
            width,
            width // 2,
            num_layers,
            batch_first=True,
            bidirectional=True,
            dropout=dropout if num_layers > 1 else 0.0,  # torch warns of a dropout that has no place
        )
        self._initialise(num_gates=4 if kind == "lstm" else 3)

    def forward(self, x_BSD: Tensor, mask_BS: Tensor | None) -> Tensor:
        """Embedded pieces → states, (B, S, D)."""
        if mask_BS is None:
            return _first(self.layers(x_BSD))
        lengths_B = mask_BS.sum(dim=1).cpu()
        packed = pack_padded_sequence(x_BSD, lengths_B, batch_first=True, enforce_sorted=False)
        states_BSD, _ = pad_packed_sequence(self.layers(packed)[0], batch_first=True, total_length=x_BSD.size(1))
        return states_BSD

    def _initialise(self, num_gates: int) -> None:
        weights = dict(self.layers.named_parameters())
        for name, weight in weights.items():
            if name.startswith("weight_ih"):
                initialise(weight, weights[name.replace("weight_ih", "weight_hh")], num_gates)
            elif name.startswith("bias"):
                nn.init.zeros_(weight)
            if name.startswith("bias_ih") and num_gates == 4:
                nn.init.ones_(weight.data.chunk(4)[1])  # forget gate: see LSTMCell


class PeepholeEncoder(nn.Module):
    """Layers of peephole LSTM, which torch does not have."""

    def __init__(self, width: int, num_layers: int, dropout: float) -> None:
        super().__init__()
        self.ahead = nn.ModuleList(PeepholeLSTMCell(width, width // 2) for _ in range(num_layers))
        self.back = nn.ModuleList(PeepholeLSTMCell(width, width // 2) for _ in range(num_layers))
        self.dropout = Dropout(dropout)

    def forward(self, x_BSD: Tensor, mask_BS: Tensor | None) -> Tensor:
        """Embedded pieces → states, (B, S, D)."""
        order_BS = _reversal(x_BSD, mask_BS)
        for i, (ahead, back) in enumerate(zip(self.ahead, self.back, strict=True)):
            assert isinstance(ahead, Cell)
            assert isinstance(back, Cell)
            x_BSD = self.dropout(x_BSD) if i else x_BSD
            back_BSH = _reorder(back.unroll(_reorder(x_BSD, order_BS)), order_BS)
            x_BSD = torch.cat((ahead.unroll(x_BSD), back_BSH), dim=-1)
        return x_BSD if mask_BS is None else x_BSD * mask_BS[:, :, None]


def final_states(states_BSD: Tensor, mask_BS: Tensor | None) -> Tensor:
    """What each direction knew at its end, (B, D): forward at the last real piece, backward at the first."""
    ahead_BSH, back_BSH = states_BSD.chunk(2, dim=-1)
    if mask_BS is None:
        last_BH = ahead_BSH[:, -1]
    else:
        rows_B = torch.arange(mask_BS.size(0), device=mask_BS.device)
        last_BH = ahead_BSH[rows_B, mask_BS.sum(dim=1) - 1]
    return torch.cat((last_BH, back_BSH[:, 0]), dim=-1)


def _reversal(x_BSD: Tensor, mask_BS: Tensor | None) -> Tensor:
    """Positions (B, S) that reverse each row within its length and leave padding where it is; its own inverse."""
    num_rows, length, _ = x_BSD.shape
    positions_1S = torch.arange(length, device=x_BSD.device)[None]
    if mask_BS is None:
        return positions_1S.flip(1).expand(num_rows, -1)
    backwards_BS = mask_BS.sum(dim=1, keepdim=True) - 1 - positions_1S
    return torch.where(mask_BS, backwards_BS, positions_1S)


def _reorder(x_BSD: Tensor, order_BS: Tensor) -> Tensor:
    return x_BSD.gather(1, order_BS[:, :, None].expand(-1, -1, x_BSD.size(2)))


def _first(output: tuple[Tensor, object]) -> Tensor:
    return output[0]
