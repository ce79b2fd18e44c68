"""Figures about one text as Polars expressions: the building blocks of the rules."""

from typing import Final

import polars as pl

from seqline.cleaning.language import DENSE, Language

SHORT: Final = 10
"""Characters: shares say little about shorter texts, and judging them throws away good phrases
(mozilla/translations#814)."""

_WORD_OR_CHARACTER: Final = rf"[{DENSE}]|[^\s{DENSE}]+"
_TOKEN: Final = rf"[{DENSE}]|[\p{{L}}\p{{M}}\p{{N}}--[{DENSE}]]+"


def characters(text: pl.Expr) -> pl.Expr:
    """Number of characters."""
    return text.str.len_chars()


def letters(text: pl.Expr) -> pl.Expr:
    """Number of letters."""
    return text.str.count_matches(r"\p{L}")


def digits(text: pl.Expr) -> pl.Expr:
    """Number of decimal digits."""
    return text.str.count_matches(r"\p{Nd}")


def visible(text: pl.Expr) -> pl.Expr:
    """Number of characters that are not white space."""
    return text.str.count_matches(r"\S")


def length(text: pl.Expr) -> pl.Expr:
    """Words; in scripts without spaces each character counts, so that a bound means something there too."""
    return text.str.count_matches(_WORD_OR_CHARACTER)


def overlong_word(text: pl.Expr, bound: int) -> pl.Expr:
    """Length of the first run of letters and digits that is longer than ``bound``; 0 where there is none."""
    run = text.str.extract(rf"([\p{{L}}\p{{M}}\p{{N}}--[{DENSE}]]{{{bound + 1},}})")
    return run.str.len_chars().fill_null(0)


def tokens(text: pl.Expr) -> pl.Expr:
    """Lower-case words without punctuation, or single characters of scripts without spaces, as a list."""
    return text.str.to_lowercase().str.extract_all(_TOKEN)


def own_script_share(text: pl.Expr, language: Language) -> pl.Expr:
    """Share of the letters that belong to the language's script.

    Where the language has no spaces, a foreign *word* counts once: names and code in Latin letters are common in good
    Chinese text, and one of them has as many letters as the rest of the sentence has characters.
    """
    own = text.str.count_matches(f"[{language.scripts}]")
    if not language.is_dense:
        return own / letters(text)
    foreign = text.str.count_matches(rf"[\p{{L}}--[{DENSE}]][\S--[{DENSE}]]*")
    foreign_dense = text.str.count_matches(rf"[{DENSE}--[{language.scripts}]]")
    return own / (own + foreign + foreign_dense)


def key(text: pl.Expr) -> pl.Expr:
    """What near copies share: compatibility forms unified, lower case, no punctuation, no spaces.

    ``Hello,  World!`` and ``hello world`` have the key ``helloworld``. A text of punctuation only is its own key.
    """
    bare = text.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"[\p{P}\p{Z}\p{C}]+", "")
    return pl.when(bare == "").then(text).otherwise(bare)
