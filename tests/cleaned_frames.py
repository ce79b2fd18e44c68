"""Cleaning of pairs that a test wrote down, cut into shards at will."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from seqline.cleaning.engine import clean
from seqline.cleaning.language import language
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.shards import Shard
from seqline.cleaning.workers import Alone, Workers
from seqline.params.cleaning import Clean

LANGUAGES = (language("en"), language("zh"))


def frame(rows: list[tuple[str, str, str]], corpus: str = "tiny") -> pl.DataFrame:
    """Raw pairs out of sources, targets and splits, in their order."""
    numbered = [(row, corpus, split, row + 1, source, target) for row, (source, target, split) in enumerate(rows)]
    return pl.DataFrame(numbered, schema=["row", "corpus", "split", "line", "source", "target"], orient="row")


def cleaned(
    raw: pl.DataFrame, params: Clean, *, shard_rows: int = 1000, workers: Workers | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The kept and the dropped pairs."""
    with TemporaryDirectory() as folder:
        scratch = Scratch(Path(folder), tuple(_shards(raw, Path(folder), shard_rows)))
        found = clean(scratch, params, LANGUAGES, 1, workers or Alone(), lambda amount=1.0, note="": None)
        kept, dropped = (pl.concat(part(shard) for shard in scratch.shards) for part in (found.kept, found.dropped))
        return kept, dropped


def _shards(raw: pl.DataFrame, folder: Path, shard_rows: int) -> list[Shard]:
    numbered = raw.with_columns(stretch=pl.struct("corpus", "split").rle_id())
    shards: list[Shard] = []
    for (_, corpus, split), stretch in numbered.group_by("stretch", "corpus", "split", maintain_order=True):
        for part in stretch.iter_slices(shard_rows):
            path = folder / f"raw-{len(shards)}.parquet"
            part.select("line", "source", "target", label=pl.lit("")).write_parquet(path)
            shards.append(Shard(len(shards), path, 0, str(corpus), str(split), int(part["row"][0]), len(part)))
    return shards
