"""The recurrent encoder–decoder, readable from top to bottom.

The encoder reads the source, as a rule in both directions (recurrent_encoder.py). The decoder, per target position t
(Luong et al. 2015, sections 3 and 3.3):

    s_t = cells(E y_{t-1}, a_{t-1}, s_{t-1})    stacked layers; a_{t-1} feeds the attention's choice back
    c_t = attention(s_t, source)                additive, dot or general (recurrent_attention.py)
    a_t = tanh(W [s_t; c_t])                    the features; p(y_t) = softmax(output a_t)

with a_0 = 0 and every layer's s_0 = tanh(V [forward end; backward end]), as in Bahdanau et al. 2015, appendix A.2.2.
Embeddings are scaled by √D, as in the Transformer, so that one tied table serves as input and as output.

Without input feeding, s_t = cells(E y_{t-1}, s_{t-1}) does not wait for attention: all positions of a known target
are computed in one call per layer. Without attention, the source is one vector c = [forward end; backward end]
(Sutskever et al. 2014), which the decoder sees at every step, in its input and in its features (Cho et al. 2014):

    s_t = cells(E y_{t-1} + F c, s_{t-1})       a_t = tanh(W [s_t; c])

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
from seqline.models.layer_output import LayerOutput
from seqline.models.recurrent_attention import Source, build_attention, for_each_row
from seqline.models.recurrent_encoder import RecurrentEncoder, final_states


@dataclass(frozen=True)
class RecurrentState(State):
    """Decoder state: the parts of each layer, the last features (input feeding), and the source attended to.

    The rows of a sentence stand side by side and share its source.
    """

    layers: tuple[Parts, ...]
    features_ND: Tensor
    source: Source

    def select(self, rows_N: Tensor) -> Self:
        """Keep, repeat or reorder rows."""
        return self._select(rows_N, rows_N // self._rows_of_each)

    def regroup(self, rows_BK: Tensor) -> Self:
        """Keep, repeat or reorder rows within sentences, and sentences."""
        return self._select(rows_BK.flatten(), rows_BK[:, 0] // self._rows_of_each)

    def _select(self, rows_N: Tensor, sentences_B: Tensor) -> Self:
        layers = tuple(tuple(part.index_select(0, rows_N) for part in parts) for parts in self.layers)
        return type(self)(layers, self.features_ND.index_select(0, rows_N), self.source.select(sentences_B))

    @property
    def _rows_of_each(self) -> int:
        return len(self.features_ND) // len(self.source.values_BSD)


class RecurrentEncoderDecoder(EncoderDecoder):
    """A recurrent encoder and a recurrent decoder, with attention or without.

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
        self.encoder = RecurrentEncoder(config)
        cell = CELLS[config.kind]
        self.bridge = nn.Linear(width, config.decoder_layers * cell.num_parts * width)
        self.cells = nn.ModuleList(cell(width, width) for _ in range(config.decoder_layers))
        self.outputs = nn.ModuleList(
            LayerOutput(width, norm=config.layer_norm, residual=config.residual and number > 0)
            for number in range(config.decoder_layers)
        )
        self.feed = nn.Linear(width, cell.num_gates * width, bias=False) if config.feeds else None
        self.attention = build_attention(config.attention, width)
        self.constant = nn.Linear(width, width, bias=False) if self.attention is None else None
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
        ends_BD = final_states(memory.states_BSD, memory.mask_BS, bidirectional=self.config.bidirectional)
        parts = self.bridge(ends_BD).tanh().chunk(self.bridge.out_features // self.config.width, dim=1)
        num_layers = self.config.decoder_layers
        layers = tuple(parts[i::num_layers] for i in range(num_layers))
        fixed_B1D = ends_BD[:, None]
        source = self.attention.source(memory) if self.attention else Source(fixed_B1D, fixed_B1D, None)
        return RecurrentState(layers, torch.zeros_like(ends_BD), source)

    def features(self, state: State, piece_N: Tensor) -> tuple[Tensor, RecurrentState]:
        """Features after one more piece per row, (N, D), and the next state."""
        state, _ = self._step(state, piece_N)
        return self.dropout(state.features_ND), state

    def attending_features(self, state: State, piece_N: Tensor) -> tuple[Tensor, Tensor, RecurrentState]:
        """Features after one more piece per row, (N, D), the attention, (N, S), and the next state.

        Raises:
            InputError: the model has no attention.
        """
        state, weights_N1S = self._step(state, piece_N)
        if weights_N1S is None:
            raise InputError("a model without attention does not look anywhere: no coverage penalty")
        return self.dropout(state.features_ND), weights_N1S[:, 0], state

    def attend(self, memory: Memory, target_BT: Tensor) -> Tensor | None:
        """Attention of each target position over the source, (B, T, S); None of a model without attention."""
        return self._unroll(memory, target_BT)[1]

    def _step(self, state: State, piece_N: Tensor) -> tuple[RecurrentState, Tensor | None]:
        """The state after one more piece per row; also the attention, (N, 1, S)."""
        assert isinstance(state, RecurrentState)
        x_N1D = self._inputs(piece_N[:, None], state.source)
        return self._advance(self._cells()[0].input(x_N1D[:, 0]), state)

    def _unroll(self, memory: Memory, target_BT: Tensor) -> tuple[Tensor, Tensor | None]:
        """Features and attention of all target positions."""
        state = self.start(memory)
        x_BTD = self._inputs(target_BT, state.source)
        if self.feed is None:
            features_BTD, weights_BTS = self._features(self._stack(x_BTD, state), state.source)
        else:
            features_BTD, weights_BTS = self._step_by_step(x_BTD, state)
        return self.dropout(features_BTD), weights_BTS

    def _inputs(self, piece_NT: Tensor, source: Source) -> Tensor:
        """What the first layer reads but for what is fed back, (N, T, D)."""
        x_NTD = self._embed(self.target_embedding, piece_NT)
        return x_NTD if self.constant is None else x_NTD + for_each_row(self.constant(source.values_BSD), len(x_NTD))

    def _stack(self, x_NTD: Tensor, state: RecurrentState) -> Tensor:
        """The top layer's outputs at all positions, each layer in one go."""
        for number, (cell, output, parts) in enumerate(zip(self._cells(), self.outputs, state.layers, strict=True)):
            x_NTD = output(cell.unroll(self.dropout(x_NTD) if number else x_NTD, parts), x_NTD)
        return x_NTD

    def _step_by_step(self, x_BTD: Tensor, state: RecurrentState) -> tuple[Tensor, Tensor | None]:
        """Features and attention of all positions, each from the features before it."""
        features, weights = [], []
        for x_BG in self._cells()[0].input(x_BTD).unbind(dim=1):
            state, weights_B1S = self._advance(x_BG, state)
            features.append(state.features_ND)
            weights.append(weights_B1S)
        found = [each for each in weights if each is not None]
        return torch.stack(features, dim=1), torch.cat(found, dim=1) if found else None

    def _advance(self, x_NG: Tensor, state: RecurrentState) -> tuple[RecurrentState, Tensor | None]:
        """One position from the projected input of the first layer; also the attention, (N, 1, S)."""
        if self.feed is not None:
            x_NG = torch.addmm(x_NG, state.features_ND, self.feed.weight.t())
        layers: list[Parts] = []
        top_ND = state.features_ND  # the first layer has no residual connection and does not read it
        for number, (cell, output, parts) in enumerate(zip(self._cells(), self.outputs, state.layers, strict=True)):
            layers.append(cell(cell.input(self.dropout(top_ND)) if number else x_NG, parts))
            top_ND = output(layers[-1][0], top_ND)
        features_N1D, weights_N1S = self._features(top_ND[:, None], state.source)
        return RecurrentState(tuple(layers), features_N1D[:, 0], state.source), weights_N1S

    def _features(self, top_NTD: Tensor, source: Source) -> tuple[Tensor, Tensor | None]:
        """The features a_t, (N, T, D), and the attention, (N, T, S)."""
        if self.attention is None:
            context_NTD, weights_NTS = for_each_row(source.values_BSD, len(top_NTD)).expand_as(top_NTD), None
        else:
            context_NTD, weights_NTS = self.attention(top_NTD, source)
        return self.combine(torch.cat((top_NTD, context_NTD), dim=2)).tanh(), weights_NTS

    def _embed(self, table: nn.Embedding, ids: Tensor) -> Tensor:
        embedded: Tensor = self.dropout(table(ids) * math.sqrt(self.config.width))
        return embedded

    def _cells(self) -> list[Cell]:
        return [cell for cell in self.cells if isinstance(cell, Cell)]
