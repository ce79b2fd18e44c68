"""A model that starts with what an earlier one has learnt: on new data, or on the texts of one domain.

The tokenizers may differ, because new data gives new pieces. Layers are taken as they are; a piece that both models
have keeps its row of the embeddings, another one starts at random.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import sentencepiece
import torch
from torch import Tensor

from seqline import models
from seqline.errors import MismatchError
from seqline.models import EncoderDecoder
from seqline.tokenization import Tokenizer

_FREE = frozenset({"source_vocabulary", "target_vocabulary", "max_positions"})
_MIN_SHARED = 0.5
"""Share of a vocabulary's pieces that must be known: below it, there is little left to go on from."""


def start_from(folder: Path, model: EncoderDecoder, tokenizer: Tokenizer) -> str:
    """Give a fresh model the weights of the one in ``folder``; says in words how many pieces they share.

    Raises:
        MissingError: there is no model.
        ArtifactError: it is damaged, or no model of ours (a pickle, for instance).
        MismatchError: it has another architecture, or its tokenizers know too few of the present pieces.
    """
    earlier, pieces = models.load(folder), Tokenizer.load(folder)
    _check(folder, earlier, model)
    places = {
        "source": _places(folder, "source", tokenizer.source, pieces.source),
        "target": _places(folder, "target", tokenizer.target, pieces.target),
    }
    given = earlier.state_dict()
    with torch.no_grad():
        for name, weight in model.state_dict().items():
            _take(name, weight, given[name], places)
    return ", ".join(f"{len(shared)} of {_size(tokenizer, side)} {side} pieces" for side, shared in places.items())


def _take(name: str, weight: Tensor, given: Tensor, places: Mapping[str, Mapping[int, int]]) -> None:
    """Copy a weight as a whole, or the rows of the pieces that both know."""
    table = {"source_embedding.weight": "source", "target_embedding.weight": "target", "output.weight": "target"}
    if name not in table:
        weight.copy_(given)
        return
    here, there = zip(*places[table[name]].items(), strict=True)
    weight[list(here)] = given[list(there)]


def _places(
    folder: Path, side: str, ours: sentencepiece.SentencePieceProcessor, theirs: sentencepiece.SentencePieceProcessor
) -> dict[int, int]:
    """The id here and there of every piece that both have."""
    known = {theirs.id_to_piece(i): i for i in range(theirs.get_piece_size())}
    size = ours.get_piece_size()
    shared = {i: known[piece] for i in range(size) if (piece := ours.id_to_piece(i)) in known}
    if len(shared) < _MIN_SHARED * size:
        raise MismatchError(
            f"train.start: {folder} has {len(known)} {side} pieces and knows {len(shared)} of the {size} that the "
            "present data gave, which is too few to go on from; say `start: null`"
        )
    return shared


def _check(folder: Path, earlier: EncoderDecoder, model: EncoderDecoder) -> None:
    theirs, ours = asdict(earlier.config), asdict(model.config)
    differing = [
        name for name in ours if "dropout" not in name and name not in _FREE and ours[name] != theirs.get(name)
    ]
    if differing:
        told = ", ".join(f"{name} ({theirs.get(name)} there, {ours[name]} here)" for name in differing)
        raise MismatchError(f"train.start: {folder} is another architecture: {told}; make train.model equal to it")


def _size(tokenizer: Tokenizer, side: str) -> int:
    return tokenizer.source_vocabulary if side == "source" else tokenizer.target_vocabulary
