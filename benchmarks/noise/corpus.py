"""The real corpora as frames, and the same with a share of the pairs spoilt."""

import gzip
from pathlib import Path
from random import Random

import polars as pl

from noise.kinds import kinds

SETS = {"enzh_open": ("en", "zh"), "multi30k_en_de": ("en", "de")}


def lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().removesuffix("\n").split("\n")


def pairs(data: Path, name: str) -> pl.DataFrame:
    """The training pairs of a set, each part's together: ``corpus``, ``source``, ``target``."""
    folder, codes = data / name, SETS[name]
    source, target = (lines(folder / f"train.{code}.gz") for code in codes)
    origin = folder / "train.src.gz"
    corpus = lines(origin) if origin.exists() else [name] * len(source)
    return pl.DataFrame({"corpus": corpus, "source": source, "target": target}).sort("corpus", maintain_order=True)


def spoilt(clean: pl.DataFrame, data: Path, codes: tuple[str, str], share: float, seed: int) -> pl.DataFrame:
    """The frame that cleaning gets, with ``label`` (the kind planted, or empty) and the pair as it was.

    Every kind gets the same number of pairs, drawn at random from those that it can spoil; the rarest choose first.
    """
    german = lines(data / "multi30k_en_de" / "train.de.gz")
    spoils = kinds(german, codes)
    random = Random(f"real noise {seed}")
    rows = clean.select("corpus", "source", "target").rows()
    labels, spoilt_pairs = [""] * len(rows), [(source, target) for _, source, target in rows]
    free = random.sample(range(len(rows)), len(rows))
    for name, spoil in spoils.items():
        taken: set[int] = set()
        for row in free:
            if len(taken) == round(share * len(rows) / len(spoils)):
                break
            found = spoil(random, rows[row][1:], _neighbour(rows, row))
            if found is not None:
                labels[row], spoilt_pairs[row] = name, found
                taken.add(row)
        free = [row for row in free if row not in taken]
    return clean.rename({"source": "good_source", "target": "good_target"}).with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("row"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("line"),
        pl.lit("train").alias("split"),
        pl.Series("label", labels),
        pl.Series("source", [source for source, _ in spoilt_pairs]),
        pl.Series("target", [target for _, target in spoilt_pairs]),
    )


def _neighbour(rows: list[tuple[str, str, str]], row: int) -> tuple[str, str]:
    """The next pair of the same part; for its last one, the pair before."""
    following = row + 1 if row + 1 < len(rows) and rows[row + 1][0] == rows[row][0] else row - 1
    return rows[following][1:]
