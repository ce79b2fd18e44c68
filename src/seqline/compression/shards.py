"""The work of ``synthesize`` in shards, each kept as soon as it is translated: a killed run goes on from there."""

import io
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from seqline.compression.synthesis import SCHEMA, nbest_lists, synthetic
from seqline.files import write_bytes
from seqline.types import Searcher, Translation, Translator


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

    def write(
        self, pairs: pl.DataFrame, candidates: Sequence[Sequence[Translation]], backward: Searcher | None
    ) -> None:
        """Choose among the candidates of each pair, and keep what is chosen."""
        buffer = io.BytesIO()
        synthetic(pairs, candidates, backward).write_parquet(buffer, compression="zstd")
        write_bytes(self.path, buffer.getvalue())


def translate(
    shards: Iterable[Shard], translator: Translator, *, beam: int, nbest: int, backward: Searcher | None = None
) -> Iterator[Shard]:
    """Translate shards and yield each as soon as it is written, which happens while the next one is translated."""
    with ThreadPoolExecutor(1) as pool:
        before: list[tuple[Shard, Future[None]]] = []
        for shard in shards:
            pairs = shard.pairs.collect()
            candidates = nbest_lists(pairs["source"].to_list(), translator, beam=beam, nbest=nbest)
            yield from map(_written, before)
            before = [(shard, pool.submit(shard.write, pairs, candidates, backward))]
        yield from map(_written, before)


def _written(work: tuple[Shard, Future[None]]) -> Shard:
    shard, future = work
    future.result()
    return shard
