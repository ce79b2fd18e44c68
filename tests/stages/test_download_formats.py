"""The download stage reads a corpus of every format, packed or not, into the same raw pairs."""

from pathlib import Path

import polars as pl
import pytest
from raw_corpora import COMPRESSIONS, job, local
from reference_writers import WRITERS

from seqline import files
from seqline.stages import download

PAIRS = [
    ("one", "一"),
    ("two &amp; <b>three</b>", "二和<b>三</b>"),
    ("%d files in {folder}", "{folder} 里有 %d 个文件"),
]
SUFFIXES = {"gzip": "gz", "xz": "xz", "bzip2": "bz2", "zstd": "zst"}


@pytest.mark.parametrize("how", ["plain", *COMPRESSIONS])
def test_one_corpus_of_each_format_is_read_alike(tmp_path: Path, how: str) -> None:
    corpora = []
    for suffix, write in WRITERS.items():
        name = f"memory.{suffix}" if how == "plain" else f"memory.{suffix}.{SUFFIXES[how]}"
        data = write(PAIRS)
        (tmp_path / name).write_bytes(data if how == "plain" else COMPRESSIONS[how](data))
        corpora.append(local(name=f"m-{suffix}", file=name, licence="ours"))
    report = download.run(job(tmp_path, corpora))
    assert report.metrics == {"lines": float(len(PAIRS) * len(WRITERS))}
    for suffix in WRITERS:
        rows = pl.read_parquet(tmp_path / f"data/raw/m-{suffix}.train.parquet").select("source", "target").rows()
        assert sorted(rows) == sorted(PAIRS), suffix


def test_the_manifest_keeps_the_sum_of_the_one_file(tmp_path: Path) -> None:
    (tmp_path / "memory.tmx").write_bytes(WRITERS["tmx"](PAIRS))
    download.run(job(tmp_path, [local(file="memory.tmx")]))
    (entry,) = files.verify(tmp_path / "data/raw")["corpora"]
    assert entry["inputs"] == {"memory.tmx": files.sha256(tmp_path / "memory.tmx")}


def test_codes_and_keys_of_the_file_may_differ_from_the_projects(tmp_path: Path) -> None:
    (tmp_path / "memory.tmx").write_bytes(b'<tmx><body><tu><tuv lang="eng"><seg>one</seg></tuv><tuv lang="cmn">'
                                          b"<seg>\xe4\xb8\x80</seg></tuv></tu></body></tmx>")  # fmt: skip
    (tmp_path / "pairs.json").write_text('{"q": "one", "a": "一"}\n', encoding="utf-8")
    download.run(
        job(
            tmp_path,
            [
                local(name="m", file="memory.tmx", languages=["eng", "cmn"]),
                local(name="j", file="pairs.json", format="jsonl", keys=["q", "a"]),
            ],
        )
    )
    for name in ("m", "j"):
        frame = pl.read_parquet(tmp_path / f"data/raw/{name}.train.parquet")
        assert frame.select("source", "target").rows() == [("one", "一")]
