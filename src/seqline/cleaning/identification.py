"""Which language a line is in, asked of an identifier where words and letters leave doubt.

The identifier is py3langid (Lui & Baldwin 2012, retrained for 139 languages): naive Bayes over byte n-grams. It takes
about 30 µs a line, so it is asked only about lines without one familiar word, 3 of 100 in good English text.
"""

from functools import cache
from typing import TYPE_CHECKING, Final

import polars as pl

from seqline.cleaning import text
from seqline.cleaning.language import Language
from seqline.cleaning.sparse import rows_where

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

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
        found = [_probability(line, relatives) for line in lines]
        return pl.zeros(len(texts), pl.Float64, eager=True).scatter(rows, pl.Series(found, dtype=pl.Float64))

    return side.map_batches(batch, pl.Float64, is_elementwise=True)


def identified(side: pl.Expr) -> pl.Expr:
    """The code of the likeliest language of every line, such as ``de``; for the few lines that are shown to someone."""

    def batch(texts: pl.Series) -> pl.Series:
        # Polars masks the rows that a condition leaves out before it gets here.
        found = [line and _identifier().classify(line)[0] for line in texts.to_list()]
        return pl.Series(texts.name, found, dtype=pl.String)

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


def _probability(line: str, relatives: frozenset[str]) -> float:
    identifier = _identifier()
    welcome = relatives | {_NO_LANGUAGE}
    if relatives.isdisjoint(identifier.labels) or len(set(line)) < _FEW_CHARACTERS:
        return 0.0
    if identifier.classify(line)[0] in welcome:
        return 0.0
    return 1.0 - float(sum(share for code, share in identifier.rank(line) if code in welcome))


@cache
def _identifier() -> "LanguageIdentifier":
    # Imported here: its model takes 0.4 s to load, which a corpus without doubtful lines need not pay.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
