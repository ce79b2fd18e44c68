"""Rules about amounts: how long the two sides are, and what they are made of.

The figures follow OpusFilter's, Mozilla's and Locomotive's defaults, counted so that they mean the same on both sides:
characters where a script has no spaces, and UTF-8 bytes where amounts of text are compared.
"""

from collections.abc import Callable

import polars as pl

from seqline.cleaning import text
from seqline.cleaning.rule import Rule

SOURCE, TARGET = pl.col("source"), pl.col("target")
Measure = Callable[[pl.Expr], pl.Expr]
_SMOOTHING_BYTES = 10


def empty() -> Rule:
    """Both sides say something: ``Hello.`` with nothing beside it goes. This rule cannot be switched off."""
    return Rule("empty", _least(text.visible), "at least", 1)


def max_characters(bound: int) -> Rule:
    """Neither side has more characters than the bound: a whole page on one line goes."""
    return Rule("max_characters", _most(text.characters), "at most", bound)


def max_length(bound: int) -> Rule:
    """Neither side has more words (characters in scripts without spaces) than the bound.

    White-space words alone would never bound Chinese, where a page is one "word".
    """
    return Rule("max_length", _most(text.length), "at most", bound)


def max_word_characters(bound: int) -> Rule:
    """No word is longer than the bound: ``Pneumonoultra…`` of 45 letters goes, ``tf.keras.layers.Dense`` stays.

    The value is the length of the first word over the bound, 0 where there is none.
    """
    return Rule("max_word_characters", _most(lambda side: text.overlong_word(side, bound)), "at most", bound)


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
    share = _least(lambda side: text.letters(side) / text.visible(side))
    return Rule("min_alphabet_share", share, "at least", bound, applies=_long_enough(text.visible))


def max_digit_share(bound: float) -> Rule:
    """Neither side is mostly digits: ``0.25 0.50 0.75 1.00`` goes. Silent under ten visible characters."""
    share = _most(lambda side: text.digits(side) / text.visible(side))
    return Rule("max_digit_share", share, "at most", bound, applies=_long_enough(text.visible))


def _most(measure: Measure) -> pl.Expr:
    return pl.max_horizontal(measure(SOURCE), measure(TARGET))


def _least(measure: Measure) -> pl.Expr:
    return pl.min_horizontal(measure(SOURCE), measure(TARGET))


def _long_enough(measure: Measure) -> pl.Expr:
    return _least(measure) >= text.SHORT
