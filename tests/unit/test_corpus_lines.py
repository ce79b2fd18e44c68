"""Lines of corpus files: what ends one, what does not, and how files are opened."""

from pathlib import Path

import pytest
from raw_corpora import COMPRESSIONS, compressed

from seqline.corpus import lines
from seqline.corpus.lines import MAX_BAD_SHARE, read_lines
from seqline.errors import CorpusError


def write(folder: Path, data: bytes, name: str = "corpus.en") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("inside", ["\r", "\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x00"])
def test_only_a_line_feed_ends_a_line(tmp_path: Path, inside: str) -> None:
    path = write(tmp_path, f"one{inside}two\nthree\n".encode())
    assert list(read_lines(path)) == [f"one{inside}two", "three"]


def test_a_carriage_return_before_the_line_feed_is_dropped(tmp_path: Path) -> None:
    assert list(read_lines(write(tmp_path, b"one\r\ntwo\r\r\n\r\n"))) == ["one", "two\r", ""]


def test_a_byte_order_mark_is_dropped_at_the_start_only(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeffone\n\ufefftwo\n".encode())
    assert list(read_lines(path)) == ["one", "\ufefftwo"]


def test_the_last_line_needs_no_end(tmp_path: Path) -> None:
    assert list(read_lines(write(tmp_path, b"one\n\ntwo"))) == ["one", "", "two"]


@pytest.mark.parametrize("how", ["plain", *COMPRESSIONS])
@pytest.mark.parametrize("name", ["corpus.txt", "corpus.gz", "corpus.zst", "corpus.xz"])
def test_compression_is_recognised_by_content_whatever_the_name_says(tmp_path: Path, how: str, name: str) -> None:
    path = write(tmp_path, compressed("你好\n再见\n".encode(), how), name)
    assert list(read_lines(path)) == ["你好", "再见"]


@pytest.mark.parametrize("how", ["plain", *COMPRESSIONS])
def test_an_empty_file_is_named(tmp_path: Path, how: str) -> None:
    path = write(tmp_path, compressed(b"", how))
    with pytest.raises(CorpusError, match=r"corpus\.en: the file is empty"):
        list(read_lines(path))


def test_a_missing_file_is_named_with_its_whole_path(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=f"{tmp_path}/absent.en: no such file"):
        list(read_lines(tmp_path / "absent.en"))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        list(read_lines(tmp_path))


def test_bad_utf8_is_named_with_line_and_byte(tmp_path: Path) -> None:
    path = write(tmp_path, b"good\nstill good\nbad \xff here\n")
    with pytest.raises(CorpusError, match=r"corpus\.en: line 3 is not UTF-8 \(byte 0xff at byte 5\)"):
        list(read_lines(path))


def damaged_at(folder: Path, lines_in_all: int, *numbers: int) -> Path:
    bad = [b"caf\xe9 \x80" if number in numbers else b"good" for number in range(1, lines_in_all + 1)]
    return write(folder, b"\n".join(bad))


def test_one_bad_line_in_a_thousand_keeps_its_place_with_replacement_characters(tmp_path: Path) -> None:
    found = list(read_lines(damaged_at(tmp_path, 2000, 3, 2000), MAX_BAD_SHARE))
    assert len(found) == 2000
    assert [number for number, line in enumerate(found, 1) if line != "good"] == [3, 2000]
    assert found[2] == "caf\ufffd \ufffd"


def test_more_bad_lines_than_that_are_refused_with_the_first_and_their_number(tmp_path: Path) -> None:
    path = damaged_at(tmp_path, 2000, 3, 50, 2000)
    said = r"corpus\.en: line 3 is not UTF-8 \(byte 0xe9 at byte 4\), and so are 2 more of 2,000; convert the file"
    with pytest.raises(CorpusError, match=said):
        list(read_lines(path, MAX_BAD_SHARE))


def test_a_file_in_another_encoding_is_not_read_to_its_end(tmp_path: Path) -> None:
    found, path = list[str](), write(tmp_path, "你好\n".encode("gb18030") * 100_000)
    with pytest.raises(CorpusError, match="line 1 is not UTF-8"):
        found += read_lines(path, MAX_BAD_SHARE)
    assert len(found) <= 101


def test_surrogates_are_not_utf8(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xed\xa0\x80\n")
    with pytest.raises(CorpusError, match="line 1 is not UTF-8"):
        list(read_lines(path))


def test_utf16_is_called_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, "hello\n".encode("utf-16"))
    with pytest.raises(CorpusError, match="looks like UTF-16"):
        list(read_lines(path))


def test_a_line_of_a_megabyte_is_a_line(tmp_path: Path) -> None:
    path = write(tmp_path, b"x" * (1 << 20) + b"\nshort\n")
    assert [len(line) for line in read_lines(path)] == [1 << 20, 5]


def test_an_endless_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 1 << 20)
    path = write(tmp_path, compressed(b"\0" * (4 << 20), "gzip"))
    with pytest.raises(CorpusError, match="line 1 is longer than 1 MiB"):
        list(read_lines(path))
