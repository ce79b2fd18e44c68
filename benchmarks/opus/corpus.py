"""A million pairs from two hundred thousand: numbered repetitions, and some true copies for deduplication to find."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from seqline.benchmarking import pairs
from seqline.corpus.row import Row

COPY_EVERY = 20


def base(data: Path, num_pairs: int) -> tuple[str, list[Row]]:
    """The name and the pairs of the real corpus or, where it is absent, of the embedded phrasebook."""
    if (data / "train.en.gz").exists():
        return data.name, pairs.read(data / "train.en.gz", data / "train.zh.gz", num_pairs, ("en", "zh"))
    return "phrasebook", pairs.phrases(num_pairs, seed=1)


def write(rows: Sequence[Row], num_pairs: int, folder: Path) -> None:
    """``raw.en`` and ``raw.zh``, plain text: OpusFilter reads and writes it faster than gzip, Seqline too."""
    folder.mkdir()
    with (
        (folder / "raw.en").open("w", encoding="utf-8", newline="") as source,
        (folder / "raw.zh").open("w", encoding="utf-8", newline="") as target,
    ):
        for row in _with_copies(rows, num_pairs):
            source.write(f"{row.source}\n")
            target.write(f"{row.target}\n")


def _with_copies(rows: Sequence[Row], num_pairs: int) -> Iterator[Row]:
    for row in pairs.repeated(rows, num_pairs):
        yield row if row.line % COPY_EVERY else rows[(row.line - 1) % len(rows)]
