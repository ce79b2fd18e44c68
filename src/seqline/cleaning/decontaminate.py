"""No sentence of dev or test may stay in the training data, neither side, neither verbatim nor nearly.

Sources: mozilla/translations#911; n-gram overlap as in Brown et al. 2020 (GPT-3), appendix C.
"""

import polars as pl

from seqline.cleaning import text
from seqline.cleaning.language import Language

_MULTIPLIER = 0x9E3779B97F4A7C15


def leaks(train: pl.DataFrame, held_out: pl.DataFrame) -> pl.DataFrame:
    """Training pairs one of whose sides is, by its key, a side of a held-out pair.

    ``held_out`` has ``split``, ``corpus``, ``line``, ``source`` and ``target``; the value names the pair that leaked.
    """
    found = [_leaks(train, held_out, side) for side in ("source", "target")]
    return pl.concat(found).unique("row", keep="first", maintain_order=True).sort("row")


def overlaps(
    train: pl.DataFrame, held_out: pl.DataFrame, languages: tuple[Language, Language], *, ngram: int, bound: float
) -> pl.DataFrame:
    """Training pairs that hold more than ``bound`` of the n-grams of one held-out sentence.

    An n-gram is ``ngram`` words, or twice as many characters in a script without spaces. Sentences with fewer than two
    n-grams are left to :func:`leaks`.
    """
    found = [
        _overlaps(train, held_out, side, 2 * ngram if known.is_dense else ngram, bound)
        for side, known in zip(("source", "target"), languages, strict=True)
    ]
    return pl.concat(found).unique("row", keep="first", maintain_order=True).sort("row")


def _leaks(train: pl.DataFrame, held_out: pl.DataFrame, side: str) -> pl.DataFrame:
    keyed = held_out.select(key=text.key(pl.col(side)), value=_named(side)).unique(
        "key", keep="first", maintain_order=True
    )
    return (
        train.select("row", key=text.key(pl.col(side)))
        .join(keyed, on="key", how="inner")
        .select("row", pl.lit("leak").alias("rule"), "value")
        .sort("row")
    )


def _overlaps(train: pl.DataFrame, held_out: pl.DataFrame, side: str, ngram: int, bound: float) -> pl.DataFrame:
    wanted = _ngrams(held_out.with_row_index("other"), "other", side, ngram)
    wanted = wanted.with_columns(num=pl.col("gram").n_unique().over("other")).filter(pl.col("num") > 1).unique()
    shared = _ngrams(train, "row", side, ngram).join(wanted.select("gram").unique(), on="gram", how="semi").unique()
    pairs = shared.join(wanted, on="gram").group_by("row", "other", "num").len()
    worst = (
        pairs.with_columns(share=pl.col("len") / pl.col("num"))
        .filter(pl.col("share") > bound)
        .sort("row", "share", "other", descending=[False, True, False])
        .unique("row", keep="first", maintain_order=True)
    )
    names = held_out.with_row_index("other").select("other", name=_named(side))
    value = pl.format("{} of {}", pl.col("share").round(3), "name")
    return worst.join(names, on="other").select("row", pl.lit("ngram_overlap").alias("rule"), value.alias("value"))


def _ngrams(frame: pl.DataFrame, index: str, side: str, ngram: int) -> pl.DataFrame:
    """One line per n-gram: the index of its sentence and a 64-bit hash."""
    flat = frame.lazy().select(index, token=text.tokens(pl.col(side))).explode("token").drop_nulls()
    hashed = flat.select(index, gram=pl.col("token").hash())
    ends = pl.col(index).shift(-(ngram - 1))
    gram = pl.lit(0, dtype=pl.UInt64)
    for offset in range(ngram):
        gram = (gram * pl.lit(_MULTIPLIER, dtype=pl.UInt64)) + pl.col("gram").shift(-offset)
    return hashed.select(index, gram=pl.when(ends == pl.col(index)).then(gram)).drop_nulls().collect()


def _named(side: str) -> pl.Expr:
    return pl.format("{} {}:{} ({})", "split", "corpus", "line", pl.lit(side))
