"""Every figure about the characters and words of a text, measured in one walk over its characters.

The rules compare these figures with their bounds. One regular expression per figure would cost a hundred times as much.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.chinese import characters_only_in
from seqline.cleaning.encoding import BROKEN
from seqline.cleaning.kinds import DIGIT, LATIN, LETTER, VISIBLE, WORD, members
from seqline.cleaning.language import DENSE, Language
from seqline.cleaning.rule import Rule
from seqline.cleaning.signs import GROUPS, signs
from seqline.cleaning.utf8 import Bytes, Places, Texts, character
from seqline.compiled import compiled

SIDES: Final = ("source", "target")
Counts = NDArray[np.int32]
_KINDS: Final = (
    "letter", "digits", "visible", "latin", "broken", "dense", "word", "own", "simplified", "traditional",
)  # fmt: skip
_LETTER, _DIGIT, _VISIBLE, _LATIN, _BROKEN, _DENSE, _WORD, _OWN, _SIMPLIFIED, _TRADITIONAL = (
    1 << bit for bit in range(len(_KINDS))
)


def profiled(frame: pl.DataFrame, languages: tuple[Language, Language], rules: Sequence[Rule]) -> pl.DataFrame:
    """The frame with the figures of its columns ``source`` and ``target``, as ``source.letters`` and so on.

    Beside them stand those signs that the rules ask for, as ``source.words``.
    """
    asked = frozenset().union(*(rule.columns for rule in rules))
    columns: list[pl.Series] = []
    for side, language in zip(SIDES, languages, strict=True):
        texts = Texts.of(frame[side])
        columns += [pl.Series(f"{side}.{name}", figure) for name, figure in measured(texts, language).items()]
        wanted = [group for group in GROUPS if f"{side}.{group}" in asked]
        columns += [pl.Series(f"{side}.{group}", signs(texts, language, group)) for group in wanted]
    return frame.with_columns(columns)


def measured(texts: Texts, language: Language) -> dict[str, Counts]:
    """The figures of each text.

    ``characters``, ``letters``, ``digits``, ``visible``, ``latin``, ``broken``; ``own`` (letters of the language's
    scripts) and ``strange`` (letters that are neither own nor Latin); ``simplified`` and ``traditional`` (characters
    that only this variety writes); ``spaced_words`` (with spaces around them), ``length`` (words; in scripts without
    spaces each character counts, so that a bound means something there too), ``longest_word``, and ``foreign_words``
    (characters of scripts without spaces, and in a language that is written so also words, that hold a letter the
    language does not write).
    """
    figures = _measured(texts.data, texts.starts, _table(language), language.is_dense)
    return dict(zip(_FIGURES, figures, strict=True))


_FIGURES: Final = (
    "characters", "letters", "digits", "visible", "latin", "broken", "own", "strange", "simplified", "traditional",
    "spaced_words", "length", "longest_word", "foreign_words",
)  # fmt: skip


@compiled
def _measured(data: Bytes, starts: Places, table: NDArray[np.uint16], is_dense: bool) -> Counts:
    figures = np.zeros((14, len(starts) - 1), np.int32)
    for text in range(len(starts) - 1):
        place = starts[text]
        characters = letters = digits = visible = latin = broken = own = strange = simplified = traditional = 0
        spaced = dense = run = longest = foreign = 0
        in_spaced = in_foreign = False
        while place < starts[text + 1]:
            code, place = character(data, place)
            kind = table[code]
            characters += 1
            letters += kind & _LETTER != 0
            digits += kind & _DIGIT != 0
            visible += kind & _VISIBLE != 0
            latin += kind & _LATIN != 0
            broken += kind & _BROKEN != 0
            own += kind & _OWN != 0
            simplified += kind & _SIMPLIFIED != 0
            traditional += kind & _TRADITIONAL != 0
            strange += kind & (_LETTER | _OWN | _LATIN) == _LETTER
            foreign += kind & (_DENSE | _OWN) == _DENSE
            dense += kind & _DENSE != 0
            run = run + 1 if kind & (_WORD | _DENSE) == _WORD else 0
            longest = max(longest, run)
            was_spaced, in_spaced = in_spaced, kind & (_VISIBLE | _DENSE) == _VISIBLE
            in_foreign = in_foreign and in_spaced
            spaced += in_spaced and not was_spaced
            if is_dense and in_spaced and not in_foreign and kind & (_LETTER | _OWN) == _LETTER:
                in_foreign = True
                foreign += 1
        for number, figure in enumerate((
            characters, letters, digits, visible, latin, broken, own, strange, simplified, traditional,
            spaced, dense + spaced, longest, foreign,
        )):  # fmt: skip
            figures[number, text] = figure
    return figures


@cache
def _table(language: Language) -> NDArray[np.uint16]:
    """For every code point, one bit per kind that it is of."""
    insides = {
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
        insides |= {variety: characters_only_in(variety) for variety in ("simplified", "traditional")}
    table = np.zeros(len(members(LETTER)), dtype=np.uint16)
    for kind, inside in insides.items():
        table |= members(inside) * np.uint16(1 << _KINDS.index(kind))
    return table
