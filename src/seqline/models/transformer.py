"""The Transformer (Vaswani et al. 2017): embeddings, a stack of encoder layers, a stack of decoder layers.

Embeddings are scaled by √D; positions are sinusoids added to them, or rotations inside self-attention (positions.py).
A pre-norm stack ends in a norm of its own; the layers are in transformer_layers.py.

Legend: B sentences, K rows of each (beam), N = B·K, M slots (cache.py), S source length, T target length,
D model width.
"""

import math
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor, nn

from seqline.errors import InputError
from seqline.models.attention import KeysValues
from seqline.models.base import EncoderDecoder, Memory, State, embedding, source_mask
from seqline.models.cache import Slots, own_past
from seqline.models.config import TransformerConfig
from seqline.models.dropout import Dropout
from seqline.models.positions import rotations, sinusoids
from seqline.models.products import Linear, layers_halved, layers_rounding
from seqline.models.transformer_layers import DecoderLayer, EncoderLayer, norm


@dataclass(frozen=True)
class TransformerState(State):
    """Decoder state of K rows for each of B sentences; row k of sentence b is number b·K + k.

    ``position`` is the next one. ``source`` holds the keys and values of each sentence, ``past`` those of the target so
    far, per layer, and ``past_mask_BKM`` what a row sees of them (None: all).
    """

    position: int
    num_rows: int
    mask_B11S: Tensor | None
    source: tuple[KeysValues, ...]
    past: tuple[Slots, ...]
    past_mask_BKM: Tensor | None

    def select(self, rows_N: Tensor) -> Self:
        """Keep, repeat or reorder rows: each becomes a sentence of its own."""
        return self.regroup(rows_N[:, None])

    def regroup(self, rows_BK: Tensor) -> Self:
        """Keep, repeat or reorder rows within sentences, and sentences."""
        mask_BKM = self.past_mask_BKM
        if mask_BKM is not None:
            mask_BKM = mask_BKM.flatten(0, 1).index_select(0, rows_BK.flatten()).view(*rows_BK.shape, -1)
        state = replace(self, num_rows=rows_BK.size(1), past_mask_BKM=mask_BKM)
        sentences_B = rows_BK[:, 0] // self.num_rows
        num_sentences = self.source[0][0].size(0)
        unmoved = len(sentences_B) == num_sentences and torch.equal(sentences_B, torch.arange(num_sentences))
        return state if unmoved else state._sentences(sentences_B)

    def _sentences(self, sentences_B: Tensor) -> Self:
        return replace(
            self,
            mask_B11S=None if self.mask_B11S is None else self.mask_B11S.index_select(0, sentences_B),
            source=tuple((k.index_select(0, sentences_B), v.index_select(0, sentences_B)) for k, v in self.source),
            past=tuple(slots.select(sentences_B) for slots in self.past),
        )


class Transformer(EncoderDecoder):
    """An encoder–decoder of Transformer layers.

    Raises:
        InputError: all embeddings are to be tied, but the vocabularies differ in size.
    """

    config: TransformerConfig
    positions: Tensor
    """The sinusoids, (P, D), or the rotations, (2, P, K)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        if config.tie == "all" and config.source_vocabulary != config.target_vocabulary:
            raise InputError("tie: all needs a joint vocabulary; use tie: target, or tokenize.joint: true")
        self.source_embedding = embedding(config.source_vocabulary, config.width)
        self.target_embedding = (
            self.source_embedding if config.tie == "all" else embedding(config.target_vocabulary, config.width)
        )
        self.encoder = nn.ModuleList(EncoderLayer(config, units) for units in config.encoder_ffn)
        self.decoder = nn.ModuleList(DecoderLayer(config, units) for units in config.decoder_ffn)
        ends_in_norm = config.norm_place == "pre"
        self.encoder_norm, self.decoder_norm = (norm(config) if ends_in_norm else nn.Identity() for _ in range(2))
        self.output = Linear(config.width, config.target_vocabulary, bias=False)
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

    def rounding(self, is_on: bool) -> AbstractContextManager[None]:
        """The products of its layers; those of torch's attention get slower by it."""
        return layers_rounding(self, is_on)

    def halved(self) -> AbstractContextManager[None]:
        """The same for inference alone, in several threads at once if need be."""
        return layers_halved(self)

    def start(self, memory: Memory) -> TransformerState:
        """The state before the first target piece."""
        source = tuple(layer.cross.project(memory.states_BSD) for layer in self._decoder_layers())
        return TransformerState(0, 1, _attention_mask(memory.mask_BS), source, (), None)

    def features(self, state: State, piece_N: Tensor) -> tuple[Tensor, TransformerState]:
        """Features after one more piece per row, (N, D)."""
        features_ND, state, _ = self._advance(state, piece_N, attentive=False)
        return features_ND, state

    def attending_features(self, state: State, piece_N: Tensor) -> tuple[Tensor, Tensor, TransformerState]:
        """Features after one more piece per row, (N, D), and how the last layer attends over the source, (N, S)."""
        features_ND, state, weights_NS = self._advance(state, piece_N, attentive=True)
        assert weights_NS is not None
        return features_ND, weights_NS, state

    def attend(self, memory: Memory, target_BT: Tensor) -> Tensor:
        """Attention of the last decoder layer, averaged over heads, (B, T, S)."""
        mask_B11S = _attention_mask(memory.mask_BS)
        x_BTD = self._embed(self.target_embedding, target_BT, 0)
        turns = self._rotations(0, target_BT.size(1))
        *layers, last = self._decoder_layers()
        for layer in layers:
            x_BTD = layer(x_BTD, layer.cross.project(memory.states_BSD), mask_B11S, turns)
        source = last.cross.project(memory.states_BSD)
        return last.source_weights(last.look_at_target(x_BTD, turns), source, mask_B11S)

    def _advance(
        self, state: State, piece_N: Tensor, *, attentive: bool
    ) -> tuple[Tensor, TransformerState, Tensor | None]:
        assert isinstance(state, TransformerState)
        x_ND = self._embed(self.target_embedding, piece_N[:, None], state.position)[:, 0]
        x_BKD = x_ND.view(-1, state.num_rows, self.config.width)
        turns = self._rotations(state.position, state.position + 1)
        mask_BKM = own_past(state.past_mask_BKM, state.past[0].num if state.past else 0, x_BKD)
        grown, weights_BKS = [], None
        for i, layer in enumerate(self._decoder_layers()):
            x_BKD, past = layer.look_back(x_BKD, state.past[i] if state.past else None, mask_BKM, turns)
            grown.append(past)
            if attentive and i + 1 == len(self.decoder):
                weights_BKS = layer.source_weights(x_BKD, state.source[i], state.mask_B11S)
            x_BKD = layer.look_at_source(x_BKD, state.source[i], state.mask_B11S)
        state = replace(state, position=state.position + 1, past=tuple(grown), past_mask_BKM=mask_BKM)
        return self.decoder_norm(x_BKD).flatten(0, 1), state, None if weights_BKS is None else weights_BKS.flatten(0, 1)

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
