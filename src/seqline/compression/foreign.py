"""Teachers from elsewhere: a CTranslate2 model with SentencePiece pieces, as OPUS-MT's, or one of Hugging Face's.

A folder of CTranslate2 holds ``model.bin``, ``source.spm`` and ``target.spm``. One of Hugging Face's holds
``config.json`` and ``model.safetensors`` beside the two ``.spm`` and is converted; weights as pickles are refused.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import ctranslate2
import sentencepiece

from seqline.errors import ArtifactError, InputError
from seqline.types import Translation

MODEL, WEIGHTS, SOURCE, TARGET = "model.bin", "model.safetensors", "source.spm", "target.spm"
_LENGTH_RATIO, _LENGTH_CONSTANT = 2, 10
_MAX_INPUT_PIECES = 400


def is_foreign(folder: Path) -> bool:
    """Whether a folder holds pieces as such models have them; our own are called otherwise."""
    return (folder / SOURCE).is_file()


def converted(folder: Path, scratch: Path) -> Path:
    """A folder for CTranslate2; a model of Hugging Face's is converted into ``scratch``.

    Raises:
        InputError: that needs transformers, which is not installed.
        ArtifactError: its weights are not there as safetensors, or it cannot be converted.
    """
    if (folder / MODEL).is_file():
        return folder
    if not (folder / WEIGHTS).is_file():
        raise ArtifactError(f"{folder}: neither {MODEL} nor {WEIGHTS} there; pickled weights are not read")
    if find_spec("transformers") is None:
        raise InputError(f"{folder}: a model of Hugging Face's needs `pip install transformers`")
    try:
        from ctranslate2.converters import TransformersConverter

        converter = TransformersConverter(str(folder), copy_files=[SOURCE, TARGET])
        converter.convert(str(scratch), force=True)
    except (RuntimeError, ValueError, OSError, KeyError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ArtifactError(f"{folder}: cannot be converted for CTranslate2 ({reason})") from None
    return scratch


class ForeignTranslator:
    """Such a model, opened; implements :class:`seqline.types.Translator`.

    ``prefix`` is a piece that stands before each source, by which a model of several languages is told the target.
    """

    def __init__(
        self,
        translator: ctranslate2.Translator,
        source: sentencepiece.SentencePieceProcessor,
        target: sentencepiece.SentencePieceProcessor,
        prefix: str | None,
        batch_tokens: int,
    ) -> None:
        self._translator, self._source, self._target = translator, source, target
        self._prefix, self._batch_tokens = [prefix] if prefix else [], batch_tokens

    @classmethod
    def open(cls, folder: Path, *, threads: int, batch_tokens: int, prefix: str | None = None) -> Self:
        """Load a folder for CTranslate2.

        Raises:
            ArtifactError: a file is absent or damaged.
        """
        try:
            translator = ctranslate2.Translator(str(folder), inter_threads=threads, intra_threads=1)
            source, target = (
                sentencepiece.SentencePieceProcessor(model_file=str(folder / name)) for name in (SOURCE, TARGET)
            )
        except (RuntimeError, ValueError, OSError) as error:
            reason = str(error).strip().split("\n")[0]
            raise ArtifactError(f"{folder}: no CTranslate2 model with SentencePiece pieces ({reason})") from None
        return cls(translator, source, target, prefix, batch_tokens)

    def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
        """At most ``nbest`` translations per line, best first; of a very long line its beginning."""
        sources = [[*self._prefix, *self._source.encode(line, out_type=str)][:_MAX_INPUT_PIECES] for line in lines]
        longest = max(map(len, sources), default=0)
        results = self._translator.translate_batch(
            sources,
            beam_size=max(beam, nbest),
            num_hypotheses=nbest,
            max_batch_size=self._batch_tokens,
            batch_type="tokens",
            max_decoding_length=_LENGTH_RATIO * longest + _LENGTH_CONSTANT,
            return_scores=True,
        )
        return [
            [
                Translation(self._target.decode(pieces), score)
                for pieces, score in zip(result.hypotheses, result.scores, strict=True)
            ]
            for result in results
        ]
