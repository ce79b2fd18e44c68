"""The training pairs of each epoch, as ids, a pool at a time.

A pool is what is sorted by length, cut into batches and kept in memory: up to POOL_PAIRS pairs, drawn by lot in blocks
of neighbours. So memory does not depend on the size of the corpus, and every pool is a mixture of all of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from seqline.errors import InputError
from seqline.tokenization import Sequences, Tokenizer
from seqline.tokenization.trimming import Trimmed, renumbered
from seqline.training.batching import Batch, Rows, collate, plan
from seqline.training.lessons import Lessons

POOL_PAIRS = 1 << 17
_BLOCK_PAIRS = 1 << 10
_CHECKED_PAIRS = 1 << 20


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
class Pool:
    """Pairs in memory, and the rows of each of their batches."""

    source: Sequences
    target: Sequences
    batches: list[Rows]
    lessons: Lessons | None = None

    def groups(self, size: int, begin: int = 0, rank: int = 0, processes: int = 1) -> Iterator[Group]:
        """The batches from number ``begin`` on, ``size`` to an update; process ``rank`` computes every
        ``processes``-th."""
        lengths = self.target.lengths + 1
        for first in range(begin, len(self.batches), size):
            rows = self.batches[first : first + size]
            yield Group(
                [self.batch(one) for one in rows[rank::processes]],
                num_batches=len(rows),
                num_labels=sum(int(lengths[one].sum()) for one in rows),
                num_pairs=max(map(len, rows)),
            )

    def batch(self, rows: Rows) -> Batch:
        """Some rows, padded."""
        batch = collate([self.source[row] for row in rows], [self.target[row] for row in rows])
        return batch if self.lessons is None else replace(batch, lesson=self.lessons.of(rows))


@dataclass(frozen=True)
class TrainingData:
    """Aligned source and target ids, the tokenizer that can cut them anew, and what a teacher says of the targets."""

    source: Sequences
    target: Sequences
    tokenizer: Tokenizer
    lessons: Lessons | None = None

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

    def renumbered(self, trimmed: Trimmed, scratch: Path) -> Self:
        """The same pairs in the ids of a trimmed tokenizer, in files below ``scratch``."""
        return replace(
            self,
            source=renumbered(self.source, trimmed.source, scratch),
            target=renumbered(self.target, trimmed.target, scratch),
            tokenizer=trimmed.tokenizer,
            lessons=self.lessons and self.lessons.renumbered(trimmed.target, scratch),
        )

    def check(self, batch_tokens: int, max_positions: int | None) -> None:
        """Refuse what cannot be cut into batches, or is longer than the positions of a model.

        Raises:
            InputError: there is no pair, or one does not fit into ``batch_tokens`` or ``max_positions``.
        """
        if not len(self):
            raise InputError(
                "no training pair: every one was dropped by `clean`, or is longer than tokenize.max_pieces"
            )
        longest = max(map(self._longest, range(0, len(self), _CHECKED_PAIRS))) + 1
        self._release()
        if longest > batch_tokens:
            raise InputError(
                f"batch_tokens is {batch_tokens}, and the longest training sentence has {longest} pieces with its end; "
                "raise batch_tokens, or lower tokenize.max_pieces"
            )
        if max_positions is not None and longest > max_positions:
            raise InputError(
                f"the model has {max_positions} positions, and the longest training sentence has {longest} pieces with "
                f"its end; lower tokenize.max_pieces to {max_positions - 1}"
            )

    @property
    def num_pools(self) -> int:
        """How many pools an epoch has."""
        return -(-len(self) // POOL_PAIRS)

    def pool(
        self,
        batch_tokens: int,
        seed: int,
        epoch: int,
        number: int,
        sampling: float = 0.0,
        max_positions: int | None = None,
    ) -> Pool:
        """A pool of an epoch, a function of the seed.

        With ``sampling`` > 0 sentences are cut into random pieces, but for those that :meth:`check` would refuse then.
        """
        source, target, lessons = self._drawn(seed, epoch, number)
        if sampling:
            order, longest = (seed, epoch, number), min(batch_tokens, max_positions or batch_tokens) - 1
            source = self.tokenizer.source_sampler.resample(source, sampling, (*order, 0), longest)
            target = self.tokenizer.target_sampler.resample(target, sampling, (*order, 1), longest)
        return Pool(source, target, plan(source, target, batch_tokens, seed, epoch, number), lessons)

    def batches(self, batch_tokens: int, seed: int, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch."""
        for number in range(self.num_pools):
            pool = self.pool(batch_tokens, seed, epoch, number)
            yield from map(pool.batch, pool.batches)

    def _drawn(self, seed: int, epoch: int, number: int) -> tuple[Sequences, Sequences, Lessons | None]:
        if self.num_pools == 1:
            return self.source, self.target, self.lessons
        blocks = np.random.default_rng([seed, epoch]).permutation(-(-len(self) // _BLOCK_PAIRS))
        begins = np.sort(np.array_split(blocks, self.num_pools)[number]) * _BLOCK_PAIRS
        spans = [(begin, min(begin + _BLOCK_PAIRS, len(self))) for begin in begins.tolist()]
        source, target = (Sequences.joined(side.part(*span) for span in spans) for side in (self.source, self.target))
        lessons = None if self.lessons is None else Lessons.joined(map(self.lessons.part, *zip(*spans, strict=True)))
        self._release()
        return source, target, lessons

    def _release(self) -> None:
        for part in (self.source, self.target, self.lessons):
            if part is not None:
                part.release()

    def _longest(self, begin: int) -> int:
        """Of some rows' sides."""
        span = slice(begin, begin + _CHECKED_PAIRS + 1)
        return max(int(np.diff(side.starts[span]).max()) for side in (self.source, self.target))
