import math
import shutil
from pathlib import Path

import pytest

from seqline import files
from seqline.errors import ArtifactError, MissingError


def _make(target: Path, **contents: str) -> None:
    with files.staged(target, made_by="test") as folder:
        for name, text in contents.items():
            (folder / name).write_text(text)


def _interrupted(target: Path) -> None:
    with files.staged(target) as folder:
        (folder / "a").write_text("new")
        raise KeyboardInterrupt


def test_a_staged_folder_appears_whole_with_its_manifest(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    with files.staged(target, made_by="test") as folder:
        (folder / "sub").mkdir()
        (folder / "sub" / "a").write_text("one")
        assert not target.exists()
    assert files.verify(target) == {"made_by": "test", "files": {"sub/a": files.sha256(target / "sub" / "a")}}
    assert [path.name for path in target.parent.iterdir()] == ["out"]


def test_an_error_inside_leaves_the_earlier_output_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "out"
    _make(target, a="old")
    with pytest.raises(KeyboardInterrupt):
        _interrupted(target)
    assert (target / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_second_output_replaces_the_first_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"
    _make(target, a="old", b="old")
    _make(target, a="new")
    assert sorted(path.name for path in target.iterdir()) == ["a", "manifest.json"]
    assert files.verify(target)["files"].keys() == {"a"}


def test_what_a_killed_run_left_is_healed_before_the_next(tmp_path: Path) -> None:
    target = tmp_path / "out"
    _make(target, a="old")
    target.rename(tmp_path / ".out.previous")
    (tmp_path / ".out.partial").mkdir()
    (tmp_path / ".out.partial" / "a").write_text("half")
    files.heal(target)
    assert (target / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_output_whose_deletion_is_killed_is_gone_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out"
    _make(target, a="old")

    def dying(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", dying)
        with pytest.raises(KeyboardInterrupt):
            files.discard(target)
    assert not target.exists()
    files.heal(target)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_every_damage_is_found_before_use(tmp_path: Path, damage: str) -> None:
    target = tmp_path / "out"
    _make(target, a="content", b="other")
    match damage:
        case "flip":
            (target / "a").write_bytes(b"contenu")
        case "truncate":
            (target / "a").write_bytes(b"")
        case "remove":
            (target / "a").unlink()
    with pytest.raises(ArtifactError, match=str(target / "a")):
        files.verify(target)


def test_a_folder_without_a_manifest_is_no_output(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(MissingError, match="no finished output"):
        files.manifest(tmp_path / "out")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": 1}', "\x00"])
def test_a_damaged_manifest_is_an_artifact_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ArtifactError):
        files.verify(tmp_path)


def test_content_hash_depends_on_names_and_content_but_not_on_facts(tmp_path: Path) -> None:
    for name, contents in {"one": {"a": "1"}, "renamed": {"b": "1"}, "changed": {"a": "2"}}.items():
        _make(tmp_path / name, **contents)
    with files.staged(tmp_path / "again", other="fact") as folder:
        (folder / "a").write_text("1")
    hashes = {name: files.content_hash(tmp_path / name) for name in ("one", "renamed", "changed", "again")}
    assert hashes["one"] == hashes["again"]
    assert len(set(hashes.values())) == 3


def test_json_keeps_order_and_script_and_refuses_nan(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.json"
    files.write_json(path, {"z": "中文", "a": 1})
    assert path.read_text(encoding="utf-8") == '{\n  "z": "中文",\n  "a": 1\n}\n'
    with pytest.raises(ValueError, match="JSON compliant"):
        files.write_json(path, {"z": math.nan})
    assert files.read_json(path) == {"z": "中文", "a": 1}


def test_the_manifest_does_not_count_as_content(tmp_path: Path) -> None:
    with files.staged(tmp_path / "out") as folder:
        (folder / "a").write_bytes(b"12")
        (folder / "b").write_bytes(b"345")
    assert files.content_bytes(tmp_path / "out") == 5
