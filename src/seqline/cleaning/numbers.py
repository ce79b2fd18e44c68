"""Numbers written in digits, and whether two texts share any."""

import re
import unicodedata
from typing import Final

import polars as pl

_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_SEPARATOR: Final = re.compile(r"[.,]")


def numbers(text: str) -> frozenset[str]:
    """What identifies each number of a text.

    Separators and final zeros go, so that ``3,600``, ``3.6 million`` and ``360 万`` agree on ``36``. The last two
    digits stand beside a longer number, so that the ``1920s`` agree with ``20 世纪 20 年代``.
    """
    found = [_SEPARATOR.sub("", number) for number in _NUMBER.findall(unicodedata.normalize("NFKC", text))]
    return frozenset(number.strip("0") or "0" for digits in found for number in (digits, digits[-2:]))


def disagreements(pairs: pl.Series) -> pl.Series:
    """For structs of ``source`` and ``target``: the numbers of both where both have some and share none, else null."""
    sources, targets = pairs.struct.field("source"), pairs.struct.field("target")
    both = (sources.str.contains(r"\p{Nd}") & targets.str.contains(r"\p{Nd}")).arg_true().to_list()
    found: list[str | None] = [None] * len(pairs)
    for row in both:
        left, right = numbers(sources[row]), numbers(targets[row])
        if left and right and not left & right:
            found[row] = f"{' '.join(sorted(left))} / {' '.join(sorted(right))}"
    return pl.Series(pairs.name, found, dtype=pl.String)
