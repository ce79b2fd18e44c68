"""Damaged corpora: one plain line, exit code 2, and the earlier output stays as it was."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from raw_corpora import job, local, write_pairs, zstd

from seqline import files
from seqline.errors import InputError
from seqline.stages import download

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
