"""``download``: reads every corpus, checks it, and leaves one Parquet file per corpus and split.

``data/raw/NAME.SPLIT.parquet`` holds ``line`` (the number of the line or record in the original file, from 1),
``source``, ``target`` and ``label`` (the kind of noise that was planted, or nothing). The manifest keeps where each
came from.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from seqline import files
from seqline.corpus import load
from seqline.corpus.row import Row
from seqline.errors import CorpusError
from seqline.params.corpora import Corpus, Generated, Split
from seqline.progress import Advance, progress
from seqline.stages.job import Job, Report

SCHEMA = pa.schema([("line", pa.int64()), ("source", pa.string()), ("target", pa.string()), ("label", pa.string())])
ROW_GROUP_PAIRS = 65_536
"""Pairs held in memory at once while a corpus is written."""


def run(job: Job) -> Report:
    """Read every corpus of the ``download`` block into ``data/raw``.

    Raises:
        CorpusError: a corpus is absent, misaligned, empty or not UTF-8; the earlier output stays.
    """
    corpora = job.params.download.corpora
    languages = (job.params.project.source, job.params.project.target)
    facts: list[dict[str, Any]] = []
    # staged() keeps a reference to this list and writes it into the manifest when the block ends.
    with files.staged(job.work.raw, corpora=facts) as folder, progress("download", len(corpora), "corpora") as advance:
        for corpus in corpora:
            facts.extend(_write(corpus, job.work.root, languages, folder, advance))
            advance(1, corpus.name)
    lines = sum(entry["lines"] for entry in facts)
    return Report(f"{lines:,} pairs from {len(corpora)} corpora", {"lines": float(lines)})


def _write(
    corpus: Corpus, root: Path, languages: tuple[str, str], folder: Path, advance: Advance
) -> list[dict[str, Any]]:
    inputs = load.fingerprint(corpus, root)
    entries = []
    for split, rows in load.read(corpus, root, languages):
        lines = _write_split(rows, folder / f"{corpus.name}.{split}.parquet", advance)
        if lines == 0:
            raise CorpusError(f"{corpus.name} ({split}): no pair was read; correct its entry under `download:`")
        entries.append(_facts(corpus, split, lines, inputs))
    return entries


def _write_split(rows: Iterator[Row], path: Path, advance: Advance) -> int:
    lines = 0
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        while batch := list(islice(rows, ROW_GROUP_PAIRS)):
            columns = [[getattr(row, name) for row in batch] for name in SCHEMA.names]
            writer.write_table(pa.table(columns, schema=SCHEMA), row_group_size=ROW_GROUP_PAIRS)
            lines += len(batch)
            advance(0, f"{path.stem}: {lines:,} pairs")
    return lines


def _facts(corpus: Corpus, split: Split, lines: int, inputs: dict[str, str]) -> dict[str, Any]:
    licence, url = ("Apache-2.0", "") if isinstance(corpus, Generated) else (corpus.licence, corpus.url)
    return {
        "name": corpus.name,
        "split": split,
        "kind": corpus.kind,
        "licence": licence,
        "url": url,
        "lines": lines,
        "inputs": inputs,
    }
