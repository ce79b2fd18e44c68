"""What a step of normalisation is: a change, and what a text holds where it may change something."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import polars as pl

from seqline.cleaning.sketch import Sketch


@dataclass(frozen=True)
class Repair:
    """``change`` leaves every text alone in which none of the sketches is found."""

    change: Callable[[pl.Expr], pl.Expr]
    sketches: tuple[Sketch, ...]


def repaired(texts: pl.Series, repairs: Sequence[Repair]) -> pl.Series:
    """The texts with one repair after the other."""
    text = reduce(lambda text, repair: repair.change(text), repairs, pl.col(texts.name))
    return texts.to_frame().select(text).to_series()
