"""Figures about one side of a pair as Polars expressions: the building blocks of the rules."""

from typing import Final

import polars as pl

from seqline.cleaning.language import DENSE, Language
from seqline.cleaning.sparse import apply_where

SHORT: Final = 10
"""Characters: shares say little about shorter texts, and judging them throws away good phrases
(mozilla/translations#814)."""

_UNSAID: Final = r"[\p{P}\p{Z}\p{C}]+"
_PERHAPS_COMPATIBLE: Final = (
    r"[^\x00-\x9F\u00C0-\u00FF\u0370-\u0373\u0400-\u04FF\u3041-\u3096\u30A1-\u30FA\u4E00-\u9FFF]"
)
"""Beyond the letters that are their own compatibility form; the list need not be complete."""

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
    bare = apply_where(text.str.replace_all(_UNSAID, ""), _PERHAPS_COMPATIBLE, _unified).str.to_lowercase()
    return pl.when(bare == "").then(text).otherwise(bare)


def _unified(texts: pl.Series) -> pl.Series:
    return texts.str.normalize("NFKC").str.replace_all(_UNSAID, "")
