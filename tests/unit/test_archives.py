"""Archives that are what they seem: listing, choosing and unpacking."""

import tarfile
from pathlib import Path

import pytest
from crafted_archives import CONTENT, KINDS, tar, tar_member, write

from seqline.corpus.archives import Limits, members, unpack
from seqline.errors import CorpusError

FILES = {"README": b"about\n", "en-zh/corpus.en": CONTENT, "en-zh/corpus.zh": "你好\n".encode(), "empty": b""}
ALL = pytest.mark.parametrize("kind", KINDS)


@ALL
def test_members_are_listed_in_the_order_of_the_archive_whatever_it_is_called(tmp_path: Path, kind: str) -> None:
    assert members(write(tmp_path, KINDS[kind](FILES))) == list(FILES)


@ALL
def test_only_what_is_wanted_is_written(tmp_path: Path, kind: str) -> None:
    archive, into = write(tmp_path, KINDS[kind](FILES)), tmp_path / "into"
    found = unpack(archive, ["en-zh/corpus.zh", "en-zh/corpus.en", "empty"], into, Limits())
    assert {name: path.read_bytes() for name, path in found.items()} == {
        name: data for name, data in FILES.items() if name != "README"
    }
    written = {path.relative_to(into).as_posix() for path in into.rglob("*") if path.is_file()}
    assert written == found.keys()


@ALL
def test_an_absent_member_is_an_error_that_lists_what_there_is(tmp_path: Path, kind: str) -> None:
    archive = write(tmp_path, KINDS[kind](FILES))
    with pytest.raises(CorpusError, match=r"holds no corpus\.en; it holds README, en-zh/corpus\.en, en-zh/corpus\.zh"):
        unpack(archive, ["README", "corpus.en"], tmp_path / "into", Limits())
    assert not (tmp_path / "into").exists()


@ALL
def test_an_empty_archive_holds_nothing(tmp_path: Path, kind: str) -> None:
    archive = write(tmp_path, KINDS[kind]({}))
    assert members(archive) == []
    with pytest.raises(CorpusError, match=r"holds no a\.en; it holds nothing"):
        unpack(archive, ["a.en"], tmp_path, Limits())


@ALL
def test_an_earlier_file_is_replaced_and_one_that_is_not_wanted_stays(tmp_path: Path, kind: str) -> None:
    for name in ("README", "empty"):
        (tmp_path / name).write_bytes(b"earlier")
    unpack(write(tmp_path, KINDS[kind](FILES)), ["README"], tmp_path, Limits())
    assert (tmp_path / "README").read_bytes() == b"about\n"
    assert (tmp_path / "empty").read_bytes() == b"earlier"


def test_dots_and_doubled_slashes_are_no_part_of_a_name(tmp_path: Path) -> None:
    root, folder = tar_member("./", b"", tarfile.DIRTYPE), tar_member("./a/", b"", tarfile.DIRTYPE)
    archive = write(tmp_path, tar(root, folder, tar_member("./a//b.en"), tar_member("a/./c.en")))
    assert members(archive) == ["a/b.en", "a/c.en"]
    assert unpack(archive, ["a/b.en"], tmp_path / "into")["a/b.en"].read_bytes() == CONTENT


def test_a_folder_may_be_named_again(tmp_path: Path) -> None:
    folder = tar_member("a/", b"", tarfile.DIRTYPE)
    assert members(write(tmp_path, tar(folder, tar_member("a/b"), folder, tar_member("a/c")))) == ["a/b", "a/c"]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_dialect_of_tar_is_read_with_long_and_chinese_names(tmp_path: Path, form: int) -> None:
    names = ["语料/" + "很长的名字" * 5 + ".zh", "a" * 90 + "/" + "b" * 90]
    with tarfile.open(tmp_path / "archive.bin", "w", format=form) as bundle:
        for name in names:
            (tmp_path / "one").write_bytes(CONTENT)
            bundle.add(tmp_path / "one", name)
    found = unpack(tmp_path / "archive.bin", names, tmp_path / "into", Limits())
    assert [found[name].read_bytes() for name in names] == [CONTENT, CONTENT]


@pytest.mark.parametrize("data", [b"", b"one line\n" * 200, b"<html></html>", b"PK", bytes(100)])
def test_what_is_no_archive_is_called_so(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(CorpusError, match="not a zip or tar archive, or a damaged one"):
        members(write(tmp_path, data))


def test_an_absent_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=f"{tmp_path}/absent.zip: no such file"):
        members(tmp_path / "absent.zip")
