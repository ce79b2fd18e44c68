"""The recurrent encoder–decoder with attention and input feeding, readable from top to bottom.

The encoder reads the source in both directions (recurrent_encoder.py). The decoder, per target position t
(Luong et al. 2015, sections 3 and 3.3):

    s_t = cell(E y_{t-1}, a_{t-1}, s_{t-1})     stacked layers; a_{t-1} feeds the attention's choice back
    c_t = attention(s_t, source)                additive, dot or general (recurrent_attention.py)
    a_t = tanh(W [s_t; c_t])                    the features; p(y_t) = softmax(output a_t)

with a_0 = 0 and every layer's s_0 = tanh(V [forward end; backward end]), as in Bahdanau et al. 2015, appendix A.2.2.
Embeddings are scaled by √D, as in the Transformer, so that one tied table serves as input and as output.

Legend: B sentences, N rows (sentences × beam), S source length, T target length, D model width, G gates × D.
"""

import math
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn

from seqline.errors import InputError
from seqline.models.base import EncoderDecoder, Memory, State, embedding, source_mask
from seqline.models.cells import CELLS, Cell, Parts
from seqline.models.config import RecurrentConfig
from seqline.models.dropout import Dropout
from seqline.models.recurrent_attention import Source, build_attention
from seqline.models.recurrent_encoder import NativeEncoder, PeepholeEncoder, final_states


@dataclass(frozen=True)
class RecurrentState(State):
    """Decoder state: the parts of each layer, the last features (input feeding), and the source attended to."""

    layers: tuple[Parts, ...]
    features_ND: Tensor
    source: Source

    def select(self, rows_N: Tensor) -> Self:
        """Keep, repeat or reorder rows."""
        layers = tuple(tuple(part.index_select(0, rows_N) for part in parts) for parts in self.layers)
        return type(self)(layers, self.features_ND.index_select(0, rows_N), self.source.select(rows_N))


class RecurrentEncoderDecoder(EncoderDecoder):
    """A bidirectional recurrent encoder and a recurrent decoder with attention.

    Raises:
        InputError: all embeddings are to be tied, but the vocabularies differ in size.
    """

    config: RecurrentConfig

    def __init__(self, config: RecurrentConfig) -> None:
        super().__init__()
        self.config, width = config, config.width
        if config.tie == "all" and config.source_vocabulary != config.target_vocabulary:
            raise InputError("tie: all needs a joint vocabulary; use tie: target, or tokenize.joint: true")
        self.source_embedding = embedding(config.source_vocabulary, width)
        self.target_embedding = (
            self.source_embedding if config.tie == "all" else embedding(config.target_vocabulary, width)
        )
        self.encoder = (
            PeepholeEncoder(width, config.encoder_layers, config.dropout)
            if config.kind == "peephole_lstm"
            else NativeEncoder(config.kind, width, config.encoder_layers, config.dropout)
        )
        cell = CELLS[config.kind]
        self.bridge = nn.Linear(width, config.decoder_layers * cell.num_parts * width)
        self.cells = nn.ModuleList(cell(width, width) for _ in range(config.decoder_layers))
        self.feed = nn.Linear(width, cell.num_gates * width, bias=False)
        self.attention = build_attention(config.attention, width)
        self.combine = nn.Linear(2 * width, width, bias=False)
        self.output = nn.Linear(width, config.target_vocabulary, bias=False)
        if config.tie == "none":
            nn.init.normal_(self.output.weight, std=width**-0.5)
        else:
            self.output.weight = self.target_embedding.weight
        self.dropout = Dropout(config.dropout)

    def encode(self, source_BS: Tensor) -> Memory:
        """Encode padded source ids."""
        mask_BS = source_mask(source_BS)
        return Memory(self.encoder(self._embed(self.source_embedding, source_BS), mask_BS), mask_BS)

    def decode(self, memory: Memory, target_BT: Tensor) -> Tensor:
        """Features of all target positions, (B, T, D)."""
        return self._unroll(memory, target_BT)[0]

    def start(self, memory: Memory) -> RecurrentState:
        """The state before the first target piece."""
        ends_BD = final_states(memory.states_BSD, memory.mask_BS)
        parts = self.bridge(ends_BD).tanh().chunk(self.bridge.out_features // self.config.width, dim=1)
        num_layers = self.config.decoder_layers
        layers = tuple(parts[i::num_layers] for i in range(num_layers))
        return RecurrentState(layers, torch.zeros_like(ends_BD), self.attention.source(memory))

    def features(self, state: State, piece_N: Tensor) -> tuple[Tensor, RecurrentState]:
        """Features after one more piece per row, (N, D), and the next state."""
        assert isinstance(state, RecurrentState)
        x_NG = self._cells()[0].input(self._embed(self.target_embedding, piece_N))
        state, _ = self._advance(x_NG, state)
        return self.dropout(state.features_ND), state

    def attending_features(self, state: State, piece_N: Tensor) -> tuple[Tensor, Tensor, RecurrentState]:
        """Features after one more piece per row, (N, D), the attention, (N, S), and the next state."""
        assert isinstance(state, RecurrentState)
        state, weights_NS = self._advance(self._cells()[0].input(self._embed(self.target_embedding, piece_N)), state)
        return self.dropout(state.features_ND), weights_NS, state

    def attend(self, memory: Memory, target_BT: Tensor) -> Tensor:
        """Attention of each target position over the source, (B, T, S)."""
        return self._unroll(memory, target_BT)[1]

    def _unroll(self, memory: Memory, target_BT: Tensor) -> tuple[Tensor, Tensor]:
        x_BTG = self._cells()[0].input(self._embed(self.target_embedding, target_BT))
        state, features, weights = self.start(memory), [], []
        for x_BG in x_BTG.unbind(dim=1):
            state, weights_BS = self._advance(x_BG, state)
            features.append(state.features_ND)
            weights.append(weights_BS)
        return self.dropout(torch.stack(features, dim=1)), torch.stack(weights, dim=1)

    def _advance(self, x_NG: Tensor, state: RecurrentState) -> tuple[RecurrentState, Tensor]:
        """One position from the projected embedding of the piece before it; also the attention, (N, S)."""
        x_NG = torch.addmm(x_NG, state.features_ND, self.feed.weight.t())
        layers: list[Parts] = []
        for cell, parts in zip(self._cells(), state.layers, strict=True):
            if layers:
                x_NG = cell.input(self.dropout(layers[-1][0]))
            layers.append(cell(x_NG, parts))
        top_ND = layers[-1][0]
        context_ND, weights_NS = self.attention(top_ND, state.source)
        features_ND = self.combine(torch.cat((top_ND, context_ND), dim=1)).tanh()
        return RecurrentState(tuple(layers), features_ND, state.source), weights_NS

    def _embed(self, table: nn.Embedding, ids: Tensor) -> Tensor:
        embedded: Tensor = self.dropout(table(ids) * math.sqrt(self.config.width))
        return embedded

    def _cells(self) -> list[Cell]:
        return [cell for cell in self.cells if isinstance(cell, Cell)]
