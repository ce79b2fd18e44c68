"""The work of ``synthesize`` in shards, and each shard in parts that are kept as soon as they are translated.

A killed run goes on with the part that it was at, and leaves the same bytes: parts are cut by length, as batches are,
whatever was there already.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from seqline.compression.synthesis import SCHEMA, nbest_lists, synthetic
from seqline.files import write_bytes
from seqline.types import Searcher, Translation, Translator

PART_PAIRS = 500
"""What a kill costs at most. Parts of 500 short lines are ten batches, so workers seldom wait for each other."""


@dataclass(frozen=True)
class Shard:
    """Some of the sources (id, source, target), and the file that their translations stand in once they are made."""

    path: Path
    pairs: pl.LazyFrame
    num_pairs: int

    def is_whole(self) -> bool:
        """Whether the file can be read and holds every row, in order."""
        if not self.path.is_file():
            return False
        try:
            made = pl.read_parquet(self.path)
        except (OSError, pl.exceptions.PolarsError):
            return False
        return made.schema == pl.Schema(SCHEMA) and made["id"].equals(self.pairs.select("id").collect()["id"])

    def parts(self) -> list["Shard"]:
        """The rows by length, the shortest first, in shards whose files stand beside this one's."""
        rows = self.pairs.sort(pl.col("source").str.len_chars(), "source", "id").collect()
        return [
            Shard(self.path.with_suffix(f".{number:04d}.part"), part.lazy(), len(part))
            for number, part in enumerate(rows.iter_slices(PART_PAIRS))
        ]

    def write(
        self, pairs: pl.DataFrame, candidates: Sequence[Sequence[Translation]], backward: Searcher | None
    ) -> None:
        """Choose among the candidates of each pair, and keep what is chosen."""
        self._keep(synthetic(pairs, candidates, backward))

    def join(self, parts: Sequence["Shard"]) -> None:
        """Keep the rows of all parts in the shard's own order, and the parts no more."""
        made = pl.concat([pl.read_parquet(part.path) for part in parts])
        rows = self.pairs.select("id").collect()
        self._keep(rows.join(made, on="id", how="left", maintain_order="left"))
        for part in parts:
            part.path.unlink()

    def _keep(self, made: pl.DataFrame) -> None:
        buffer = io.BytesIO()
        made.write_parquet(buffer, compression="zstd")
        write_bytes(self.path, buffer.getvalue())


def translate(
    shards: Iterable[Shard], translator: Translator, *, beam: int, nbest: int, backward: Searcher | None = None
) -> Iterator[Shard]:
    """Translate what shards lack, and yield each once it is whole; files are written while more is translated."""
    with ThreadPoolExecutor(1) as pool:
        pending: list[tuple[Future[None], Shard | None]] = []
        for shard in shards:
            parts = shard.parts()
            for part in parts:
                if part.is_whole():
                    continue
                pairs = part.pairs.collect()
                candidates = nbest_lists(pairs["source"].to_list(), translator, beam=beam, nbest=nbest)
                yield from _finished(pending)
                pending = [(pool.submit(part.write, pairs, candidates, backward), None)]
            pending.append((pool.submit(shard.join, parts), shard))
        yield from _finished(pending)


def _finished(pending: Iterable[tuple[Future[None], Shard | None]]) -> Iterator[Shard]:
    for future, shard in pending:
        future.result()
        if shard is not None:
            yield shard
