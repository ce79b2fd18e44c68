"""Damaged corpora: one plain line, exit code 2, and the earlier output stays as it was."""

import errno
import gzip
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from failing_disk import failing, no_file_beyond
from raw_corpora import job, local, params, write_pairs, zstd

from seqline import files
from seqline.errors import InputError, SeqlineError, StageError
from seqline.stages import clean, download

PAIRS = [(f"line {number}", f"第 {number} 行") for number in range(200)]


def cut_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(path.read_bytes())[:-20])


def cut_zstd(path: Path) -> None:
    path.write_bytes(zstd(path.read_bytes())[:-20])


def flip_gzip(path: Path) -> None:
    data = bytearray(gzip.compress(path.read_bytes()))
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))


def bad_utf8(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"150", b"\xc3\x28"))


def drop_a_line(number: int) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        lines = path.read_bytes().split(b"\n")
        path.write_bytes(b"\n".join(lines[:number] + lines[number + 1 :]))

    return damage


def empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "absent": (Path.unlink, "no such file"),
    "empty": (empty, "empty"),
    "cut gzip": (cut_gzip, "damaged near line"),
    "cut zstd": (cut_zstd, "damaged near line"),
    "flipped bit": (flip_gzip, "damaged near line|not UTF-8"),
    "bad UTF-8": (bad_utf8, "line 151 is not UTF-8"),
    "first line lost": (drop_a_line(0), "has 199 lines but .* has 200"),
    "middle line lost": (drop_a_line(100), "has 199 lines but .* has 200"),
    "last line lost": (drop_a_line(199), "has 199 lines but .* has 200"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_corpus_is_refused_in_one_line_and_earlier_output_stays(tmp_path: Path, name: str) -> None:
    damage, message = DAMAGES[name]
    write_pairs(tmp_path, "train", PAIRS)
    task = job(tmp_path, [local()])
    download.run(task)
    before = files.content_hash(task.work.raw)
    damage(tmp_path / "train.en")
    with pytest.raises(InputError, match=message) as caught:
        download.run(task)
    assert "\n" not in str(caught.value)
    assert str(tmp_path / "train.en") in str(caught.value)
    assert caught.value.exit_code == 2
    assert files.content_hash(task.work.raw) == before
    files.verify(task.work.raw)
    assert [path.name for path in task.work.raw.parent.iterdir()] == ["raw"]


HOSTILE: dict[str, tuple[bytes, str]] = {
    "bad UTF-8": (b"caf\xe9 au lait", "broken_encoding"),
    "bad UTF-8 on the other side": (b"good words", "broken_encoding"),
    "half a surrogate pair": (b"half \xed\xa0\x80 here", "broken_encoding"),
    "private character": ("a \ue000 here".encode(), "broken_encoding"),
    "empty": (b"", "empty"),
    "white space only": ("\u2028 \u3000\t".encode(), "empty"),
    "NUL": (b"one\0two words", ""),
    "byte-order mark within": ("\ufeffwords of it".encode(), ""),
    "CRLF": (b"words of windows\r", ""),
    "lone CR": (b"words\rof a mac", ""),
    "line separator": ("words\u2028of\u2029Unicode".encode(), ""),
    "next line": ("words\u0085of a mainframe".encode(), ""),
    "vertical tab and the like": (b"words\x0bof\x0ca\x1cprinter", ""),
    "a megabyte": (b"word " * (1 << 18), "max_characters"),
}
"""By what it is: a line of English, and the rule that drops it, or none."""


def test_hostile_lines_are_kept_or_dropped_with_a_reason_and_no_other_line_moves(tmp_path: Path) -> None:
    plain = [(b"Sentence number %d of many." % n, f"许多句子中的第 {n} 句。".encode()) for n in range(1, 3001)]
    numbers = dict(zip(range(100, 3000, 200), HOSTILE, strict=False))
    for number, what in numbers.items():
        target = b"\xc3\x28" if what.endswith("other side") else f"坏行 {number}".encode()
        plain[number - 1] = (HOSTILE[what][0], target)
    for index, language in enumerate(("en", "zh")):
        (tmp_path / f"train.{language}").write_bytes(b"".join(pair[index] + b"\n" for pair in plain))
    lax = {rule: False if isinstance(value, bool) else None for rule, value in params().clean.rules}
    lax |= {"chinese_variety": 0, "broken_encoding": True, "max_characters": 1000}
    no_split, no_copies = {"dev_pairs": 0, "test_pairs": 0}, {"near": False}
    task = job(tmp_path, [local()], rules=lax, split=no_split, deduplicate=no_copies, pair_score=None)
    download.run(task)
    clean.run(task)
    figures = files.read_json(task.work.reports / "clean.json")
    assert figures["read"] == 3000 == figures["kept"] + sum(figures["dropped"].values())
    splits = [pl.read_parquet(task.work.clean / f"{split}.parquet") for split in ("train", "dev", "test")]
    kept = {row["line"]: row for frame in splits for row in frame.iter_rows(named=True)}
    dropped = {row["line"]: row for row in pl.read_parquet(task.work.clean / "dropped.parquet").iter_rows(named=True)}
    assert sorted([*kept, *dropped]) == [*range(1, 3001)]
    for number, what in numbers.items():
        rule = HOSTILE[what][1]
        assert (dropped[number]["rule"] if number in dropped else "") == rule, what
    for number, row in kept.items():
        if number not in numbers:
            assert row["source"] == f"Sentence number {number} of many."
            assert row["target"] == f"许多句子中的第 {number} 句。"


def test_a_disk_that_fills_up_while_a_corpus_is_written_is_told_and_earlier_output_stays(tmp_path: Path) -> None:
    write_pairs(tmp_path, "train", PAIRS)
    task = job(tmp_path, [local()])
    download.run(task)
    before = files.content_hash(task.work.raw)
    with no_file_beyond(1000), pytest.raises(StageError, match=r"data/raw: cannot be written \(File too large\)"):
        download.run(task)
    assert files.content_hash(task.work.raw) == before
    assert [path.name for path in task.work.raw.parent.iterdir()] == ["raw"]


def test_whichever_call_fails_the_raw_pairs_are_whole(tmp_path: Path) -> None:
    write_pairs(tmp_path, "train", PAIRS[:5])
    task, number, said = job(tmp_path, [local()]), 0, list[str]()
    download.run(task)
    before = files.content_hash(task.work.raw)
    while True:
        number += 1
        with failing(number, errno.EIO) as fault:
            try:
                download.run(task)
            except SeqlineError as error:
                said.append(str(error))
        files.verify(task.work.raw)
        assert files.content_hash(task.work.raw) == before
        if not fault.fired:
            break
    assert number > 15
    assert all("Input/output error" in sentence and "\n" not in sentence for sentence in said)
