"""The training pairs of each epoch, as ids."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from seqline.errors import InputError
from seqline.tokenization import Sequences, Tokenizer
from seqline.training.batching import Batch, Rows, collate, plan


@dataclass(frozen=True)
class Group:
    """The batches of one update.

    ``batches`` are those that this process computes; ``num_batches``, their real target positions ``num_labels`` and
    the most pairs in one of them, ``num_pairs``, are of all processes together.
    """

    batches: list[Batch]
    num_batches: int
    num_labels: int
    num_pairs: int


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

    def check(self, batch_tokens: int) -> None:
        """Refuse what cannot be cut into batches.

        Raises:
            InputError: there is no pair, or one does not fit into ``batch_tokens``.
        """
        if not len(self):
            raise InputError(
                "no training pair: every one was dropped by `clean`, or is longer than tokenize.max_pieces"
            )
        longest = int(max(self.source.lengths.max(), self.target.lengths.max())) + 1
        if longest > batch_tokens:
            raise InputError(
                f"batch_tokens is {batch_tokens}, and the longest training sentence has {longest} pieces with its end; "
                "raise batch_tokens, or lower tokenize.max_pieces"
            )

    def epoch(self, seed: int, epoch: int, sampling: float, scratch: Path) -> Self:
        """The pairs as one epoch sees them: with ``sampling`` > 0 every sentence is cut into random pieces."""
        if not sampling:
            return self
        source = self.tokenizer.source_sampler.resample(self.source, sampling, (seed, epoch, 0), scratch)
        target = self.tokenizer.target_sampler.resample(self.target, sampling, (seed, epoch, 1), scratch)
        return type(self)(source, target, self.tokenizer)

    def batches(self, batch_tokens: int, seed: int, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch."""
        return map(self._batch, plan(self.source, self.target, batch_tokens, seed, epoch))

    def groups(self, plan: list[Rows], size: int, rank: int = 0, processes: int = 1) -> Iterator[Group]:
        """A plan's batches, ``size`` to an update, of which process ``rank`` computes every ``processes``-th."""
        lengths = self.target.lengths + 1
        for begin in range(0, len(plan), size):
            rows = plan[begin : begin + size]
            yield Group(
                [self._batch(one) for one in rows[rank::processes]],
                num_batches=len(rows),
                num_labels=sum(int(lengths[one].sum()) for one in rows),
                num_pairs=max(map(len, rows)),
            )

    def _batch(self, rows: Rows) -> Batch:
        return collate([self.source[row] for row in rows], [self.target[row] for row in rows])
