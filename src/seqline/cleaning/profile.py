"""Every figure about the characters and words of a text, measured in one pass over its code points.

The rules compare these figures with their bounds. One regular expression per figure would cost twenty times as much.
"""

from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.chinese import characters_only_in
from seqline.cleaning.codepoints import CodePoints, Counts, Flags
from seqline.cleaning.encoding import BROKEN
from seqline.cleaning.kinds import DIGIT, LATIN, LETTER, VISIBLE, WORD, members
from seqline.cleaning.language import DENSE, Language

SIDES: Final = ("source", "target")


def profiled(frame: pl.DataFrame, languages: tuple[Language, Language]) -> pl.DataFrame:
    """The frame with the figures of its columns ``source`` and ``target``, as ``source.letters`` and so on."""
    return frame.with_columns(
        pl.Series(f"{side}.{name}", figure)
        for side, language in zip(SIDES, languages, strict=True)
        for name, figure in measured(frame[side], language).items()
    )


def measured(texts: pl.Series, language: Language) -> dict[str, Counts]:
    """The figures of each text.

    ``characters``, ``letters``, ``digits``, ``visible``, ``latin``, ``broken``; ``own`` (letters of the language's
    scripts) and ``strange`` (letters that are neither own nor Latin); ``simplified`` and ``traditional`` (characters
    that only this variety writes); ``spaced_words`` (with spaces around them), ``length`` (words; in scripts without
    spaces each character counts, so that a bound means something there too), ``longest_word``, and ``foreign_words``
    (characters of scripts without spaces, and in a language that is written so also words, that hold a letter the
    language does not write).
    """
    points = CodePoints.of(texts)
    flags = _table(language)[points.values]

    def has(kind: str) -> Flags:
        found: Flags = (flags & _bit(language, kind)) != 0
        return found

    figures = {kind: points.count(has(kind)) for kind in _COUNTED if kind in _kinds(language)}
    dense, letter = has("dense"), has("letter")
    spaced = points.runs(has("visible") & ~dense)
    words = points.runs(has("word") & ~dense)
    own = has("own")
    foreign = points.count(dense & ~own)
    if language.is_dense:
        foreign += spaced.holding(letter & ~own & ~dense)
    return figures | {
        "characters": np.diff(points.starts).astype(np.int32) - 1,
        "letters": points.count(letter),
        "strange": points.count(letter & ~own & ~has("latin")),
        "spaced_words": spaced.counts(),
        "length": points.count(dense) + spaced.counts(),
        "longest_word": words.longest(),
        "foreign_words": foreign,
    }


_COUNTED: Final = ("digits", "visible", "latin", "broken", "own", "simplified", "traditional")


@cache
def _kinds(language: Language) -> dict[str, str]:
    """The classes that are told apart, as the insides of regular-expression classes."""
    kinds = {
        "letter": LETTER,
        "digits": DIGIT,
        "visible": VISIBLE,
        "latin": LATIN,
        "broken": BROKEN,
        "dense": DENSE,
        "word": WORD,
        "own": language.scripts or LETTER,
    }
    if language.base == "zh":
        kinds |= {variety: characters_only_in(variety) for variety in ("simplified", "traditional")}
    return kinds


@cache
def _table(language: Language) -> NDArray[np.uint16]:
    """For every code point, one bit per class that it is in."""
    table = np.zeros(len(members(LETTER)), dtype=np.uint16)
    for kind, inside in _kinds(language).items():
        table |= members(inside) * _bit(language, kind)
    return table


def _bit(language: Language, kind: str) -> np.uint16:
    return np.uint16(1 << list(_kinds(language)).index(kind))
