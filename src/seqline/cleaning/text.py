"""Figures about one side of a pair as Polars expressions: the building blocks of the rules."""

from typing import Final

import polars as pl

from seqline.cleaning.keys import keys
from seqline.cleaning.language import DENSE, Language

SHORT: Final = 10
"""Characters: shares say little about shorter texts, and judging them throws away good phrases
(mozilla/translations#814)."""

_TOKEN: Final = rf"[{DENSE}]|[\p{{L}}\p{{M}}\p{{N}}--[{DENSE}]]+"


def figure(side: str, name: str) -> pl.Expr:
    """A figure that :mod:`seqline.cleaning.profile` measured: ``figure("source", "letters")``."""
    return pl.col(f"{side}.{name}")


def tokens(text: pl.Expr) -> pl.Expr:
    """Lower-case words without punctuation, or single characters of scripts without spaces, as a list."""
    return text.str.to_lowercase().str.extract_all(_TOKEN)


def own_script_share(side: str, language: Language) -> pl.Expr:
    """Share of the letters that belong to the language's script.

    Where the language has no spaces, a foreign *word* counts once: names and code in Latin letters are common in good
    Chinese text, and one of them has as many letters as the rest of the sentence has characters.
    """
    own = figure(side, "own")
    return own / ((own + figure(side, "foreign_words")) if language.is_dense else figure(side, "letters"))


def key(text: pl.Expr) -> pl.Expr:
    """What near copies share: compatibility forms unified, lower case, no punctuation, no spaces.

    ``Hello,  World!`` and ``hello world`` have the key ``helloworld``. A text of punctuation only is its own key.
    """
    return text.map_batches(keys, pl.String, is_elementwise=True)
