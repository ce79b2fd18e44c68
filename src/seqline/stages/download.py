"""``download``: fetches every corpus, reads and checks it, and leaves one Parquet file per corpus and split.

``data/raw/NAME.SPLIT.parquet`` holds ``line`` (the number of the line or record in the original file, from 1),
``source``, ``target`` and ``label`` (the kind of noise that was planted, or nothing). The manifest keeps where each
came from, on which terms, when, and how many bytes and lines it had.
"""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from seqline import files
from seqline.corpus import load
from seqline.corpus.row import Row
from seqline.corpus.source import Source
from seqline.errors import CorpusError
from seqline.params.corpora import Part
from seqline.progress import Advance, progress
from seqline.stages.job import Job, Report

SCHEMA = pa.schema([("line", pa.int64()), ("source", pa.string()), ("target", pa.string()), ("label", pa.string())])
ROW_GROUP_PAIRS = 65_536
"""Pairs held in memory at once while a corpus is written."""


def run(job: Job) -> Report:
    """Fetch what is not here yet, all together, then read every corpus of the ``download`` block into ``data/raw``.

    Raises:
        InputError: a corpus is absent, misaligned, empty, not UTF-8 or not what is pinned; the earlier output stays.
        FetchError: the network or a server failed; the next run goes on where it broke.
    """
    sources = load.gather(job.params, job.work, _tell)
    facts: list[dict[str, Any]] = []
    # staged() keeps a reference to this list and writes it into the manifest when the block ends.
    with files.staged(job.work.raw, corpora=facts) as folder, progress("read", len(sources), "corpora") as advance:
        for source in sources:
            facts.extend(_write(source, folder, advance))
            advance(1, source.corpus.name)
    lines = sum(entry["lines"] for entry in facts)
    return Report(f"{lines:,} pairs from {len(sources)} corpora", {"lines": float(lines)})


def _write(source: Source, folder: Path, advance: Advance) -> list[dict[str, Any]]:
    corpus, entries = source.corpus, []
    for split, rows in source.read():
        lines, damaged = write_split(rows, folder / f"{corpus.name}.{split}.parquet", advance)
        if lines == 0:
            raise CorpusError(f"{corpus.name} ({split}): nothing was read; correct its entry under `download:`")
        if damaged:
            what = "the rule broken_encoding drops them" if split == "train" else "they stay in, so mend the file"
            _tell(f"{corpus.name} ({split}): {damaged:,} pairs hold U+FFFD, where bytes were no text; {what}")
        entries.append(_facts(source, split, {"lines": lines, "damaged": damaged}))
    return entries


def write_split(rows: Iterator[Row], path: Path, advance: Advance) -> tuple[int, int]:
    """Write the pairs; count them, and those with U+FFFD, which stands for damage of this file or of an earlier one."""
    lines = damaged = 0
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        while batch := list(islice(rows, ROW_GROUP_PAIRS)):
            table = pa.table([list(column) for column in zip(*batch, strict=True)], schema=SCHEMA)
            writer.write_table(table, row_group_size=ROW_GROUP_PAIRS)
            lines += len(batch)
            damaged += _num_damaged(table)
            advance(0, f"{path.stem}: {lines:,} pairs")
    return lines, damaged


def _num_damaged(table: pa.Table) -> int:
    """Pairs that hold U+FFFD, unless it was planted there."""
    source, target = (pc.match_substring(table[side], "\ufffd") for side in ("source", "target"))
    found = pc.and_(pc.or_(source, target), pc.equal(table["label"], ""))
    return int(pc.sum(found).as_py() or 0)


def _facts(source: Source, split: Part, counts: dict[str, int]) -> dict[str, Any]:
    corpus = source.corpus
    return {
        "name": corpus.name,
        "split": split,
        "kind": corpus.kind,
        **asdict(source.origin),
        **counts,
        "inputs": source.inputs,
    }


def _tell(sentence: str) -> None:
    print(f"download: {sentence}", file=sys.stderr, flush=True)
