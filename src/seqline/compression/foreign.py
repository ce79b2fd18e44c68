"""Teachers from elsewhere: a CTranslate2 model with SentencePiece pieces, as OPUS-MT's, or one of Hugging Face's.

A folder of CTranslate2 holds ``model.bin``, ``source.spm`` and ``target.spm``. Two others are converted: one of Hugging
Face's holds ``config.json`` and ``model.safetensors`` beside the two ``.spm``, one of Marian's ``decoder.yml``, which
names weights and vocabularies. Pickles are refused: Hugging Face's by us, those in Marian's arrays by NumPy.
"""

import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import ctranslate2
import sentencepiece
from ctranslate2.converters import MarianConverter, TransformersConverter
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from seqline.errors import ArtifactError, InputError, StageError
from seqline.files import read_json
from seqline.serving.batching import batches, bucket, in_turn
from seqline.serving.segments import Hypothesis, composed, segmented
from seqline.types import Translation

MODEL, WEIGHTS, MARIAN, SOURCE, TARGET = "model.bin", "model.safetensors", "decoder.yml", "source.spm", "target.spm"
_LENGTH_RATIO, _LENGTH_CONSTANT = 2, 10
_MAX_INPUT_PIECES = 400
_MAX_STEPS = 512  # the positions of Marian models at Hugging Face; others have more


def is_foreign(folder: Path) -> bool:
    """Whether a folder holds pieces as such models have them; our own are called otherwise."""
    return (folder / SOURCE).is_file()


def converted(folder: Path, scratch: Path, compute_type: str) -> Path:
    """A folder for CTranslate2; a model of another kind is converted into ``scratch``, its weights stored as told.

    Raises:
        InputError: that needs transformers, which is not installed.
        ArtifactError: there are no weights that are read, or they cannot be converted.
    """
    if (folder / MODEL).is_file():
        return folder
    is_marian = (folder / MARIAN).is_file()
    if not is_marian and not (folder / WEIGHTS).is_file():
        raise ArtifactError(
            f"{folder}: no {MODEL}, {MARIAN} or {WEIGHTS} there; of Hugging Face's weights only safetensors are read, "
            "pickled weights are not"
        )
    if not is_marian and find_spec("transformers") is None:
        raise InputError(f"{folder}: a model of Hugging Face's needs `pip install transformers`")
    try:
        converter = _marian(folder) if is_marian else TransformersConverter(str(folder))
        converter.convert(str(scratch), quantization=compute_type, force=True)
        for name in (SOURCE, TARGET):
            shutil.copyfile(folder / name, scratch / name)
    except (RuntimeError, ValueError, OSError, LookupError, TypeError, BadZipFile, YAMLError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ArtifactError(f"{folder}: cannot be converted for CTranslate2 ({reason})") from None
    return scratch


def _marian(folder: Path) -> MarianConverter:
    named = YAML(typ="safe", pure=True).load((folder / MARIAN).read_text(encoding="utf-8"))
    return MarianConverter(str(folder / named["models"][0]), [str(folder / name) for name in named["vocabs"]])


class ForeignTranslator:
    """Such a model, opened; implements :class:`seqline.types.Translator`.

    ``prefix`` is a piece that stands before each source, by which a model of several languages is told the target;
    ``end`` one that stands behind it.
    """

    def __init__(
        self,
        name: str,
        translator: ctranslate2.Translator,
        source: sentencepiece.SentencePieceProcessor,
        target: sentencepiece.SentencePieceProcessor,
        batch_tokens: int,
        prefix: str | None,
        end: str | None,
    ) -> None:
        self._name, self._batch_tokens = name, batch_tokens
        self._translator, self._source, self._target = translator, source, target
        self._prefix, self._end = [prefix] if prefix else [], [end] if end else []

    @classmethod
    def open(
        cls, folder: Path, *, threads: int, batch_tokens: int, prefix: str | None = None, device: str = "cpu"
    ) -> Self:
        """Load a folder for CTranslate2. ``batch_tokens``: sentences × beam × source pieces; ``device``: cpu or cuda.

        Raises:
            ArtifactError: a file is absent or damaged.
        """
        try:
            translator = ctranslate2.Translator(str(folder), device=device, inter_threads=threads, intra_threads=1)
            source, target = (
                sentencepiece.SentencePieceProcessor(model_file=str(folder / name)) for name in (SOURCE, TARGET)
            )
        except (RuntimeError, ValueError, OSError) as error:
            reason = str(error).strip().split("\n")[0]
            raise ArtifactError(f"{folder}: no CTranslate2 model with SentencePiece pieces ({reason})") from None
        return cls(str(folder), translator, source, target, batch_tokens, prefix, _missing_end(folder))

    def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
        """At most ``nbest`` translations per line, best first; a line of more than 400 pieces is cut into segments.

        Raises:
            StageError: it cannot, as with fewer than 512 positions.
        """
        segments = segmented(lines, lambda line: self._source.encode(line, out_type=str), _MAX_INPUT_PIECES)
        beam = max(beam, nbest)
        parts = list(batches([len(segment.pieces) for segment in segments], self._batch_tokens // beam))

        def submit(batch: list[int]) -> Any:
            longest = bucket(len(segments[batch[-1]].pieces))
            return self._translator.translate_batch(
                [[*self._prefix, *segments[index].pieces, *self._end] for index in batch],
                beam_size=beam,
                num_hypotheses=nbest,
                max_decoding_length=min(_LENGTH_RATIO * longest + _LENGTH_CONSTANT, _MAX_STEPS),
                disable_unk=True,
                return_scores=True,
                asynchronous=True,
            )

        found: list[list[Hypothesis]] = [[] for _ in segments]
        try:
            for batch, results in in_turn(reversed(parts), submit, 4 * self._translator.num_translators):
                for index, result in zip(batch, results, strict=True):
                    found[index] = self._hypotheses(result)
        except RuntimeError as error:
            raise StageError(f"{self._name}: cannot translate ({str(error).strip()})") from None
        return composed(len(lines), segments, found, " ")

    def _hypotheses(self, result: Any) -> list[Hypothesis]:
        return [
            Hypothesis(self._target.decode(pieces), score, len(pieces) + 1)
            for pieces, score in zip(result.hypotheses, result.scores, strict=True)
        ]


def _missing_end(folder: Path) -> str | None:
    """The piece that must end a source, unless CTranslate2 puts it there itself.

    ``TransformersConverter`` leaves that to the tokenizer, and SentencePiece's has no such piece.
    """
    path = folder / "config.json"
    config = read_json(path) if path.is_file() else {}
    return config.get("eos_token", "</s>") if config.get("add_source_eos") is False else None
