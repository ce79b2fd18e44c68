"""Hostile and damaged archives: the whole of one is refused before anything is written."""

import errno
import tarfile
from pathlib import Path

import pytest
from crafted_archives import (
    CONTENT,
    DEVICE,
    FIFO,
    GOOD,
    KINDS,
    SOCKET,
    SYMLINK,
    encrypted,
    tar,
    tar_header,
    tar_member,
    write,
    zipped,
)
from failing_disk import failing, no_file_beyond
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.corpus.archives import Limits, inventory, members, unpack
from seqline.errors import CorpusError, SeqlineError, StageError

HARMLESS = (GOOD, CONTENT)
TAR_HARMLESS = tar_member(*HARMLESS)
LIMITS = Limits(max_bytes=1 << 20, max_ratio=100, max_members=20, max_name_length=100)

NAMES = {
    "absolute": "/etc/passwd", "parent": "../x.en", "inner parent": "en-zh/../../x.en", "only dots": "..",
    "hidden parent": "en-zh//..//../x.en", "parent at the end": "en-zh/..", "sibling prefix": "../into-evil/x.en",
    "drive": "C:/x.en", "drive, relative": "c:x.en", "backslashes": "..\\x.en", "share": "\\\\host\\share\\x.en",
    "line feed": "x\n.en", "escape": "\x1b[31mx.en", "delete": "x\x7f.en", "right to left": "x\u202ene.en",
    "zero width": "x\u200b.en", "line separator": "x\u2028.en", "too long": "x" * 101, "too long in bytes": "长" * 34,
    "no name": "",
}  # fmt: skip
CLASHES = {
    "twice": (GOOD, GOOD), "case": ("a/X.en", "A/x.EN"), "sharp s": ("straße", "STRASSE"), "dotted": ("a.en", "./a.en"),
    "composed and not": ("caf\u00e9", "cafe\u0301"), "full width": ("a.en", "ａ.en"), "script H": ("ℌ.en", "h.en"),
    "slashes": ("a/b", "a//b"),
    "file as folder": ("a", "a/b.en"), "folder as file": ("a/b.en", "a"), "case of a folder": ("A", "a/b.en"),
}  # fmt: skip
ZIP_TYPES = {"symlink": SYMLINK, "fifo": FIFO, "device": DEVICE, "socket": SOCKET}
TAR_TYPES = {
    "symlink": tarfile.SYMTYPE, "hard link": tarfile.LNKTYPE, "fifo": tarfile.FIFOTYPE, "device": tarfile.CHRTYPE,
    "block device": tarfile.BLKTYPE, "unknown type": b"Z", "multi-volume": b"M",
}  # fmt: skip


def sparse() -> bytes:
    """A GNU sparse file: 12 bytes that stand for a gigabyte."""
    header = bytearray(tar_header("holes.en", 512, tarfile.GNUTYPE_SPARSE))
    header[386:410] = b"00000000000\0" + b"00000001000\0"
    header[483:495] = b"10000000000\0"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(512)


def shrunk_in_the_directory(archive: bytes) -> bytes:
    """A zip whose directory declares one byte less than there is."""
    data = bytearray(archive)
    at = archive.rindex(b"PK\1\2") + 24
    data[at : at + 4] = (int.from_bytes(data[at : at + 4], "little") - 1).to_bytes(4, "little")
    return bytes(data)


def attacks() -> dict[str, bytes]:
    """Every hostile archive, by what it tries; a harmless member stands before and after."""
    found = {}
    for what, name in NAMES.items():
        found[f"zip, name: {what}"] = zipped(HARMLESS, (name, b"x"), ("last", b"y"))
        found[f"tar, name: {what}"] = tar(TAR_HARMLESS, tar_member(name), tar_member("last"))
    found["zip, name: NUL"] = zipped(HARMLESS, ("x.en\0.exe", b"x"))
    found["tar, name: undecodable"] = tar(TAR_HARMLESS, tar_member("x\udcff.en"))
    for what, (one, other) in CLASHES.items():
        found[f"zip, clash: {what}"] = zipped(HARMLESS, (one, b"1"), (other, b"2"))
        found[f"tar, clash: {what}"] = tar(TAR_HARMLESS, tar_member(one), tar_member(other))
    for what, kind in ZIP_TYPES.items():
        found[f"zip, type: {what}"] = zipped(HARMLESS, ("x.en", b"/etc/passwd", kind), ("x.en/y", b"y"))
    for what, code in TAR_TYPES.items():
        found[f"tar, type: {what}"] = tar(TAR_HARMLESS, tar_member("x.en", b"", code, "/etc/passwd"))
    found["tar, type: sparse"] = tar(TAR_HARMLESS, sparse())
    found["zip, encrypted"] = encrypted(zipped(HARMLESS, ("secret.en", b"x")))
    found["zip, members"] = zipped(HARMLESS, *((f"{number}.en", b"") for number in range(20)))
    found["tar, members"] = tar(TAR_HARMLESS, *(tar_member(f"{number}.en", b"") for number in range(20)))
    found["zip, bytes"] = zipped(HARMLESS, ("big.en", CONTENT * 200), method=0)
    found["tar, bytes"] = tar(TAR_HARMLESS, tar_member("big.en", CONTENT * 200))
    found["tar, declared bytes"] = TAR_HARMLESS + tar_header("big.en", 1 << 50)
    found["tar, negative bytes"] = tar(TAR_HARMLESS, tar_header("x.en", -1024))
    found["tar, giant extension"] = TAR_HARMLESS + tar_header("x", 1 << 40, tarfile.XHDTYPE)
    found["tar, giant long name"] = TAR_HARMLESS + tar_header("x", 1 << 40, tarfile.GNUTYPE_LONGNAME)
    found["tar, a second archive after its end"] = tar(TAR_HARMLESS) + tar(tar_member("hidden.en"))
    found["zip, smaller than declared"] = shrunk_in_the_directory(zipped(("x.en", b"12"), HARMLESS))
    return found


ATTACKS = attacks()
WHY = {
    "name": "absolute|leaves the folder|backslash|invisible or undecodable|longer than|has no name",
    "clash": "twice|lies below a file", "type": "is a link, a device or a pipe|is a sparse file",
    "encrypted": "is encrypted", "members": "one member more", "bytes": "unpacks beyond the limit",
    "declared bytes": "unpacks beyond the limit", "negative bytes": "declares -1,024 bytes",
    "giant extension": "declares 1,099,511,627,776 bytes", "giant long name": "declares 1,099,511,627,776 bytes",
    "a second archive after its end": "data after its end", "smaller than declared": "Bad CRC-32",
}  # fmt: skip


def all_files(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("what", [pytest.param(what, id=f"{number} of {len(ATTACKS)}: {what}")
                                  for number, what in enumerate(ATTACKS, 1)])  # fmt: skip
def test_a_hostile_archive_is_refused_before_anything_is_written(tmp_path: Path, what: str) -> None:
    archive = write(tmp_path, ATTACKS[what])
    (tmp_path / "into-evil").mkdir()
    before = all_files(tmp_path)
    with pytest.raises(CorpusError, match=WHY[what.split(", ", 1)[1].split(":")[0]]) as caught:
        unpack(archive, [GOOD], tmp_path / "into", LIMITS)
    assert all_files(tmp_path) == before
    assert str(archive) in str(caught.value)
    assert str(caught.value).isprintable()
    if what != "zip, smaller than declared":  # only its content tells
        with pytest.raises(CorpusError):
            members(archive, LIMITS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "tar"])
def test_a_bomb_is_refused_before_anything_is_written(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "RATIO_FLOOR_BYTES", 1 << 20)
    archive = write(tmp_path, KINDS[kind]({GOOD: CONTENT, "zeros": bytes(16 << 20)}))
    with pytest.raises(CorpusError, match="a decompression bomb"):
        unpack(archive, [GOOD], tmp_path / "into")
    assert not (tmp_path / "into").exists()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("tar in")])
def test_zeros_after_the_end_of_a_tar_are_counted_too(tmp_path: Path, kind: str) -> None:
    limits = Limits(max_bytes=1 << 20, max_members=10)
    pack = KINDS[kind]
    assert members(write(tmp_path, pack({GOOD: CONTENT})), limits) == [GOOD]
    with pytest.raises(CorpusError, match="refused"):
        members(write(tmp_path, pack({GOOD: bytes(1 << 20), "more": b"1"})), limits)


@pytest.mark.parametrize("tenths", range(1, 10))
@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_cut_short_anywhere_is_damaged(tmp_path: Path, kind: str, tenths: int) -> None:
    whole = KINDS[kind]({f"{number}.en": CONTENT for number in range(5)})
    archive = write(tmp_path, whole[: len(whole) * tenths // 10])
    with pytest.raises(CorpusError, match="damaged"):
        members(archive)
    with pytest.raises(CorpusError, match="damaged"):
        unpack(archive, ["0.en"], tmp_path / "into")
    assert not (tmp_path / "into").exists()


def test_a_tar_that_ends_between_two_members_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="damaged one \\(empty header\\)"):
        members(write(tmp_path, TAR_HARMLESS + tar_member("more.en")))


def test_a_tar_with_a_damaged_header_within_does_not_end_there(tmp_path: Path) -> None:
    data = bytearray(tar(TAR_HARMLESS, tar_member("more.en")))
    data[len(TAR_HARMLESS) + 3] ^= 1
    with pytest.raises(CorpusError, match="damaged one \\(bad checksum\\)"):
        members(write(tmp_path, bytes(data)))


def test_a_link_below_the_target_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "en-zh").symlink_to(tmp_path / "outside")
    with pytest.raises(CorpusError, match="would leave"):
        unpack(write(tmp_path, zipped(HARMLESS)), [GOOD], tmp_path / "into")
    assert list((tmp_path / "outside").iterdir()) == []


def test_when_the_last_file_is_damaged_none_is_written(tmp_path: Path) -> None:
    data = bytearray(zipped(("a.en", CONTENT), ("b.en", CONTENT), method=0))
    data[data.rindex(CONTENT) + 5] ^= 1
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "a.en").write_bytes(b"earlier")
    with pytest.raises(CorpusError, match="damaged zip archive \\(Bad CRC-32"):
        unpack(write(tmp_path, bytes(data)), ["a.en", "b.en"], tmp_path / "into")
    assert {path.name: path.read_bytes() for path in (tmp_path / "into").iterdir()} == {"a.en": b"earlier"}


@pytest.mark.parametrize("kind", ["zip", "tar in zstd"])
def test_whichever_call_fails_every_file_is_whole_or_absent_and_the_disk_is_named(tmp_path: Path, kind: str) -> None:
    archive, number = write(tmp_path, KINDS[kind]({"a.en": CONTENT, "b.en": CONTENT})), 0
    while True:
        number += 1
        into, said = tmp_path / str(number), ""
        with failing(number, errno.ENOSPC) as fault:
            try:
                unpack(archive, ["a.en", "b.en"], into)
            except SeqlineError as error:
                said = str(error)
        assert {path.name for path in into.glob("*")} <= {"a.en", "b.en"}
        assert all(path.read_bytes() == CONTENT for path in into.glob("*"))
        if not fault.fired:
            break
        assert "No space left on device" in said
        assert "\n" not in said
    assert len([*into.glob("*")]) == 2
    assert number > 10


def test_a_full_disk_stops_an_archive_and_leaves_nothing(tmp_path: Path) -> None:
    archive = write(tmp_path, zipped(HARMLESS))
    with no_file_beyond(len(CONTENT) // 2), pytest.raises(StageError, match=r"good\.en: cannot be written"):
        unpack(archive, [GOOD], tmp_path / "into")
    assert all_files(tmp_path / "into") == {}


CHECKED = [kind for kind in KINDS if kind not in {"tar", "tar in zstd"}]
"""Kinds with checksums over their content; Arrow writes zstd without one."""


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_byte_is_altered_there_is_one_plain_error_or_the_right_content(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("altered")
    whole = bytearray(KINDS[kind]({GOOD: CONTENT, "other": b"x"}))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    problem = ""
    try:
        unpack(write(folder, bytes(whole)), [GOOD], folder / "into")
    except CorpusError as error:
        problem = str(error)
    assert problem.isprintable()
    written = all_files(folder / "into")
    assert [path.relative_to(folder / "into").as_posix() for path in written] == ([] if problem else [GOOD])
    assert problem or kind not in CHECKED or [*written.values()] == [CONTENT]


@settings(max_examples=300, deadline=None)
@given(name=st.text(max_size=30) | st.text("./\\:aA\n\0 ", max_size=12))
def test_no_name_that_passes_leaves_the_folder(name: str) -> None:
    if inventory.unsafe(name, Limits()):
        return
    into = Path("/srv/into")
    placed = into / inventory.Member(name).name
    assert placed.resolve().is_relative_to(into)
    assert ".." not in placed.parts
