"""The deployable model: a folder that needs only ``ctranslate2`` and ``sentencepiece`` to translate.

    model.bin, config.json, *_vocabulary.json   the CTranslate2 model
    source.model, target.model                  the SentencePiece models
    seqline.json                                what the model is, and the limits it was made for
    manifest.json                               the hash of every file, checked before anything is loaded

Lines of any content keep their count and order: an empty line gives an empty translation, a line longer than the
model was trained for is cut into segments, and a translation never holds a line break.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import ctranslate2
import sentencepiece

from seqline.errors import ArtifactError
from seqline.files import read_json, verify, write_json
from seqline.serving.batching import batches, bucket
from seqline.serving.segments import WORD_START, Hypothesis, Segment, composed, segmented
from seqline.types import Translation

DESCRIPTION = "seqline.json"
_NEVER_WRITTEN = [["<pad>"], ["<s>"]]


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
        self._separator = " " if target.encode("a", out_type=str)[0].startswith(WORD_START) else ""

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
        segments = segmented(lines, self._pieces, self.description.max_pieces)
        return composed(len(lines), segments, self._decode(segments, beam, nbest), self._separator)

    def _pieces(self, text: str) -> list[str]:
        return [self._source.id_to_piece(index) for index in self._source.encode(text)]

    def _decode(self, segments: Sequence[Segment], beam: int, nbest: int) -> list[list[Hypothesis]]:
        """Hypotheses per segment, in the order of the segments."""
        pending = []
        rows = max(beam, nbest)
        for batch in batches([len(segment.pieces) for segment in segments], self._batch_tokens // rows):
            longest = bucket(len(segments[batch[-1]].pieces))
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
        decoded: list[list[Hypothesis]] = [[] for _ in segments]
        for batch, results in pending:
            for index, result in zip(batch, results, strict=True):
                decoded[index] = self._hypotheses(result.result())
        return decoded

    def _hypotheses(self, result: Any) -> list[Hypothesis]:
        return [
            Hypothesis(self._target.decode([self._target_ids[piece] for piece in pieces]), score, len(pieces) + 1)
            for pieces, score in zip(result.hypotheses, result.scores, strict=True)
        ]


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
