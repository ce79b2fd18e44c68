"""JSON Lines: one object per line, in one of the shapes that corpora come in."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from seqline.corpus.formats.sides import Languages
from seqline.corpus.lines import MAX_BAD_SHARE, read_lines
from seqline.errors import CorpusError

_SHAPES: Final = (("source", "target"), ("src", "tgt"), ("src", "trg"))
_HALF_CHARACTER: Final = re.compile("[\ud800-\udfff]")


def read(path: Path, languages: Languages, keys: Sequence[str] | None = None) -> Iterator[tuple[int, str, str]]:
    """Yield number, source and target of every line that is not blank.

    The two keys are ``keys`` where given; else the two language codes; else ``source`` and ``target``, ``src`` and
    ``tgt``, or ``src`` and ``trg``. They stand in the object itself or in its ``translation``, as Hugging Face has it.
    ``null`` is an empty side. Half of a surrogate pair, which is no character, becomes U+FFFD.

    Raises:
        CorpusError: a line is no JSON object, has none of these pairs of keys, or a value is no text.
    """
    shapes = [tuple(keys)] if keys else [languages, *_SHAPES]
    for line, text in enumerate(read_lines(path, MAX_BAD_SHARE), start=1):
        if text.strip():
            record = _record(path, line, text)
            source, target = _keys(path, line, record, shapes)
            yield line, _text(path, line, record, source), _text(path, line, record, target)


def _record(path: Path, line: int, text: str) -> Mapping[str, Any]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"{path}: line {line} is not JSON ({error}); expected one object per line") from None
    if not isinstance(record, dict):
        raise CorpusError(f"{path}: line {line} is {_kind(record)}; expected one JSON object per line")
    nested = record.get("translation")
    return nested if isinstance(nested, dict) else record


def _keys(path: Path, line: int, record: Mapping[str, Any], shapes: Sequence[Sequence[str]]) -> Sequence[str]:
    for shape in shapes:
        if shape[0] in record and shape[1] in record:
            return shape
    tried = " or ".join(" and ".join(shape) for shape in shapes)
    found = ", ".join(repr(key[:40]) for key in list(record)[:20]) or "none"
    raise CorpusError(f"{path}: line {line} has no keys {tried}; keys found: {found}; name two of them under `keys:`")


def _text(path: Path, line: int, record: Mapping[str, Any], key: str) -> str:
    value = record[key]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CorpusError(f"{path}: line {line}: {key!r} is {_kind(value)}; expected text")
    return _HALF_CHARACTER.sub("\ufffd", value)


def _kind(value: object) -> str:
    known = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return known.get(type(value), "a number")
