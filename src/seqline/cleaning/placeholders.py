"""Holes that a program fills, and keys that a user presses: what a translation must keep as it is."""

import re
from collections import Counter
from typing import Final

import polars as pl

from seqline.cleaning.sparse import rows_where

_SUSPECT: Final = r"%[-+0#(.$0-9l]*[a-z]|\{|\$[A-Za-z_{]|(?i:ctrl|control|alt|shift|cmd|⌘)\s?[+-]"
_KEY: Final = r"\b(?:ctrl|control|alt|shift|cmd|⌘)\s?[+-]\s?(?:[a-z]|\d|f\d\d?|enter|tab|del(?:ete)?|esc|space)\b"
_PRINTF: Final = r"%(?:\([a-z_]\w*\)|\d+\$)?[-+0#]{0,3}\d{0,3}(?:\.\d{1,3})?l{0,2}[sdifgrxuc](?![a-z])"
_BRACES: Final = r"\{(?:\d{1,3}|[a-z_]\w*)?(?:![rsa])?(?::[^{}\s]{0,12})?\}"
_VARIABLE: Final = r"(?<!\w)\$(?:[a-z_]\w*|\{[a-z_]\w*\})"
_FLAGS: Final = re.ASCII | re.IGNORECASE
_HOLE: Final = re.compile(f"{_PRINTF}|{_VARIABLE}|{_BRACES}|{_KEY}", _FLAGS)
_HOLE_IN_TEX: Final = re.compile(f"{_PRINTF}|{_KEY}", _FLAGS)
_TEX: Final = re.compile(r"\$[^$\s]+\$|\\[a-z]+\{|[_^]\{", _FLAGS)
"""Mathematics is full of braces and dollars that are no holes."""


def placeholders(text: str, *, tex: bool = False) -> Counter[str]:
    """How often each one stands in a text: ``%s``, ``%(name)d``, ``{0}``, ``{name}``, ``$HOME``, ``ctrl+c``."""
    found = (_HOLE_IN_TEX if tex else _HOLE).findall(text)
    return Counter(hole.replace(" ", "").replace("-", "+").lower().replace("control", "ctrl") for hole in found)


def lost_placeholders(pairs: pl.Series) -> pl.Series:
    """For structs of ``source`` and ``target``: those that one side has more often than the other, else null."""
    sources, targets = pairs.struct.field("source"), pairs.struct.field("target")
    rows, lines = rows_where(sources, sources.str.contains(_SUSPECT) | targets.str.contains(_SUSPECT))
    judged = [_lost(*pair) for pair in zip(lines, targets.gather(rows).to_list(), strict=True)]
    found = pl.repeat(None, len(pairs), dtype=pl.String, eager=True)
    return found.scatter(rows, pl.Series(judged, dtype=pl.String)).alias(pairs.name)


def _lost(source: str, target: str) -> str | None:
    tex = bool(_TEX.search(source) or _TEX.search(target))
    left, right = placeholders(source, tex=tex), placeholders(target, tex=tex)
    lost = (left - right) + (right - left)
    return " ".join(sorted(lost)) or None
