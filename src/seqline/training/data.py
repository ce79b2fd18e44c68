"""The training pairs of each epoch, as ids."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import sentencepiece

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
        source = resample(self.source, self.tokenizer.source, sampling, seed * 2 + epoch * 7919 + 1)
        target = resample(self.target, self.tokenizer.target, sampling, seed * 2 + epoch * 7919 + 2)
        return type(self)(source, target, self.tokenizer)

    def batches(self, batch_tokens: int, seed: int, epoch: int, skip: int = 0) -> Iterator[Batch]:
        """The batches of an epoch, without the first ``skip``."""
        for rows in plan(self.source, self.target, batch_tokens, seed, epoch)[skip:]:
            yield collate([self.source[row] for row in rows], [self.target[row] for row in rows])


def resample(rows: Sequences, processor: sentencepiece.SentencePieceProcessor, alpha: float, seed: int) -> Sequences:
    """Cut every row anew, drawing from P(segmentation)^alpha (subword regularisation, Kudo 2018).

    SentencePiece's random generator belongs to a thread and is seeded when the thread first draws, so a fresh thread
    makes the result a function of the seed.
    """
    result: list[Sequences] = []

    def draw() -> None:
        sentencepiece.set_random_generator_seed(seed)
        texts = (processor.decode(rows[i].tolist()) for i in range(len(rows)))
        result.append(
            Sequences.of(processor.encode(text, enable_sampling=True, alpha=alpha, nbest_size=-1) for text in texts)
        )

    thread = threading.Thread(target=draw)
    thread.start()
    thread.join()
    return result[0]
