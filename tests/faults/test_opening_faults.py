"""Compressed files that are cut short, glued together, followed by something else, or bombs."""

import lzma
import zlib
from pathlib import Path

import pytest
from raw_corpora import COMPRESSIONS

from seqline.corpus import opening
from seqline.corpus.lines import read_lines
from seqline.corpus.opening import opened
from seqline.errors import CorpusError

TEXT = b"".join(b"line %d, and no two are alike: %x\n" % (number, number**7) for number in range(3000))


def write(folder: Path, data: bytes) -> Path:
    path = folder / "corpus.en"
    path.write_bytes(data)
    return path


def drain(path: Path, sizes: list[int]) -> None:
    with opened(path) as stream:
        while chunk := stream.read(1 << 16):
            sizes.append(len(chunk))


@pytest.mark.parametrize("tenths", range(1, 10))
@pytest.mark.parametrize("how", COMPRESSIONS)
def test_a_file_cut_short_anywhere_is_damaged(tmp_path: Path, how: str, tenths: int) -> None:
    whole = COMPRESSIONS[how](TEXT)
    path = write(tmp_path, whole[: len(whole) * tenths // 10])
    with pytest.raises(CorpusError, match=r"corpus\.en: damaged near line \d+ \(.+\); fetch it again"):
        list(read_lines(path))


@pytest.mark.parametrize("how", COMPRESSIONS)
def test_a_missing_last_byte_is_noticed(tmp_path: Path, how: str) -> None:
    with pytest.raises(CorpusError, match="damaged near line"):
        list(read_lines(write(tmp_path, COMPRESSIONS[how](TEXT)[:-1])))


@pytest.mark.parametrize("how", COMPRESSIONS)
def test_what_follows_the_compressed_data_is_not_ignored(tmp_path: Path, how: str) -> None:
    with pytest.raises(CorpusError, match="damaged near line"):
        list(read_lines(write(tmp_path, COMPRESSIONS[how](TEXT) + b"and something else")))


@pytest.mark.parametrize("how", COMPRESSIONS)
def test_several_streams_are_one_file(tmp_path: Path, how: str) -> None:
    pack = COMPRESSIONS[how]
    assert list(read_lines(write(tmp_path, pack(b"one\ntw") + pack(b"o\n") + pack(b"three")))) == [
        "one",
        "two",
        "three",
    ]


def test_zero_bytes_after_an_xz_stream_are_padding(tmp_path: Path) -> None:
    packed = lzma.compress(b"one\n") + bytes(8)
    assert list(read_lines(write(tmp_path, packed + packed))) == ["one", "one"]


@pytest.mark.parametrize("how", COMPRESSIONS)
def test_a_bomb_is_stopped_at_the_ratio(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "RATIO_FLOOR_BYTES", 1 << 20)
    path = write(tmp_path, COMPRESSIONS[how](b"\n" * (8 << 20)))
    sizes: list[int] = []
    with pytest.raises(CorpusError, match="refused as a decompression bomb") as caught:
        drain(path, sizes)
    assert sum(sizes) <= max(1 << 20, opening.MAX_RATIO * path.stat().st_size)
    assert "\n" not in str(caught.value)


def test_the_limits_as_they_stand_stop_a_bomb_of_zeros(tmp_path: Path) -> None:
    path = write(tmp_path, COMPRESSIONS["zstd"](b"\n" * (80 << 20)))
    with pytest.raises(CorpusError, match="unpack to more than 67,108,864, so it is refused"):
        drain(path, [])


@pytest.mark.parametrize("how", COMPRESSIONS)
def test_text_that_repeats_itself_is_no_bomb(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "RATIO_FLOOR_BYTES", 1 << 20)
    path = write(tmp_path, COMPRESSIONS[how](TEXT * 20))
    assert sum(1 for _ in read_lines(path)) == 60_000


def test_an_xz_file_may_not_demand_gigabytes(tmp_path: Path) -> None:
    data = bytearray(lzma.compress(b"one\n"))
    header = data[12 : 12 + 4 * (data[12] + 1)]  # XZ file format 1.2.1, section 3.1: size, flags, LZMA2, its dictionary
    header[4] = 40  # 4 GiB
    header[-4:] = zlib.crc32(header[:-4]).to_bytes(4, "little")
    data[12 : 12 + len(header)] = header
    with pytest.raises(CorpusError, match=r"Memory usage limit"):
        list(read_lines(write(tmp_path, bytes(data))))
