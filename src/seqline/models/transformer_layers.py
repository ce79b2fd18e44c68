"""The layers of a Transformer, with its usual options.

    pre-norm (Xiong et al. 2020):      x ← x + block(norm x)
    post-norm (Vaswani et al. 2017):   x ← norm(x + block x)

The blocks of an encoder layer are self-attention and feed-forward; a decoder layer has attention over the source
between them. A norm is LayerNorm (Ba et al. 2016) or RMSNorm (Zhang & Sennrich 2019).

Legend: B sentences, K rows of each (beam), M slots (cache.py), S source length, T target length, D model width,
U feed-forward units.
"""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as F

from seqline.models.attention import CrossAttention, KeysValues, SelfAttention
from seqline.models.cache import Slots
from seqline.models.config import TransformerConfig
from seqline.models.dropout import Dropout
from seqline.models.products import Linear
from seqline.models.relu_block import relu_block

Block = Callable[[Tensor], Tensor]
EPSILON = 1e-5


def norm(config: TransformerConfig) -> nn.LayerNorm | nn.RMSNorm:
    """The norm that a configuration names."""
    kind = nn.LayerNorm if config.norm == "layer" else nn.RMSNorm
    return kind(config.width, eps=EPSILON)


class FeedForward(nn.Module):
    """``down(activation(up x))``, position by position; SwiGLU: ``down(silu(gate x) ⊙ up x)`` (Shazeer 2020).

    ``up`` holds gate and up in one matrix, (2·U, D) then, and (U, D) otherwise.
    """

    def __init__(self, config: TransformerConfig, num_units: int) -> None:
        super().__init__()
        self.num_units, self.activation = num_units, config.activation
        self.up = Linear(config.width, num_units * (2 if config.activation == "swiglu" else 1))
        self.down = Linear(num_units, config.width)
        self.dropout = Dropout(config.ffn_dropout, config.dropout)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """(B, T, D) → (B, T, D)."""
        if self.training and self.activation == "relu" and x_BTD.device.type == "cpu":
            return relu_block(x_BTD, self.up, self.down, self.dropout)
        y_BTD: Tensor = self.down(self.dropout(self._activated(self.up(x_BTD))))
        return y_BTD

    def _activated(self, x: Tensor) -> Tensor:
        if self.activation == "swiglu":
            gate, up = x.chunk(2, dim=-1)
            gated: Tensor = F.silu(gate) * up
            return gated
        return F.relu(x) if self.activation == "relu" else F.gelu(x)


class Layer(nn.Module):
    """What encoder and decoder layers share: how a block is normed and added to its input."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.pre_norm = config.norm_place == "pre"
        self.dropout = Dropout(config.dropout)

    def add(self, x: Tensor, norm: nn.Module, block: Block) -> Tensor:
        """One block, normed before it or after the sum."""
        if self.pre_norm:
            return self.dropout.add(x, block(norm(x)))
        y: Tensor = norm(self.dropout.add(x, block(x)))
        return y


class EncoderLayer(Layer):
    """Self-attention and a feed-forward block."""

    def __init__(self, config: TransformerConfig, num_units: int) -> None:
        super().__init__(config)
        self.attention_norm, self.ffn_norm = norm(config), norm(config)
        self.attention = SelfAttention(config.width, config.encoder_heads, config.head_width, config.attention_dropout)
        self.ffn = FeedForward(config, num_units)

    def forward(self, x_BSD: Tensor, mask_B11S: Tensor | None, rotations: Tensor | None) -> Tensor:
        """(B, S, D) → (B, S, D)."""
        x_BSD = self.add(x_BSD, self.attention_norm, lambda x: self.attention(x, mask_B11S, rotations, causal=False))
        return self.add(x_BSD, self.ffn_norm, self.ffn)


class DecoderLayer(Layer):
    """Causal self-attention, attention over the source, and a feed-forward block."""

    def __init__(self, config: TransformerConfig, num_units: int) -> None:
        super().__init__(config)
        self.self_norm, self.cross_norm, self.ffn_norm = (norm(config) for _ in range(3))
        self.attention = SelfAttention(config.width, config.decoder_heads, config.head_width, config.attention_dropout)
        self.cross = CrossAttention(config.width, config.decoder_heads, config.head_width, config.attention_dropout)
        self.ffn = FeedForward(config, num_units)

    def forward(self, x_BTD: Tensor, source: KeysValues, mask_B11S: Tensor | None, rotations: Tensor | None) -> Tensor:
        """All target positions at once; none sees a later one, so padding at the end needs no mask."""
        return self.look_at_source(self.look_at_target(x_BTD, rotations), source, mask_B11S)

    def look_back(
        self, x_BKD: Tensor, past: Slots | None, mask_BKM: Tensor | None, rotations: Tensor | None
    ) -> tuple[Tensor, Slots]:
        """Self-attention from one position more of K rows of each of B sentences; also the past grown by it.

        ``rotations`` are those of this position.
        """
        grown: list[Slots] = []

        def attend(x_BKD: Tensor) -> Tensor:
            mixed_BKD, now = self.attention.step(x_BKD, past, mask_BKM, rotations)
            grown.append(now)
            return mixed_BKD

        return self.add(x_BKD, self.self_norm, attend), grown[0]

    def look_at_source(self, x_BTD: Tensor, source: KeysValues, mask_B11S: Tensor | None) -> Tensor:
        """The blocks after self-attention; positions do not see each other there, so T may be rows as well."""
        x_BTD = self.add(x_BTD, self.cross_norm, lambda x: self.cross(x, source, mask_B11S))
        return self.add(x_BTD, self.ffn_norm, self.ffn)

    def source_weights(self, x_BTD: Tensor, source: KeysValues, mask_B11S: Tensor | None) -> Tensor:
        """How ``look_at_source`` attends over the source, averaged over the heads, (B, T, S)."""
        return self.cross.weights(self.cross_norm(x_BTD) if self.pre_norm else x_BTD, source, mask_B11S)

    def look_at_target(self, x_BTD: Tensor, rotations: Tensor | None) -> Tensor:
        """Self-attention over all positions at once, none of which sees a later one."""
        return self.add(x_BTD, self.self_norm, lambda x: self.attention(x, None, rotations, causal=True))
