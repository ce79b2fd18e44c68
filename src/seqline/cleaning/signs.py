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
GROUPS: Final = {
    "sketches": (*_SKETCHES, "other_script", "strange_letter"),
    "words": ("familiar", "foreign"),
    "stutters": ("stutter",),
}
"""The names of the signs; each group is a column of its own. ``questions`` are two question marks, ``familiar`` and
``foreign`` common words of a language and function words of others, ``stutter`` a stretch of bytes three times in a
row."""


def signs(texts: Texts, language: Language, group: str) -> Bits:
    """For each text, one bit per sign of a group."""
    if group == "sketches":
        return seen(texts, table(tuple(_sketches(language).values())))
    if group == "stutters":
        return stutters(texts).astype(np.uint32)
    return (
        _lookup(language).found(texts).astype(np.uint32) if language.familiar_words else np.zeros(len(texts), np.uint32)
    )


def holds(side: str, *names: str) -> pl.Expr:
    """Whether a side shows one of some signs."""
    found = [
        pl.col(f"{side}.{group}") & sum(1 << among.index(name) for name in names if name in among) != 0
        for group, among in GROUPS.items()
        if set(names) & set(among)
    ]
    return pl.any_horizontal(found)


def either_holds(*names: str) -> pl.Expr:
    """Whether one of the sides shows one of some signs."""
    return holds("source", *names) | holds("target", *names)


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
