"""The training pairs of each epoch, as ids."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from seqline.tokenization import Sequences, Tokenizer
from seqline.training.batching import Batch, collate, plan


@dataclass(frozen=True)
class TrainingData:
    """Aligned source and target ids, and the tokenizer that can cut them anew."""

    source: Sequences
    target: Sequences
    tokenizer: Tokenizer

    @classmethod
    def open(cls, folder: Path, split: str = "train") -> Self:
        """Map the ids that the stage ``tokenize`` wrote."""
        return cls(
            Sequences.open(folder, f"{split}.source"), Sequences.open(folder, f"{split}.target"), Tokenizer.load(folder)
        )

    @classmethod
    def of(cls, sources: list[str], targets: list[str], tokenizer: Tokenizer) -> Self:
        """Encode pairs of lines."""
        return cls(
            Sequences.of(tokenizer.encode_source(sources)), Sequences.of(tokenizer.encode_target(targets)), tokenizer
        )

    def __len__(self) -> int:
        return len(self.source)

    def epoch(self, seed: int, epoch: int, sampling: float) -> Self:
        """The pairs as one epoch sees them: with ``sampling`` > 0 every sentence is cut into random pieces."""
        if not sampling:
            return self
        source = self.tokenizer.source_sampler.resample(self.source, sampling, (seed, epoch, 0))
        target = self.tokenizer.target_sampler.resample(self.target, sampling, (seed, epoch, 1))
        return type(self)(source, target, self.tokenizer)

    def batches(self, batch_tokens: int, seed: int, epoch: int, skip: int = 0) -> Iterator[Batch]:
        """The batches of an epoch, without the first ``skip``."""
        for rows in plan(self.source, self.target, batch_tokens, seed, epoch)[skip:]:
            yield collate([self.source[row] for row in rows], [self.target[row] for row in rows])
