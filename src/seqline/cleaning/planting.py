"""Faults planted on purpose, so that a classifier can learn what they look like in this very corpus."""

from typing import Literal

import numpy as np
import polars as pl

from seqline.cleaning.language import Language

Fault = Literal["misaligned", "truncated_source", "truncated_target"]
FAULTS: tuple[Fault, ...] = ("misaligned", "truncated_source", "truncated_target")


def plant(
    pairs: pl.DataFrame, fault: Fault, languages: tuple[Language, Language], draw: np.random.Generator
) -> pl.DataFrame:
    """Pairs (``source``, ``target``) with one fault each.

    Misaligned: every target moves to another pair. Truncated: one side keeps its first 30–80 %.
    """
    if fault == "misaligned":
        shifted = np.roll(np.arange(len(pairs)), int(draw.integers(1, len(pairs))))
        return pairs.select("source", pl.col("target").gather(shifted))
    side, known = ("source", languages[0]) if fault == "truncated_source" else ("target", languages[1])
    shares = draw.uniform(0.3, 0.8, len(pairs))
    cut = [_cut(text, share, known.is_dense) for text, share in zip(pairs[side].to_list(), shares, strict=True)]
    return pairs.select("source", "target").with_columns(pl.Series(side, cut, dtype=pl.String))


def _cut(text: str, share: float, by_characters: bool) -> str:
    if by_characters:
        return text[: max(1, round(share * len(text)))]
    parts = text.split(" ")
    return " ".join(parts[: max(1, round(share * len(parts)))])
