"""What a recurrent layer of a stack passes on: layer normalisation, residual connection, both or neither.

    y = x + LN(h)

with x the layer's input and h its outputs. The residual connection is that of Wu et al. 2016 (section 3.1), from the
second layer on. Ba et al. 2016 (section 3.2) norm *inside* the cell, the sums of every gate at every step. Here the
outputs are normed instead, so that the recurrence stays what torch's kernels and the LSTM and GRU of ONNX compute:
inside, a layer of width 256 had to run step by step and took 123 ms instead of 86 (204 rows of 20 pieces, one core).
"""

from torch import Tensor, nn


class LayerOutput(nn.Module):
    """y = x + LN(h), the sum and the norm only where asked for."""

    def __init__(self, width: int, *, norm: bool, residual: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width) if norm else None
        self.residual = residual

    def forward(self, outputs: Tensor, inputs: Tensor) -> Tensor:
        """The cell's outputs h and the layer's inputs x → y, all of the same shape."""
        if self.norm is not None:
            outputs = self.norm(outputs)
        return inputs + outputs if self.residual else outputs
