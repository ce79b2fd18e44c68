"""SentencePiece tokenizers, one per side (Kudo & Richardson 2018).

The text is cut as it is: SentencePiece's default normalisation would fold ，！？ to ASCII, and a Chinese model could
never write full-width punctuation. Bytes stand in for characters outside the vocabulary, so nothing becomes <unk>.
"""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import sentencepiece

from seqline.errors import ArtifactError, CorpusError
from seqline.special import BOS, EOS, PAD, UNK
from seqline.tokenization.sampling import Sampler

SOURCE_MODEL, TARGET_MODEL = "source.model", "target.model"
_UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my"})
MAX_TRAINING_LINES = 2_000_000
"""From more lines than these SentencePiece would take a sample, and since 0.2.3 another one in every process."""


@dataclass(frozen=True)
class Tokenizer:
    """The source's and the target's pieces of one model."""

    source: sentencepiece.SentencePieceProcessor
    target: sentencepiece.SentencePieceProcessor

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read ``source.model`` and ``target.model``.

        Raises:
            ArtifactError: a file is absent, empty or no SentencePiece model.
        """
        return cls(_load(folder / SOURCE_MODEL), _load(folder / TARGET_MODEL))

    @classmethod
    def of(cls, source: bytes, target: bytes) -> Self:
        """Read two SentencePiece models from memory."""
        return cls(*(sentencepiece.SentencePieceProcessor(model_proto=model) for model in (source, target)))

    def is_same(self, other: "Tokenizer") -> bool:
        """Whether both cut every text into the same ids."""
        sides = ((self.source, other.source), (self.target, other.target))
        return all(ours.serialized_model_proto() == theirs.serialized_model_proto() for ours, theirs in sides)

    @property
    def source_vocabulary(self) -> int:
        """Number of source pieces."""
        return int(self.source.get_piece_size())

    @property
    def target_vocabulary(self) -> int:
        """Number of target pieces."""
        return int(self.target.get_piece_size())

    @property
    def target_separator(self) -> str:
        """What stands between two pieces of target text that are joined: a space, or nothing."""
        return " " if self.target_pieces("a")[0].startswith("▁") else ""

    @cached_property
    def source_sampler(self) -> Sampler:
        """Cuts source texts into other pieces each time."""
        return Sampler.of(self.source)

    @cached_property
    def target_sampler(self) -> Sampler:
        """Cuts target texts into other pieces each time."""
        return Sampler.of(self.target)

    def encode_source(self, lines: Sequence[str]) -> list[list[int]]:
        """Ids of each source line, without EOS."""
        return [list(ids) for ids in self.source.encode(list(lines))]

    def encode_target(self, lines: Sequence[str]) -> list[list[int]]:
        """Ids of each target line, without BOS and EOS."""
        return [list(ids) for ids in self.target.encode(list(lines))]

    def decode_target(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Text of each row of target ids; special ids leave no trace."""
        return [str(text) for text in self.target.decode([[i for i in row if i > EOS] for row in ids])]

    def source_pieces(self, line: str) -> list[str]:
        """The pieces of a source line, as text."""
        return [str(piece) for piece in self.source.encode(line, out_type=str)]

    def target_pieces(self, line: str) -> list[str]:
        """The pieces of a target line, as text."""
        return [str(piece) for piece in self.target.encode(line, out_type=str)]

    def save(self, folder: Path) -> None:
        """Write the two model files, beside a model's weights for instance."""
        (folder / SOURCE_MODEL).write_bytes(self.source.serialized_model_proto())
        (folder / TARGET_MODEL).write_bytes(self.target.serialized_model_proto())


def train_tokenizer(
    lines: Iterable[str], languages: Sequence[str], vocabulary: int, coverage: float, threads: int
) -> bytes:
    """Train a unigram model and return its bytes; a corpus too small for ``vocabulary`` gets a smaller one.

    The same lines give the same bytes, if they are no more than :data:`MAX_TRAINING_LINES`.

    Raises:
        CorpusError: there is no text to learn from.
    """
    model = io.BytesIO()
    spaced = not all(language.split("_")[0] in _UNSPACED for language in languages)
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_writer=model,
            model_type="unigram",
            vocab_size=vocabulary,
            hard_vocab_limit=False,
            character_coverage=coverage,
            byte_fallback=True,
            normalization_rule_name="identity",
            add_dummy_prefix=spaced,  # without spaces it would cost one piece a sentence
            input_sentence_size=MAX_TRAINING_LINES,
            num_threads=threads,
            pad_id=PAD,
            unk_id=UNK,
            bos_id=BOS,
            eos_id=EOS,
            minloglevel=2,
        )
    except (RuntimeError, OSError) as error:
        raise CorpusError(_why_not(languages, vocabulary, str(error))) from None
    return model.getvalue()


def _why_not(languages: Sequence[str], vocabulary: int, reason: str) -> str:
    needed = re.search(r"required_chars\D*\d+ vs (\d+)", reason)
    if needed:
        return (
            f"{'+'.join(languages)}: a vocabulary of {vocabulary} cannot hold {needed[1]} different characters; raise "
            "tokenize.source_vocabulary or target_vocabulary, or lower tokenize.character_coverage"
        )
    return f"{'+'.join(languages)}: no tokenizer can be trained ({reason.strip()[:200]!r}); is the corpus empty?"


def _load(path: Path) -> sentencepiece.SentencePieceProcessor:
    if not path.is_file() or path.stat().st_size == 0:
        raise ArtifactError(f"{path}: absent or empty; run the stage `tokenize` again")
    processor = sentencepiece.SentencePieceProcessor()
    try:
        processor.load(str(path))
    except (RuntimeError, OSError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ArtifactError(f"{path}: not a SentencePiece model ({reason}); run `tokenize` again") from None
    return processor
