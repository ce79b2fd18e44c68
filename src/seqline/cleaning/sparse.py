"""Costly work on the few texts of a column that need it; the others pass untouched."""

from collections.abc import Callable

import polars as pl


def apply_where(text: pl.Expr, pattern: str, change: Callable[[pl.Series], pl.Series]) -> pl.Expr:
    """``change`` applied to the texts that contain ``pattern``, all at once."""

    def batch(texts: pl.Series) -> pl.Series:
        rows = texts.str.contains(pattern).arg_true()
        return texts if rows.is_empty() else texts.clone().scatter(rows, change(texts.gather(rows)))

    return text.map_batches(batch, pl.String, is_elementwise=True)


def change_where(text: pl.Expr, pattern: str, change: Callable[[str], str]) -> pl.Expr:
    """``change`` applied to each of the texts that contain ``pattern``."""

    def each(texts: pl.Series) -> pl.Series:
        return pl.Series([change(found) for found in texts.to_list()], dtype=pl.String)

    return apply_where(text, pattern, each)


def measure_where(text: pl.Expr, pattern: str, measure: Callable[[str], int]) -> pl.Expr:
    """``measure`` of the texts that contain ``pattern``, 0 of the others."""

    def batch(texts: pl.Series) -> pl.Series:
        found = pl.zeros(len(texts), dtype=pl.Int64, eager=True)
        rows = texts.str.contains(pattern).arg_true()
        if rows.is_empty():
            return found
        return found.scatter(rows, pl.Series([measure(one) for one in texts.gather(rows).to_list()], dtype=pl.Int64))

    return text.map_batches(batch, pl.Int64, is_elementwise=True)
