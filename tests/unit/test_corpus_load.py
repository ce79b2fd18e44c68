"""Fingerprints of corpora, and what they say about changes."""

import hashlib
from pathlib import Path

import pytest
from raw_corpora import job, local, params, write_pairs

from seqline.corpus import changes, load
from seqline.errors import CorpusError
from seqline.files import manifest
from seqline.stages import download

PAIRS = [("one", "一"), ("two", "二")]


def test_a_fingerprint_has_the_sum_of_every_file(tmp_path: Path) -> None:
    write_pairs(tmp_path, "train", PAIRS)
    (corpus,) = params([local()]).download.corpora
    sums = load.fingerprint(corpus, tmp_path)
    assert sums["train.en"] == hashlib.sha256(b"one\ntwo\n").hexdigest()
    assert set(sums) == {"train.en", "train.zh"}


def test_a_generated_corpus_reads_no_file(tmp_path: Path) -> None:
    (corpus,) = params().download.corpora
    assert load.fingerprint(corpus, tmp_path) == {}


def test_a_fingerprint_of_an_absent_file_says_where_it_is_expected(tmp_path: Path) -> None:
    (corpus,) = params([local()]).download.corpora
    with pytest.raises(CorpusError, match=f"{tmp_path}/train.en: no such file"):
        load.fingerprint(corpus, tmp_path)


def test_nothing_changed_after_a_download(tmp_path: Path) -> None:
    write_pairs(tmp_path, "train", PAIRS)
    task = job(tmp_path, [local()])
    assert changes.changed(task.params, task.work) == ["no corpus was read yet"]
    download.run(task)
    assert changes.changed(task.params, task.work) == []


def test_changed_and_missing_files_and_other_corpora_are_told_in_sentences(tmp_path: Path) -> None:
    for split in ("train", "dev"):
        write_pairs(tmp_path, split, PAIRS)
    before = job(tmp_path, [local("train"), local("dev")])
    download.run(before)
    (tmp_path / "train.en").write_text("one\nTWO\n", encoding="utf-8")
    (tmp_path / "dev.zh").unlink()
    said = changes.changed(before.params, before.work)
    assert said[0] == "tiny (train): train.en changed"
    assert said[1].startswith(f"tiny (dev): {tmp_path}/dev.zh: no such file")
    now = params([local("train", name="other")])
    assert changes.changed(now, before.work) == [
        "tiny (dev) is no longer among the corpora",
        "tiny (train) is no longer among the corpora",
        "other (train) was not read yet",
    ]


def test_a_file_that_was_dropped_in_is_told_and_read(tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    (incoming / "b.tsv").write_text("two\t二\n", encoding="utf-8")
    task = job(tmp_path, [local(table="incoming/*.tsv")])
    download.run(task)
    (incoming / "a.tsv").write_text("one\t一\n", encoding="utf-8")
    assert changes.changed(task.params, task.work) == ["tiny (train): incoming/a.tsv is new"]
    assert download.run(task).summary == "2 pairs from 1 corpora"
    assert changes.changed(task.params, task.work) == []
    inputs = manifest(task.work.raw)["corpora"][0]["inputs"]
    assert inputs == {
        "incoming/a.tsv": hashlib.sha256("one\t一\n".encode()).hexdigest(),
        "incoming/b.tsv": hashlib.sha256("two\t二\n".encode()).hexdigest(),
    }
    (incoming / "b.tsv").unlink()
    assert changes.changed(task.params, task.work) == ["tiny (train): incoming/b.tsv is gone"]
