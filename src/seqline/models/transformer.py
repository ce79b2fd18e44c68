"""The Transformer (Vaswani et al. 2017): embeddings, a stack of encoder layers, a stack of decoder layers.

Embeddings are scaled by √D; positions are sinusoids added to them, or rotations inside self-attention (positions.py).
A pre-norm stack ends in a norm of its own; the layers are in transformer_layers.py.

Legend: B sentences, N rows (sentences × beam), S source length, T target length, D model width, H heads, K head width.
"""

import math
from dataclasses import dataclass
from typing import Self

from torch import Tensor, nn

from seqline.errors import InputError
from seqline.models.attention import KeysValues
from seqline.models.base import EncoderDecoder, Memory, State, embedding, source_mask
from seqline.models.config import TransformerConfig
from seqline.models.dropout import Dropout
from seqline.models.positions import rotations, sinusoids
from seqline.models.transformer_layers import DecoderLayer, EncoderLayer, norm


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
    positions: Tensor
    """The sinusoids, (P, D), or the rotations, (2, P, K)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.source_embedding = embedding(config.source_vocabulary, config.width)
        self.target_embedding = (
            self.source_embedding if config.tie == "all" else embedding(config.target_vocabulary, config.width)
        )
        self.encoder = nn.ModuleList(EncoderLayer(config, units) for units in config.encoder_ffn)
        self.decoder = nn.ModuleList(DecoderLayer(config, units) for units in config.decoder_ffn)
        ends_in_norm = config.norm_place == "pre"
        self.encoder_norm, self.decoder_norm = (norm(config) if ends_in_norm else nn.Identity() for _ in range(2))
        self.output = nn.Linear(config.width, config.target_vocabulary, bias=False)
        if config.tie == "none":
            nn.init.normal_(self.output.weight, std=config.width**-0.5)
        else:
            self.output.weight = self.target_embedding.weight
        self.dropout = Dropout(config.embedding_dropout, config.dropout)
        rotary = config.positions == "rotary"
        table = (rotations if rotary else sinusoids)(
            config.max_positions, config.head_width if rotary else config.width
        )
        self.register_buffer("positions", table, persistent=False)
        self._initialise()

    def encode(self, source_BS: Tensor) -> Memory:
        """Encode padded source ids."""
        mask_BS = source_mask(source_BS)
        mask_B11S = _attention_mask(mask_BS)
        x_BSD = self.dropout(self._embed(self.source_embedding, source_BS, 0))
        turns = self._rotations(0, source_BS.size(1))
        for layer in self.encoder:
            x_BSD = layer(x_BSD, mask_B11S, turns)
        return Memory(self.encoder_norm(x_BSD), mask_BS)

    def decode(self, memory: Memory, target_BT: Tensor) -> Tensor:
        """Features of all target positions, (B, T, D)."""
        mask_B11S = _attention_mask(memory.mask_BS)
        x_BTD = self.dropout(self._embed(self.target_embedding, target_BT, 0))
        turns = self._rotations(0, target_BT.size(1))
        for layer in self._decoder_layers():
            x_BTD = layer(x_BTD, layer.cross.project(memory.states_BSD), mask_B11S, turns)
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
        turns = self._rotations(state.position, state.position + 1)
        grown = []
        for i, layer in enumerate(self._decoder_layers()):
            past = state.past[i] if state.past else None
            x_ND, past = layer.step(x_ND, past, state.source[i], state.mask_N11S, turns)
            grown.append(past)
        return self.decoder_norm(x_ND), TransformerState(
            state.position + 1, state.mask_N11S, state.source, tuple(grown)
        )

    def attend(self, memory: Memory, target_BT: Tensor) -> Tensor:
        """Attention of the last decoder layer, averaged over heads, (B, T, S)."""
        mask_B11S = _attention_mask(memory.mask_BS)
        x_BTD = self._embed(self.target_embedding, target_BT, 0)
        turns = self._rotations(0, target_BT.size(1))
        *layers, last = self._decoder_layers()
        for layer in layers:
            x_BTD = layer(x_BTD, layer.cross.project(memory.states_BSD), mask_B11S, turns)
        return last.cross.weights(last.query(x_BTD, turns), last.cross.project(memory.states_BSD), mask_B11S)

    def _embed(self, table: nn.Embedding, ids_BT: Tensor, first_position: int) -> Tensor:
        end = first_position + ids_BT.size(1)
        if end > self.config.max_positions:
            raise InputError(f"a sequence of {end} pieces exceeds the model's {self.config.max_positions} positions")
        embedded_BTD: Tensor = table(ids_BT) * math.sqrt(self.config.width)
        return embedded_BTD if self._is_rotary else embedded_BTD + self.positions[first_position:end]

    def _rotations(self, begin: int, end: int) -> Tensor | None:
        return self.positions[:, begin:end] if self._is_rotary else None

    @property
    def _is_rotary(self) -> bool:
        return self.config.positions == "rotary"

    def _decoder_layers(self) -> list[DecoderLayer]:
        return [layer for layer in self.decoder if isinstance(layer, DecoderLayer)]

    def _initialise(self) -> None:
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear) and name != "output":
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)


def _attention_mask(mask_BS: Tensor | None) -> Tensor | None:
    return None if mask_BS is None else mask_BS[:, None, None, :]
