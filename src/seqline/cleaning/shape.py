"""Rules about amounts: how long the two sides are, and what they are made of.

The figures follow OpusFilter's, Mozilla's and Locomotive's defaults, counted so that they mean the same on both sides:
characters where a script has no spaces, and UTF-8 bytes where amounts of text are compared.
"""

import polars as pl

from seqline.cleaning import text
from seqline.cleaning.profile import SIDES
from seqline.cleaning.rule import Rule

SOURCE, TARGET = pl.col("source"), pl.col("target")
_SMOOTHING_BYTES = 10


def empty() -> Rule:
    """Both sides say something: ``Hello.`` with nothing beside it goes. This rule cannot be switched off."""
    return Rule("empty", _least("visible"), "at least", 1)


def max_characters(bound: int) -> Rule:
    """Neither side has more characters than the bound: a whole page on one line goes."""
    return Rule("max_characters", _most("characters"), "at most", bound)


def max_length(bound: int) -> Rule:
    """Neither side has more words (characters in scripts without spaces) than the bound.

    White-space words alone would never bound Chinese, where a page is one "word".
    """
    return Rule("max_length", _most("length"), "at most", bound)


def max_word_characters(bound: int) -> Rule:
    """No word is longer than the bound: ``Pneumonoultra…`` of 45 letters goes, ``tf.keras.layers.Dense`` stays."""
    return Rule("max_word_characters", _most("longest_word"), "at most", bound)


def max_length_ratio(bound: float) -> Rule:
    """Neither side says much more than the other: ``Yes.`` with a paragraph goes.

    Lengths are UTF-8 bytes, in which a Han character weighs about as much as the letters that say the same; ten bytes
    are added to both, so that ``Yes`` with ``是的。`` stays.
    """
    longer, shorter = (
        extreme(SOURCE.str.len_bytes(), TARGET.str.len_bytes()).cast(pl.Float64) + _SMOOTHING_BYTES
        for extreme in (pl.max_horizontal, pl.min_horizontal)
    )
    return Rule("max_length_ratio", longer / shorter, "at most", bound)


def min_alphabet_share(bound: float) -> Rule:
    """Enough of each side are letters: ``=== --- 12:30 ---`` goes. Silent under ten visible characters."""
    share = pl.min_horizontal(_shares("letters"))
    return Rule("min_alphabet_share", share, "at least", bound, applies=_least("visible") >= text.SHORT)


def max_digit_share(bound: float) -> Rule:
    """Neither side is mostly digits: ``0.25 0.50 0.75 1.00`` goes. Silent under ten visible characters."""
    share = pl.max_horizontal(_shares("digits"))
    return Rule("max_digit_share", share, "at most", bound, applies=_least("visible") >= text.SHORT)


def _shares(name: str) -> list[pl.Expr]:
    return [text.figure(side, name) / text.figure(side, "visible") for side in SIDES]


def _most(name: str) -> pl.Expr:
    return pl.max_horizontal(text.figure(side, name) for side in SIDES)


def _least(name: str) -> pl.Expr:
    return pl.min_horizontal(text.figure(side, name) for side in SIDES)
