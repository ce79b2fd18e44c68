"""Signs that a text may fail a rule: cheap to see in every text, so that costly questions are put to few.

Wherever the expression of a rule finds something the sign is there; where the sign is, it need not find anything.
"""

from functools import cache
from typing import Final

import numpy as np
import polars as pl

from seqline.cleaning.encoding import LATIN_MOJIBAKE
from seqline.cleaning.language import Language, foreign_words
from seqline.cleaning.lookup import Lookup
from seqline.cleaning.repetition import stutters
from seqline.cleaning.sketch import ANYTHING, Bits, Sketch, following, holding, seen, table
from seqline.cleaning.utf8 import Texts

_SKETCHES: Final = {
    "mojibake": LATIN_MOJIBAKE,
    "filler": following("锟烫屯", "斤烫屯"),
    "questions": Sketch("?？", ANYTHING, "?？"),
    "tag": Sketch("<", "/", r"\p{L}!"),
    "template": following(r"\{\[", r"\{\[%"),
    "link": following(":w", "/w"),
    "printf": Sketch("%", r"\-+0#(.$0-9l", "a-z"),
    "brace": holding("{"),
    "variable": following("$", "A-Za-z_{"),
    "key": Sketch("lLtTdD⌘", r"\s", r"+\-"),
    "cantonese": holding("嘅咗喺佢哋嚟啲嗰冇嘢咁攞瞓揾搵谂諗嘥攰嗌啱嗮冚㗎噃嚿嗱𠮶唔乜畀俾睇咩"),
    "cantonese_this": following("呢", "度个個系係"),
}
_NAMES: Final = (*_SKETCHES, "other_script", "strange_letter", "familiar", "foreign", "stutter")
"""What every text is looked through for. ``familiar`` and ``foreign`` are common words of its language and function
words of others; ``questions`` are two question marks, ``stutter`` is a stretch of bytes three times in a row."""


def signs(texts: Texts, language: Language) -> Bits:
    """For each text, one bit per sign."""
    bits = seen(texts, table(tuple(_sketches(language).values())))
    if language.familiar_words:
        bits |= _lookup(language).found(texts) * _bit("familiar")
    return bits | stutters(texts) * _bit("stutter")


def holds(side: str, *names: str) -> pl.Expr:
    """Whether a side shows one of some signs."""
    return pl.col(f"{side}.signs") & int(sum(map(_bit, names))) != 0


def either_holds(*names: str) -> pl.Expr:
    """Whether one of the sides shows one of some signs."""
    return holds("source", *names) | holds("target", *names)


def _bit(name: str) -> np.uint32:
    return np.uint32(1 << _NAMES.index(name))


def _sketches(language: Language) -> dict[str, Sketch]:
    return _SKETCHES | {
        "other_script": holding(language.other_scripts),
        "strange_letter": holding(language.strange_letters),
    }


@cache
def _lookup(language: Language) -> Lookup:
    # Of what has an apostrophe, like j'ai, only the end is looked for; "don't" is not.
    familiar = frozenset(filter(str.isalpha, language.familiar_words))
    foreign = frozenset(word.rpartition("'")[2] for word in foreign_words(language))
    return Lookup.of((familiar, foreign))
