"""Models that translate lines, by beam search over their steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from seqline import models
from seqline.decoding.beam import beam_search
from seqline.models.base import EncoderDecoder, StepModel
from seqline.serving.batching import batches
from seqline.serving.segments import Hypothesis, composed, segmented
from seqline.special import BOS, EOS, PAD
from seqline.tokenization import Tokenizer
from seqline.types import Translation

MAX_SEGMENT_PIECES = 400
"""Longer lines are cut: twice as many target pieces still have their positions."""


Attention = tuple[list[str], list[str], list[list[float]]]
"""Source pieces, target pieces, and how each target piece (a row) attends over the source pieces."""


@dataclass(frozen=True)
class StepTranslator:
    """A model with its tokenizers. ``batch_tokens`` bounds rows × source length of a batch."""

    model: StepModel[Any]
    tokenizer: Tokenizer
    batch_tokens: int = 4096

    def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
        """Translations of each line, in order, whatever the lines hold; an empty line gives one empty one."""
        segments = segmented(lines, self.tokenizer.source_pieces, MAX_SEGMENT_PIECES)
        sources = [self.tokenizer.source.piece_to_id(segment.pieces) for segment in segments]
        found: list[list[Hypothesis]] = [[] for _ in segments]
        for rows in batches([len(ids) + 1 for ids in sources], self.batch_tokens // beam):
            source_BS = pad([[*sources[row], EOS] for row in rows])
            caps = [length_cap(len(sources[row]) + 1) for row in rows]
            decoded = beam_search(self.model, source_BS, beam=beam, nbest=nbest, max_lengths=caps)
            for row, hypotheses in zip(rows, decoded, strict=True):
                texts = self.tokenizer.decode_target([hypothesis.ids for hypothesis in hypotheses])
                found[row] = [
                    Hypothesis(text, hypothesis.score, len(hypothesis.ids) + 1)
                    for text, hypothesis in zip(texts, hypotheses, strict=True)
                ]
        return composed(len(lines), segments, found, self.tokenizer.target_separator)


@dataclass(frozen=True)
class TorchTranslator(StepTranslator):
    """A torch model with its tokenizers; it can show where it looked."""

    model: EncoderDecoder

    @classmethod
    def open(cls, folder: Path, threads: int, batch_tokens: int = 4096) -> Self:
        """Load a model folder and set the number of threads torch uses."""
        torch.set_num_threads(threads)
        return cls(models.load(folder), Tokenizer.load(folder), batch_tokens)

    @torch.inference_mode()
    def attention(self, source: str, target: str) -> Attention | None:
        """Where each piece of the target looked; None of a model without attention."""
        source_ids, target_ids = self.tokenizer.encode_source([source])[0], self.tokenizer.encode_target([target])[0]
        memory = self.model.encode(pad([[*source_ids, EOS]]))
        weights_1TS = self.model.attend(memory, pad([[BOS, *target_ids]]))
        if weights_1TS is None:
            return None
        return (
            [*self.tokenizer.source_pieces(source), "</s>"],
            [*self.tokenizer.target_pieces(target), "</s>"],
            [[round(weight, 4) for weight in row] for row in weights_1TS[0].tolist()],
        )


def length_cap(source_pieces: int) -> int:
    """The most target pieces a source of that many pieces may grow to: no avalanche of repetitions."""
    return 2 * source_pieces + 10


def pad(rows: list[list[int]]) -> Tensor:
    """Pad rows of ids on the right, (B, L)."""
    width = max(map(len, rows))
    return torch.tensor([row + [PAD] * (width - len(row)) for row in rows])
