"""The deployable model: a folder that needs only ``ctranslate2`` and ``sentencepiece`` to translate.

    model.bin, config.json, *_vocabulary.json   the CTranslate2 model
    source.model, target.model                  the SentencePiece models
    seqline.json                                what the model is, and the limits it was made for
    manifest.json                               the hash of every file, checked before anything is loaded

Lines of any content keep their count and order: an empty line gives an empty translation, a line longer than the
model was trained for is cut into segments, and a translation never holds a line break.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import ctranslate2
import sentencepiece

from seqline.errors import ArtifactError
from seqline.files import read_json, verify, write_json
from seqline.serving.segments import cut
from seqline.types import Translation

DESCRIPTION = "seqline.json"
_UNSPACED_LANGUAGES = frozenset({"zh", "ja", "th", "lo", "km", "my"})
_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NEVER_WRITTEN = [["<pad>"], ["<s>"]]
# Lines whose length falls in the same bucket share a cap on decoding steps, so that a translation does not depend
# on the other lines of its batch.
BUCKET_PIECES = 16


@dataclass(frozen=True)
class Description:
    """What a bundle is.

    ``max_pieces`` is the longest source segment given to the model. A hypothesis is cut off at
    ``length_ratio`` × source pieces + ``length_constant`` pieces.
    """

    name: str
    source: str
    target: str
    max_pieces: int
    length_ratio: float
    length_constant: int
    kind: str = "ctranslate2"

    def write(self, folder: Path) -> None:
        """Write ``seqline.json``."""
        write_json(folder / DESCRIPTION, vars(self))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read ``seqline.json``.

        Raises:
            ArtifactError: a field is missing, unknown or of the wrong type.
        """
        content = read_json(folder / DESCRIPTION)
        types = {name: field.type for name, field in cls.__dataclass_fields__.items()}
        if not isinstance(content, dict) or {key: type(value) for key, value in content.items()} != types:
            raise ArtifactError(f"{folder / DESCRIPTION}: not the description of a bundle; run `quantize` again")
        return cls(**content)

    def max_hypothesis(self, num_source_pieces: int) -> int:
        """The most pieces a hypothesis may have."""
        return int(self.length_ratio * num_source_pieces) + self.length_constant


@dataclass(frozen=True)
class _Segment:
    """A part of line number ``line`` that is translated in one go."""

    line: int
    pieces: list[str]


@dataclass(frozen=True)
class _Hypothesis:
    pieces: list[str]
    score: float


class Bundle:
    """An opened bundle; implements :class:`seqline.types.Translator`. Safe to call from several threads."""

    def __init__(
        self,
        description: Description,
        translator: ctranslate2.Translator,
        source: sentencepiece.SentencePieceProcessor,
        target: sentencepiece.SentencePieceProcessor,
        batch_tokens: int,
    ) -> None:
        self.description = description
        self._translator = translator
        self._source = source
        self._target = target
        self._target_ids = {target.id_to_piece(index): index for index in range(target.get_piece_size())}
        self._batch_tokens = batch_tokens
        self._join = "" if description.target.split("_")[0] in _UNSPACED_LANGUAGES else " "

    @classmethod
    def open(cls, folder: Path, *, threads: int = 1, batch_tokens: int = 2048) -> Self:
        """Check a bundle against its manifest, then load it.

        Args:
            folder: the bundle.
            threads: cores to use: so many batches are translated at once, each by one core.
            batch_tokens: rows × longest source of a batch, a row per hypothesis: ``beam`` rows a sentence. With
                2048 a small model's activations stay in cache; four times that was a third slower.

        Raises:
            MissingError: there is no finished bundle in the folder.
            ArtifactError: a file is absent, damaged, or does not fit the others.
        """
        files = verify(folder)["files"]
        for name in ("model.bin", "source.model", "target.model", DESCRIPTION):
            if name not in files:
                raise ArtifactError(f"{folder}: not a deployable bundle (no {name}); give the output of `quantize`")
        description = Description.read(folder)
        source, target = (_sentencepiece(folder, side) for side in ("source", "target"))
        try:
            translator = ctranslate2.Translator(str(folder), inter_threads=threads, intra_threads=1)
        except (RuntimeError, ValueError) as error:
            reason = str(error).strip().split("\n")[0]
            raise ArtifactError(f"{folder}: CTranslate2 cannot load the model ({reason})") from None
        return cls(description, translator, source, target, batch_tokens)

    def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
        """At most ``nbest`` translations per line, best first; lists in the order of the lines.

        The score is the log-probability divided by the length in pieces, EOS counted. A line without content has
        the one translation "" with score 0.
        """
        segments = [_Segment(line, pieces) for line, text in enumerate(lines) for pieces in self._segments(text)]
        outcomes: list[list[list[_Hypothesis]]] = [[] for _ in lines]
        for segment, hypotheses in zip(segments, self._decode(segments, beam, nbest), strict=True):
            outcomes[segment.line].append(hypotheses)
        return [self._compose(outcome) for outcome in outcomes]

    def _segments(self, text: str) -> list[list[str]]:
        ids = self._source.encode(_SURROGATES.sub("\ufffd", text))
        return cut([self._source.id_to_piece(index) for index in ids], self.description.max_pieces)

    def _decode(self, segments: Sequence[_Segment], beam: int, nbest: int) -> list[list[_Hypothesis]]:
        """Hypotheses per segment, in the order of the segments."""
        pending = []
        rows = max(beam, nbest)
        for batch in batches([len(segment.pieces) for segment in segments], self._batch_tokens // rows):
            longest = _bucket(len(segments[batch[-1]].pieces))
            results = self._translator.translate_batch(
                [segments[index].pieces for index in batch],
                beam_size=rows,
                num_hypotheses=nbest,
                max_decoding_length=self.description.max_hypothesis(longest),
                max_input_length=0,
                disable_unk=True,
                suppress_sequences=_NEVER_WRITTEN,
                return_scores=True,
                asynchronous=True,
            )
            pending.append((batch, results))
        decoded: list[list[_Hypothesis]] = [[] for _ in segments]
        for batch, results in pending:
            for index, result in zip(batch, results, strict=True):
                decoded[index] = _hypotheses(result.result())
        return decoded

    def _compose(self, segments: Sequence[Sequence[_Hypothesis]]) -> list[Translation]:
        """Join the k-th best hypotheses of a line's segments; a segment that has fewer repeats its last."""
        if not segments:
            return [Translation("", 0.0)]
        translations = []
        for rank in range(max(len(hypotheses) for hypotheses in segments)):
            chosen = [hypotheses[min(rank, len(hypotheses) - 1)] for hypotheses in segments]
            lengths = [len(hypothesis.pieces) + 1 for hypothesis in chosen]
            total = sum(length * hypothesis.score for length, hypothesis in zip(lengths, chosen, strict=True))
            text = self._join.join(self._text(hypothesis.pieces) for hypothesis in chosen)
            translations.append(Translation(text, total / sum(lengths)))
        return translations

    def _text(self, pieces: Sequence[str]) -> str:
        text: str = self._target.decode([self._target_ids[piece] for piece in pieces])
        return _CONTROLS.sub(" ", text).strip()


def batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[list[int]]:
    """Indices of sequences, shortest first, in batches of one length bucket and at most ``batch_tokens`` pieces.

    Padding counts: a batch holds (number of sequences) × (longest) pieces. A sequence that is longer than
    ``batch_tokens`` makes a batch of its own.
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        length = lengths[index]
        full = (len(batch) + 1) * length > batch_tokens
        if batch and (full or _bucket(length) != _bucket(lengths[batch[-1]])):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _bucket(length: int) -> int:
    return -(-length // BUCKET_PIECES) * BUCKET_PIECES


def _hypotheses(result: Any) -> list[_Hypothesis]:
    return [_Hypothesis(pieces, score) for pieces, score in zip(result.hypotheses, result.scores, strict=True)]


def _sentencepiece(folder: Path, side: str) -> sentencepiece.SentencePieceProcessor:
    """Load a side's SentencePiece model and make sure that its pieces are the ones the model knows.

    An empty file would load silently, and a foreign one would translate into nonsense.
    """
    path, vocabulary = folder / f"{side}.model", folder / f"{side}_vocabulary.json"
    processor = sentencepiece.SentencePieceProcessor()
    try:
        processor.load(str(path))
    except (RuntimeError, OSError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ArtifactError(f"{path}: not a SentencePiece model ({reason}); run `quantize` again") from None
    pieces = [processor.id_to_piece(index) for index in range(processor.get_piece_size())]
    if pieces != read_json(vocabulary if vocabulary.is_file() else folder / "shared_vocabulary.json"):
        raise ArtifactError(f"{path}: its pieces are not those of the model beside it; run `quantize` again")
    return processor
