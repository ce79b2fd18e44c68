"""Stage ``tokenize``: train SentencePiece on the cleaned corpus, and encode it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from seqline import files
from seqline.params import Params
from seqline.progress import track
from seqline.stages.job import Job, Report
from seqline.tokenization import Sequences, Spool, Tokenizer, train_tokenizer
from seqline.tokenization.subset import Subset
from seqline.tokenization.tokenizer import MAX_TRAINING_LINES, SOURCE_MODEL, TARGET_MODEL

_CHUNK = 50_000


def run(job: Job) -> Report:
    """Write the tokenizers and the ids of train and dev.

    ``train.rows.npy`` holds, per encoded pair, its row in the cleaned corpus: pairs longer than ``max_pieces`` on a
    side stay out.
    """
    files.verify(job.work.clean)
    with files.staged(job.work.tokenized) as folder:
        _train(job.params, job.work.clean, folder)
        tokenizer = Tokenizer.load(folder)
        kept, read, pieces = _encode(tokenizer, job.params.tokenize.max_pieces, job.work.clean, folder, "train")
        _encode(tokenizer, job.params.tokenize.max_pieces, job.work.clean, folder, "dev")
    return Report(
        f"{tokenizer.source_vocabulary} source and {tokenizer.target_vocabulary} target pieces; "
        f"{kept:,} of {read:,} training pairs fit, {pieces / max(kept, 1):.1f} target pieces each",
        {"pairs": kept, "left_out": read - kept, "target_pieces": pieces},
    )


def _train(params: Params, clean: Path, folder: Path) -> None:
    settings, project = params.tokenize, params.project

    def learn(columns: list[str], languages: list[str], vocabulary: int) -> bytes:
        lines = _lines(clean / "train.parquet", columns, project.seed)
        return train_tokenizer(lines, languages, vocabulary, settings.character_coverage, project.threads)

    if settings.joint:
        source = target = learn(["source", "target"], [project.source, project.target], settings.source_vocabulary)
    else:
        source = learn(["source"], [project.source], settings.source_vocabulary)
        target = learn(["target"], [project.target], settings.target_vocabulary)
    files.write_bytes(folder / SOURCE_MODEL, source)
    files.write_bytes(folder / TARGET_MODEL, target)


def _lines(path: Path, columns: list[str], seed: int) -> Iterator[str]:
    """What a tokenizer learns from: the columns of every row, or of as many rows by lot as it takes."""
    subset = Subset(_num_rows(path), MAX_TRAINING_LINES // len(columns), seed)
    for frame in _frames(path):
        rows = subset.rows(len(frame))
        for column in columns:
            yield from frame[column].gather(rows)


def _encode(tokenizer: Tokenizer, limit: int, clean: Path, folder: Path, split: str) -> tuple[int, int, int]:
    sources, targets, rows, read = Spool(folder), Spool(folder), [np.empty(0, dtype=np.int64)], 0
    path = clean / f"{split}.parquet"
    for frame in track(_frames(path), f"encode {split}", -(-_num_rows(path) // _CHUNK), "chunk"):
        read += len(frame)
        sources_ids = tokenizer.encode_source(frame["source"].to_list())
        targets_ids = tokenizer.encode_target(frame["target"].to_list())
        pairs = enumerate(zip(sources_ids, targets_ids, strict=True))
        fitting = [i for i, sides in pairs if split != "train" or max(map(len, sides)) <= limit]
        sources.add(Sequences.of(sources_ids[i] for i in fitting))
        targets.add(Sequences.of(targets_ids[i] for i in fitting))
        rows.append(frame["id"].gather(fitting).to_numpy())
    packed, kept = targets.finish(), np.concatenate(rows)
    sources.finish().save(folder, f"{split}.source")
    packed.save(folder, f"{split}.target")
    np.save(folder / f"{split}.rows.npy", kept, allow_pickle=False)
    return len(kept), read, len(packed.flat)


def _num_rows(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def _frames(path: Path) -> Iterator[pl.DataFrame]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_CHUNK, columns=["id", "source", "target"]):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            yield frame
