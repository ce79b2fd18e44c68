"""The download stage: raw Parquet files and the manifest that says where they came from."""

from pathlib import Path

import polars as pl
import pytest
from raw_corpora import job, local, write_pairs

from seqline import files
from seqline.stages import download

PAIRS = [("one", "一"), ("", "二"), ("three\x00", "三")]


def test_raw_pairs_are_kept_as_they_stand_with_their_lines(tmp_path: Path) -> None:
    write_pairs(tmp_path, "train", PAIRS)
    report = download.run(job(tmp_path, [local(licence="CC0-1.0", url="https://example.org")]))
    frame = pl.read_parquet(tmp_path / "data/raw/tiny.train.parquet")
    assert frame.schema == {"line": pl.Int64, "source": pl.String, "target": pl.String, "label": pl.String}
    assert frame.rows() == [(line, *pair, "") for line, pair in enumerate(PAIRS, start=1)]
    assert report.metrics == {"lines": 3.0}


def test_the_manifest_says_where_every_file_came_from(tmp_path: Path) -> None:
    write_pairs(tmp_path, "train", PAIRS)
    origin = {"licence": "CC0-1.0", "url": "https://example.org", "citation": "Doe 2026", "date": "2026-11-20"}
    download.run(job(tmp_path, [local(**origin)]))
    (entry,) = files.verify(tmp_path / "data/raw")["corpora"]
    inputs = entry.pop("inputs")
    assert entry == {
        "name": "tiny", "split": "train", "kind": "local", **origin, "bytes": 24, "fetched": {}, "lines": 3,
        "damaged": 0,
    }  # fmt: skip
    assert inputs == {name: files.sha256(tmp_path / name) for name in ("train.en", "train.zh")}
    assert sum((tmp_path / name).stat().st_size for name in inputs) == 24


def test_the_phrasebook_brings_three_splits_with_labels(tmp_path: Path) -> None:
    corpus = {
        "kind": "generated", "name": "phrases", "pairs": 300, "dev_pairs": 10, "test_pairs": 20,
        "noise_share": 0.2, "seed": 1,
    }  # fmt: skip
    download.run(job(tmp_path, [corpus]))
    counts = [
        len(pl.read_parquet(tmp_path / f"data/raw/phrases.{split}.parquet")) for split in ("train", "dev", "test")
    ]
    assert counts == [300, 10, 20]
    labels = pl.read_parquet(tmp_path / "data/raw/phrases.train.parquet")["label"]
    assert (labels != "").sum() == 60


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pairs(tmp_path, "train", PAIRS * 50)
    monkeypatch.setattr(download, "ROW_GROUP_PAIRS", 64)
    hashes = []
    for _ in range(2):
        download.run(job(tmp_path, [local()]))
        hashes.append(files.content_hash(tmp_path / "data/raw"))
    assert hashes[0] == hashes[1]


def test_long_corpora_are_written_in_bounded_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet as pq

    monkeypatch.setattr(download, "ROW_GROUP_PAIRS", 64)
    write_pairs(tmp_path, "train", PAIRS * 50)
    download.run(job(tmp_path, [local()]))
    assert pq.ParquetFile(tmp_path / "data/raw/tiny.train.parquet").metadata.num_row_groups == 3


@pytest.mark.parametrize(("split", "what"), [("train", "the rule broken_encoding drops them"), ("dev", "they stay in")])
def test_damaged_pairs_are_told_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], split: str, what: str
) -> None:
    write_pairs(tmp_path, "train", PAIRS)
    write_pairs(tmp_path, split, PAIRS * 400)
    damaged = (tmp_path / f"{split}.en").read_bytes().replace(b"one", b"\xff", 1)
    (tmp_path / f"{split}.en").write_bytes(damaged)
    task = job(tmp_path, [local(), local("dev")] if split == "dev" else [local()])
    download.run(task)
    assert f"download: tiny ({split}): 1 pairs hold U+FFFD, where bytes were no text; {what}" in capsys.readouterr().err
    counts = {entry["split"]: entry["damaged"] for entry in files.verify(task.work.raw)["corpora"]}
    assert counts[split] == 1
    assert pl.read_parquet(task.work.raw / f"tiny.{split}.parquet").row(0) == (1, "\ufffd", "一", "")
