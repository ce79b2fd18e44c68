"""As many pairs as a measurement needs, made of fewer ones, in shards as the stage ``download`` leaves them."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from seqline.cleaning.shards import Shard, shards
from seqline.corpus import local, phrasebook
from seqline.corpus.row import Row
from seqline.params.corpora import Generated, Local
from seqline.stages.download import write_split

CORPUS = "bench"
_PHRASES = 50_000
_NOISE_SHARE = 0.1


def phrases(num_pairs: int, seed: int) -> list[Row]:
    """At most 50,000 English–Chinese pairs of the embedded phrasebook, a tenth of them with planted faults."""
    corpus = Generated(
        kind="generated", name=CORPUS, pairs=min(num_pairs, _PHRASES), dev_pairs=1, test_pairs=1,
        noise_share=_NOISE_SHARE, seed=seed,
    )  # fmt: skip
    return phrasebook.generate(corpus)["train"]


def read(source: Path, target: Path, num_pairs: int, languages: tuple[str, str]) -> list[Row]:
    """The first pairs of two aligned files, plain or compressed.

    Raises:
        CorpusError: a file is absent, empty, damaged or not UTF-8, or one ends before the other.
    """
    corpus = Local(kind="local", name=CORPUS, split="train", source=str(source), target=str(target))
    return list(islice(local.read(corpus, Path.cwd(), languages), num_pairs))


def repeated(base: Sequence[Row], num_pairs: int) -> Iterator[Row]:
    """The pairs as they are, then again and again with a number before both sides, so that no round copies another.

    ``Good morning.`` comes back as ``1. Good morning.``, ``2. Good morning.`` and so on.
    """
    for index in range(num_pairs):
        lap, place = divmod(index, len(base))
        pair, number = base[place], f"{lap}. " if lap else ""
        yield Row(index + 1, number + pair.source, number + pair.target)


def stored(rows: Iterator[Row], folder: Path) -> list[Shard]:
    """Write training pairs into a folder; the shards that they make."""
    folder.mkdir(parents=True)
    write_split(rows, folder / f"{CORPUS}.train.parquet", lambda *_: None)
    return shards(folder, [{"name": CORPUS, "split": "train"}])
