"""Torch models that translate lines, one alone or several together."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from seqline import models
from seqline.decoding.cores import MANY_ROWS
from seqline.decoding.ensemble import Ensemble
from seqline.decoding.lengths import max_pieces
from seqline.decoding.padding import pad
from seqline.decoding.scoring import score
from seqline.decoding.step_translator import StepTranslator
from seqline.errors import MismatchError
from seqline.files import verify
from seqline.models.base import EncoderDecoder
from seqline.models.products import cpu_has_bf16
from seqline.special import BOS, EOS
from seqline.tokenization import Tokenizer
from seqline.types import Demand, Search, Translation

Attention = tuple[list[str], list[str], list[list[float]]]
"""Source pieces, target pieces, and how each target piece (a row) attends over the source pieces."""


@dataclass(frozen=True)
class TorchTranslator(StepTranslator):
    """A torch model with its tokenizers; it can show where it looked.

    It ``rounds`` where it searches with matrix products in bf16; what it says of given pairs is float32.
    """

    model: EncoderDecoder
    rounds: bool = False

    @classmethod
    def open(cls, folder: Path, threads: int, batch_tokens: int = 4096, precision: str = "auto") -> Self:
        """Check a model folder against its manifest, load it, and set the number of threads torch uses.

        ``precision``: ``auto`` and ``bf16`` round on a CPU that is faster by it, ``fp32`` never does.

        Raises:
            MissingError: there is no finished model in the folder.
            ArtifactError: a file is absent or damaged, or the weights do not fit the architecture.
        """
        verify(folder)
        torch.set_num_threads(threads)
        rounds = precision != "fp32" and cpu_has_bf16()
        return cls(models.load(folder), Tokenizer.load(folder), batch_tokens, rounds)

    def search(
        self, lines: Sequence[str], search: Search, demands: Sequence[Demand] = (), *, align: bool = False
    ) -> list[list[Translation]]:
        """Translations of each line, in order."""
        pays = self.rounds and len(lines) * search.beam >= MANY_ROWS
        with self.model.halved() if pays else nullcontext():
            return super().search(lines, search, demands, align=align)

    def attention(self, source: str, target: str) -> Attention | None:
        """Where each piece of the target looked; None of a model without attention, or of lines too long for it."""
        source_ids, target_ids = self.tokenizer.encode_source([source])[0], self.tokenizer.encode_target([target])[0]
        if max(len(source_ids), len(target_ids)) >= max_pieces(self.model):
            return None
        weights_1TS = self._attention(pad([[*source_ids, EOS]]), pad([[BOS, *target_ids]]))
        if weights_1TS is None:
            return None
        return (
            [*self.tokenizer.source_pieces(source), "</s>"],
            [*self.tokenizer.target_pieces(target), "</s>"],
            [[round(weight, 4) for weight in row] for row in weights_1TS[0].tolist()],
        )

    def _score(self, source_BS: Tensor, input_BT: Tensor, label_BT: Tensor) -> Tensor:
        return score(self.model, source_BS, input_BT, label_BT)

    @torch.inference_mode()
    def _attention(self, source_BS: Tensor, input_BT: Tensor) -> Tensor | None:
        return self.model.attend(self.model.encode(source_BS), input_BT)


def open_ensemble(folders: Sequence[Path], threads: int, batch_tokens: int = 4096) -> StepTranslator:
    """Open torch models that translate together.

    Raises:
        MissingError: a folder holds no finished torch model.
        ArtifactError: a model is damaged.
        MismatchError: their tokenizers differ, so their pieces do not mean the same.
    """
    members = [TorchTranslator.open(folder, threads, batch_tokens) for folder in folders]
    first = members[0].tokenizer
    for folder, member in zip(folders[1:], members[1:], strict=True):
        if not member.tokenizer.is_same(first):
            raise MismatchError(f"{folder}: its pieces are not those of {folders[0]}; no ensemble of the two")
    return StepTranslator(Ensemble([member.model for member in members]), first, batch_tokens)
