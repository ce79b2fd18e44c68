"""The Transformer (Vaswani et al. 2017), pre-norm (Xiong et al. 2020), readable from top to bottom.

    encoder layer:  x ← x + self(norm x);  x ← x + ffn(norm x)
    decoder layer:  x ← x + self(norm x);  x ← x + cross(norm x, memory);  x ← x + ffn(norm x)

Each stack ends in a layer norm. Embeddings are scaled by √D and summed with sinusoids.

Legend: B sentences, N rows (sentences × beam), S source length, T target length, D model width, H heads, K head width.
"""

import math
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqline.errors import InputError
from seqline.models.attention import CrossAttention, SelfAttention
from seqline.models.base import EncoderDecoder, Memory, State, embedding, source_mask
from seqline.models.config import TransformerConfig
from seqline.models.dropout import Dropout

KeysValues = tuple[Tensor, Tensor]


class FeedForward(nn.Module):
    """Two linear maps around an activation, position by position."""

    def __init__(self, config: TransformerConfig, num_units: int) -> None:
        super().__init__()
        self.up = nn.Linear(config.width, num_units)
        self.down = nn.Linear(num_units, config.width)
        self.activation = F.relu if config.activation == "relu" else F.gelu
        self.dropout = Dropout(config.dropout)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """(B, T, D) → (B, T, D)."""
        y_BTD: Tensor = self.down(self.dropout(self.activation(self.up(x_BTD))))
        return y_BTD


class EncoderLayer(nn.Module):
    """Self-attention and a feed-forward block, each normed first and added to its input."""

    def __init__(self, config: TransformerConfig, num_units: int) -> None:
        super().__init__()
        self.attention_norm, self.ffn_norm = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.attention = SelfAttention(config.width, config.encoder_heads, config.head_width)
        self.ffn = FeedForward(config, num_units)
        self.dropout = Dropout(config.dropout)

    def forward(self, x_BSD: Tensor, mask_B11S: Tensor | None) -> Tensor:
        """(B, S, D) → (B, S, D)."""
        x_BSD = x_BSD + self.dropout(self.attention(self.attention_norm(x_BSD), mask_B11S, causal=False))
        y_BSD: Tensor = x_BSD + self.dropout(self.ffn(self.ffn_norm(x_BSD)))
        return y_BSD


class DecoderLayer(nn.Module):
    """Causal self-attention, attention over the source, and a feed-forward block."""

    def __init__(self, config: TransformerConfig, num_units: int) -> None:
        super().__init__()
        self.self_norm, self.cross_norm, self.ffn_norm = (nn.LayerNorm(config.width) for _ in range(3))
        self.attention = SelfAttention(config.width, config.decoder_heads, config.head_width)
        self.cross = CrossAttention(config.width, config.decoder_heads, config.head_width)
        self.ffn = FeedForward(config, num_units)
        self.dropout = Dropout(config.dropout)

    def forward(self, x_BTD: Tensor, source: KeysValues, mask_B11S: Tensor | None) -> Tensor:
        """All target positions at once; none sees a later one, so padding at the end needs no mask."""
        x_BTD = x_BTD + self.dropout(self.attention(self.self_norm(x_BTD), None, causal=True))
        return self._after_self(x_BTD, source, mask_B11S)

    def step(
        self, x_ND: Tensor, past: KeysValues | None, source: KeysValues, mask_N11S: Tensor | None
    ) -> tuple[Tensor, KeysValues]:
        """One target position more."""
        mixed_ND, past = self.attention.step(self.self_norm(x_ND), past)
        return self._after_self((x_ND + mixed_ND)[:, None], source, mask_N11S)[:, 0], past

    def before_cross(self, x_BTD: Tensor) -> Tensor:
        """What the cross-attention of this layer is asked with: for attention pictures."""
        query_BTD: Tensor = self.cross_norm(x_BTD + self.attention(self.self_norm(x_BTD), None, causal=True))
        return query_BTD

    def _after_self(self, x_BTD: Tensor, source: KeysValues, mask_B11S: Tensor | None) -> Tensor:
        x_BTD = x_BTD + self.dropout(self.cross(self.cross_norm(x_BTD), source, mask_B11S))
        y_BTD: Tensor = x_BTD + self.dropout(self.ffn(self.ffn_norm(x_BTD)))
        return y_BTD


@dataclass(frozen=True)
class TransformerState(State):
    """Decoder state: the next position, the source's keys and values, and those of the target so far, per layer."""

    position: int
    mask_N11S: Tensor | None
    source: tuple[KeysValues, ...]
    past: tuple[KeysValues, ...]

    def select(self, rows_N: Tensor) -> Self:
        """Keep, repeat or reorder rows."""
        mask = None if self.mask_N11S is None else self.mask_N11S.index_select(0, rows_N)
        source, past = (
            tuple((k.index_select(0, rows_N), v.index_select(0, rows_N)) for k, v in part)
            for part in (self.source, self.past)
        )
        return type(self)(self.position, mask, source, past)


class Transformer(EncoderDecoder):
    """An encoder–decoder of Transformer layers."""

    config: TransformerConfig
    positions_PD: Tensor

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.source_embedding = embedding(config.source_vocabulary, config.width)
        self.target_embedding = (
            self.source_embedding if config.tie == "all" else embedding(config.target_vocabulary, config.width)
        )
        self.encoder = nn.ModuleList(EncoderLayer(config, units) for units in config.encoder_ffn)
        self.decoder = nn.ModuleList(DecoderLayer(config, units) for units in config.decoder_ffn)
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.output = nn.Linear(config.width, config.target_vocabulary, bias=False)
        if config.tie == "none":
            nn.init.normal_(self.output.weight, std=config.width**-0.5)
        else:
            self.output.weight = self.target_embedding.weight
        self.dropout = Dropout(config.dropout)
        self.register_buffer("positions_PD", sinusoids(config.max_positions, config.width), persistent=False)
        self._initialise()

    def encode(self, source_BS: Tensor) -> Memory:
        """Encode padded source ids."""
        mask_BS = source_mask(source_BS)
        mask_B11S = _attention_mask(mask_BS)
        x_BSD = self.dropout(self._embed(self.source_embedding, source_BS, 0))
        for layer in self.encoder:
            x_BSD = layer(x_BSD, mask_B11S)
        return Memory(self.encoder_norm(x_BSD), mask_BS)

    def decode(self, memory: Memory, target_BT: Tensor) -> Tensor:
        """Features of all target positions, (B, T, D)."""
        mask_B11S = _attention_mask(memory.mask_BS)
        x_BTD = self.dropout(self._embed(self.target_embedding, target_BT, 0))
        for layer in self._decoder_layers():
            x_BTD = layer(x_BTD, layer.cross.project(memory.states_BSD), mask_B11S)
        features_BTD: Tensor = self.decoder_norm(x_BTD)
        return features_BTD

    def start(self, memory: Memory) -> TransformerState:
        """The state before the first target piece."""
        source = tuple(layer.cross.project(memory.states_BSD) for layer in self._decoder_layers())
        return TransformerState(0, _attention_mask(memory.mask_BS), source, ())

    def features(self, state: State, piece_N: Tensor) -> tuple[Tensor, TransformerState]:
        """Features after one more piece per row, (N, D)."""
        assert isinstance(state, TransformerState)
        x_ND = self._embed(self.target_embedding, piece_N[:, None], state.position)[:, 0]
        grown = []
        for i, layer in enumerate(self._decoder_layers()):
            past = state.past[i] if state.past else None
            x_ND, past = layer.step(x_ND, past, state.source[i], state.mask_N11S)
            grown.append(past)
        return self.decoder_norm(x_ND), TransformerState(
            state.position + 1, state.mask_N11S, state.source, tuple(grown)
        )

    def attend(self, memory: Memory, target_BT: Tensor) -> Tensor:
        """Attention of the last decoder layer, averaged over heads, (B, T, S)."""
        mask_B11S = _attention_mask(memory.mask_BS)
        x_BTD = self._embed(self.target_embedding, target_BT, 0)
        *layers, last = self._decoder_layers()
        for layer in layers:
            x_BTD = layer(x_BTD, layer.cross.project(memory.states_BSD), mask_B11S)
        return last.cross.weights(last.before_cross(x_BTD), last.cross.project(memory.states_BSD), mask_B11S)

    def _embed(self, table: nn.Embedding, ids_BT: Tensor, first_position: int) -> Tensor:
        end = first_position + ids_BT.size(1)
        if end > self.config.max_positions:
            raise InputError(f"a sequence of {end} pieces exceeds the model's {self.config.max_positions} positions")
        embedded_BTD: Tensor = table(ids_BT) * math.sqrt(self.config.width)
        return embedded_BTD + self.positions_PD[first_position:end]

    def _decoder_layers(self) -> list[DecoderLayer]:
        return [layer for layer in self.decoder if isinstance(layer, DecoderLayer)]

    def _initialise(self) -> None:
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear) and name != "output":
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)


def sinusoids(num_positions: int, width: int) -> Tensor:
    """Position table (P, D): sines in the first half, cosines in the second (Vaswani et al. 2017, section 3.5)."""
    rates = torch.exp(torch.arange(width // 2) * (-math.log(10_000.0) / (width // 2)))
    angles = torch.arange(num_positions)[:, None] * rates
    return torch.cat((angles.sin(), angles.cos()), dim=1)


def _attention_mask(mask_BS: Tensor | None) -> Tensor | None:
    return None if mask_BS is None else mask_BS[:, None, None, :]
