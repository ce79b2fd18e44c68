"""Which language a line is in, asked of an identifier where words and letters leave doubt.

It is asked only about lines without one familiar word, 3 of 100 in good English text.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning import text
from seqline.cleaning.langid import identifier
from seqline.cleaning.language import Language
from seqline.cleaning.sparse import rows_where

_NO_LANGUAGE: Final = "zxx"
"""What the identifier calls numbers, names of things, code: never a foreign language."""

_FEW_CHARACTERS: Final = 7
"""Lines of fewer different characters are laughter and the like, ``Ha ha ha ha ha!``, and belong to every language."""

_RELATIVES: Final = (
    {"en", "pcm"}, {"id", "ms"}, {"hr", "bs", "sr"}, {"no", "nn", "da"}, {"pt", "gl"}, {"es", "gl", "ext"},
    {"fa", "prs"}, {"af", "nl"},
)  # fmt: skip
"""Languages whose short lines cannot be told apart; one is not foreign to another."""

_ENGLISH_FORMS: Final = (
    r"|\p{L}{3}ing\b|\b[TtWw]h|n['’]t\b|['’](?:m|ve|re|ll)\b|\b(?:is|in|of|to|on|as|at|or|was) (?:an?|my|his|it)\b"
)


def shares_its_script(language: Language) -> bool:
    """Whether other languages write with the same letters, so that these do not decide."""
    return language.scripts in (r"\p{Latin}", r"\p{Cyrillic}", r"\p{Arabic}", r"\p{Devanagari}")


def foreign_probability(side: pl.Expr, language: Language) -> pl.Expr:
    """The probability that a line is in another language; 0 where it has a familiar word or fewer than ten letters.

    0 everywhere for a language that the identifier does not know.
    """
    relatives = _relatives(language)

    def batch(texts: pl.Series) -> pl.Series:
        rows, lines = rows_where(texts, _doubtful(texts, language))
        found = pl.Series(_probabilities(lines, relatives), dtype=pl.Float64)
        return pl.zeros(len(texts), pl.Float64, eager=True).scatter(rows, found)

    return side.map_batches(batch, pl.Float64, is_elementwise=True)


def identified(side: pl.Expr) -> pl.Expr:
    """The code of the likeliest language of every line, such as ``de``; for the few lines that are shown to someone."""

    def batch(texts: pl.Series) -> pl.Series:
        # Polars masks the rows that a condition leaves out before it gets here.
        lines = texts.drop_nulls().to_list()
        found = pl.Series(identifier().likeliest(lines) if lines else [], dtype=pl.String)
        return pl.repeat(None, len(texts), dtype=pl.String, eager=True).scatter(texts.is_not_null().arg_true(), found)

    return side.map_batches(batch, pl.String, is_elementwise=True)


def _doubtful(texts: pl.Series, language: Language) -> pl.Series:
    unfamiliar = (
        ~texts.str.contains(_familiar(language)) if language.familiar_words else pl.repeat(True, len(texts), eager=True)
    )
    rows, lines = rows_where(texts, unfamiliar)
    enough = pl.Series(lines, dtype=pl.String).str.count_matches(r"\p{L}") >= text.SHORT
    return pl.repeat(False, len(texts), eager=True).scatter(rows, enough)


def _familiar(language: Language) -> str:
    forms = _ENGLISH_FORMS if language.base == "en" else ""
    return rf"(?i)\b(?:{'|'.join(sorted(language.familiar_words))})\b{forms}"


def _relatives(language: Language) -> frozenset[str]:
    return frozenset({language.base}.union(*(group for group in _RELATIVES if language.base in group)))


def _probabilities(lines: Sequence[str], relatives: frozenset[str]) -> NDArray[np.float64]:
    if not lines or relatives.isdisjoint(identifier().labels):
        return np.zeros(len(lines))
    shares = identifier().probabilities(lines)
    welcome = np.isin(identifier().labels, list(relatives | {_NO_LANGUAGE}))
    varied = np.array([len(set(line)) >= _FEW_CHARACTERS for line in lines])
    foreign = 1.0 - shares[:, welcome].sum(axis=1, dtype=np.float64)
    return np.where(varied & ~welcome[shares.argmax(axis=1)], foreign, 0.0)
