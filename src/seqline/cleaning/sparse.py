"""Costly work on the few texts of a column that need it; the others pass untouched."""

from collections.abc import Callable

import polars as pl


def rows_where(texts: pl.Series, chosen: pl.Series) -> tuple[pl.Series, list[str]]:
    """The numbers of the rows that a mask chooses, and their texts."""
    rows = chosen.arg_true()
    return rows, texts.gather(rows).to_list()


def change_at(texts: pl.Series, chosen: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """``change`` applied to the texts that a mask chooses, all at once."""
    rows = chosen.arg_true()
    return texts if rows.is_empty() else texts.clone().scatter(rows, change(texts.gather(rows)))


def apply_where(text: pl.Expr, pattern: str, change: Callable[[pl.Series], pl.Series]) -> pl.Expr:
    """``change`` applied to the texts that contain ``pattern``, all at once."""

    def batch(texts: pl.Series) -> pl.Series:
        return change_at(texts, texts.str.contains(pattern), change)

    return text.map_batches(batch, pl.String, is_elementwise=True)


def change_where(text: pl.Expr, pattern: str, change: Callable[[str], str]) -> pl.Expr:
    """``change`` applied to each of the texts that contain ``pattern``."""

    def each(texts: pl.Series) -> pl.Series:
        return pl.Series([change(found) for found in texts.to_list()], dtype=pl.String)

    return apply_where(text, pattern, each)


def measure_where(text: pl.Expr, pattern: str, measure: Callable[[str], int]) -> pl.Expr:
    """``measure`` of the texts that contain ``pattern``, 0 of the others."""

    def batch(texts: pl.Series) -> pl.Series:
        rows, found = rows_where(texts, texts.str.contains(pattern))
        figures = pl.Series([measure(one) for one in found], dtype=pl.Int64)
        return pl.zeros(len(texts), dtype=pl.Int64, eager=True).scatter(rows, figures)

    return text.map_batches(batch, pl.Int64, is_elementwise=True)
