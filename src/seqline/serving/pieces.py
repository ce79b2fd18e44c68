"""The SentencePiece models of a bundle, opened only where they fit the vocabulary beside them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sentencepiece

from seqline.errors import ArtifactError
from seqline.files import read_json


def sentencepiece_model(folder: Path, side: str, contents: Mapping[str, bytes]) -> sentencepiece.SentencePieceProcessor:
    """Load a side's SentencePiece model and make sure that its pieces are the ones the model knows.

    An empty file would load silently, and a foreign one would translate into nonsense. ``contents`` are the bundle's
    files where it is packed, or nothing.

    Raises:
        ArtifactError: a file is damaged, or the two do not fit.
    """
    path = folder / f"{side}.model"
    processor = sentencepiece.SentencePieceProcessor()
    try:
        processor.load_from_serialized_proto(contents.get(path.name) or path.read_bytes())
    except (RuntimeError, OSError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ArtifactError(f"{path}: not a SentencePiece model ({reason}); run `quantize` again") from None
    pieces = [processor.id_to_piece(index) for index in range(processor.get_piece_size())]
    if pieces != _vocabulary(folder, side, contents):
        raise ArtifactError(f"{path}: its pieces are not those of the model beside it; run `quantize` again")
    return processor


def _vocabulary(folder: Path, side: str, contents: Mapping[str, bytes]) -> Any:
    own, shared = f"{side}_vocabulary.json", "shared_vocabulary.json"
    if not contents:
        return read_json(folder / own if (folder / own).is_file() else folder / shared)
    try:
        return json.loads(contents[own] if own in contents else contents[shared])
    except (KeyError, ValueError):
        raise ArtifactError(f"{folder / own}: not the pieces of a model; run `quantize` again") from None
