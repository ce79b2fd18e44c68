"""Numbers written in digits, and whether the other side has them too, in digits or in words."""

import re
import unicodedata
from collections.abc import Set
from typing import Final

import polars as pl

from seqline.cleaning.digits import same_digits
from seqline.cleaning.numerals import in_words, months
from seqline.cleaning.utf8 import Texts

_UNITS: Final = {
    "hundred": 100, "thousand": 10**3, "k": 10**3, "million": 10**6, "mil": 10**6, "m": 10**6, "billion": 10**9,
    "bn": 10**9, "trillion": 10**12, "hundert": 100, "tausend": 10**3, "mio": 10**6, "millionen": 10**6,
    "milliarde": 10**9, "milliarden": 10**9, "百": 100, "千": 10**3, "万": 10**4, "萬": 10**4, "十万": 10**5,
    "百万": 10**6, "百萬": 10**6, "千万": 10**7, "千萬": 10**7, "亿": 10**8, "億": 10**8, "十亿": 10**9,
    "百亿": 10**10, "万亿": 10**12, "兆": 10**12,
}  # fmt: skip
_NUMBER: Final = re.compile(
    r"(?P<digits>\d+(?:[.,:/]\d+|\s?,\s?\d{3}\b|\s\d{3}\b)*)"
    rf"(?:[\s多余]?(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![a-z])|\s?(?P<afternoon>p\.?m\b))?"
)
_MYRIADS: Final = re.compile(r"(\d{1,9})\s?[万萬]\s?(\d)\s?千")
_SEPARATOR: Final = re.compile(r"[\s.,:/]+")
_DECADE: Final = re.compile(r"年代|\d['’]?s\b|er[nm]?\b.jahr|['’]\d\d\b")
_CENTURY: Final = re.compile("世纪|世紀|centur|jahrhundert")
Values = frozenset[float]


def disagreement(source: str, target: str) -> str | None:
    """The numbers of both sides that the other lacks: ``12 / 34``; nothing where the two can be reconciled.

    One side alone may say more, but where each has digits that the other lacks, all of them must stand there in words
    (``three``, ``十二``). Units (``3.6 million``, ``360 万``), months, the 24-hour clock, decades and centuries (``the
    1920s``, ``20 世纪 20 年代``) are seen through.
    """
    source, target = _readable(source), _readable(target)
    left, right = _numbers(source, target), _numbers(target, source)
    only_left, only_right = _unknown(left, _known(right)), _unknown(right, _known(left))
    if only_left and only_right:
        only_left, only_right = _unknown(only_left, months(target)), _unknown(only_right, months(source))
    if not only_left or not only_right:
        return None
    if not _unknown(only_left, in_words(target)) and not _unknown(only_right, in_words(source)):
        return None
    return " / ".join(" ".join(written for written, _ in side) for side in (only_left, only_right))


def disagreements(pairs: pl.Series) -> pl.Series:
    """:func:`disagreement` of structs of ``source`` and ``target``."""
    sources, targets = pairs.struct.field("source"), pairs.struct.field("target")
    # Most pairs have the same digits in the same order; that takes no closer look.
    rows = pl.Series(~same_digits(Texts.of(sources), Texts.of(targets))).arg_true()
    judged = [disagreement(*pair) for pair in zip(sources.gather(rows), targets.gather(rows), strict=True)]
    found = pl.repeat(None, len(pairs), dtype=pl.String, eager=True)
    return found.scatter(rows, pl.Series(judged, dtype=pl.String)).alias(pairs.name)


def _readable(text: str) -> str:
    """Compatibility forms unified, lower case, and ``1 万 4 千`` as 14000."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return _MYRIADS.sub(lambda found: str(int(found[1]) * 10_000 + int(found[2]) * 1000), plain)


def _numbers(text: str, other: str) -> list[tuple[str, Values]]:
    """Each number as it is written, with every value that it may have; ``other`` tells which of them matter."""
    decades, centuries = bool(_DECADE.search(other)), bool(_CENTURY.search(other))
    found = []
    for match in _NUMBER.finditer(text):
        values = _values(match)
        years = [int(value) for value in values if 1000 <= value < 2100]
        if decades:
            values.update(digits for year in years for digits in (year % 100, year % 100 // 10 * 10))
        if centuries:
            values.update(century for year in years for century in (year // 100, year // 100 + 1))
        found.append((match["digits"], frozenset(values)))
    return found


def _values(match: re.Match[str]) -> set[float]:
    """``3,600`` may be 3600 or, in German, 3.6; of ``7:45``, ``8.2.0`` and ``55 000`` every part counts as well."""
    parts = _SEPARATOR.split(match["digits"])
    values = {float("".join(parts))} if all(len(part) == 3 for part in parts[1:]) else set()
    if len(parts) > 1:
        values.add(float(".".join(parts[:2])))
    if len(parts) > 2 or not {".", ","} & set(match["digits"]):
        values.update(map(float, parts))
    if match.string[match.start() - 1 : match.start()] == ".":
        values.add(float(f"0.{parts[0]}"))
    if match["unit"]:
        values |= {round(value * _UNITS[match["unit"]], 6) for value in values}
    if match["afternoon"]:
        values |= {value + 12 for value in values if value < 12}
    return values


def _known(numbers: list[tuple[str, Values]]) -> Values:
    return frozenset().union(*(values for _, values in numbers))


def _unknown(numbers: list[tuple[str, Values]], known: Set[float]) -> list[tuple[str, Values]]:
    return [(written, values) for written, values in numbers if values.isdisjoint(known)]
