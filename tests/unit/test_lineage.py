import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import run

import pytest
from kept_by_dvc import put_into_dvc_cache

from seqline import lineage
from seqline.errors import ArtifactError, MissingError
from seqline.files import sha256, staged, write_json
from seqline.workspace import Workspace

LOCK = """\
schema: '2.0'
stages:
  download:
    cmd: python -m seqline stage download
    outs:
    - {path: data/raw, hash: md5, md5: 11aa.dir, size: 3, nfiles: 2}
  clean:
    cmd: python -m seqline stage clean
    deps:
    - {path: data/raw, hash: md5, md5: 11aa.dir, size: 3, nfiles: 2}
    outs:
    - {path: data/clean, hash: md5, md5: 22bb.dir, size: 3, nfiles: 2}
  register:
    cmd: python -m seqline stage register
    outs:
    - {path: reports/register.json, hash: md5, md5: 33cc, size: 3}
"""


@pytest.fixture
def project(tmp_path: Path, tiny_bundle: Path, make_project: Callable[[Path, Path], Workspace]) -> Workspace:
    return make_project(tmp_path, tiny_bundle)


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    return run(["git", "-C", root, *identity, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def test_every_hash_from_model_to_raw_file_is_there(project: Workspace) -> None:
    (project.root / "dvc.lock").write_text(LOCK)
    found = lineage.collect(project, project.models())
    assert found["stages"]["clean"] == {"deps": {"data/raw": "11aa.dir"}, "outs": {"data/clean": "22bb.dir"}}
    assert "register" not in found["stages"]
    assert found["tokenizers"]["source.model"] == sha256(project.tokenized / "source.model")
    assert found["training_data"] == sha256(project.clean / "train.parquet")
    assert found["corpora"][0]["inputs"] == {"tiny.train.tsv": "ab" * 32}
    assert found["packages"]["ctranslate2"]


def test_without_git_it_says_so(project: Workspace) -> None:
    assert lineage.collect(project, project.models())["code"] == {
        "commit": None,
        "dirty": False,
        "note": "the project is not under git, or has no commit yet",
    }


def test_commit_and_uncommitted_changes_are_kept(project: Workspace) -> None:
    git(project.root, "init", "-q")
    git(project.root, "add", "params.yaml")
    (project.root / ".gitignore").write_text("data\nmodels\nreports\n.gitignore\n")
    git(project.root, "commit", "-qm", "First")
    assert lineage.collect(project, project.models())["code"]["commit"] == git(project.root, "rev-parse", "HEAD")
    assert not lineage.collect(project, project.models())["code"]["dirty"]
    (project.root / "dvc.lock").write_text(LOCK)
    assert not lineage.collect(project, project.models())["code"]["dirty"]
    (project.root / "dropped.tsv").write_text("a new corpus")
    assert not lineage.collect(project, project.models())["code"]["dirty"]
    project.params.write_text("changed")
    assert lineage.collect(project, project.models())["code"]["dirty"]


def test_torn_dvc_lock_is_named(project: Workspace) -> None:
    (project.root / "dvc.lock").write_text("stages: [")
    with pytest.raises(ArtifactError, match=r"dvc\.lock: not valid YAML"):
        lineage.collect(project, project.models())


def test_trace_ends_at_the_lines_of_the_raw_files(project: Workspace) -> None:
    (project.root / "dvc.lock").write_text(LOCK)
    text = "\n".join(lineage.tell(lineage.trace(project, "selected")))
    assert text.startswith("selected  sha256 ")
    assert "data/clean  22bb.dir" in text
    assert "tiny.train  60 lines, 4,321 bytes, CC0-1.0, https://example.org/tiny, of 2026-11-20\n" in text
    assert "└── cite: Doe et al. 2026" in text
    assert f"tiny.train.tsv  sha256 {'ab' * 32}" in text
    assert "line 3: train the cat sat on the mat a dog ran home → 训练" in text


def test_lines_of_earlier_data_come_from_the_cache_or_else_it_says_how_to_get_them_back(project: Workspace) -> None:
    digest = put_into_dvc_cache(project.root, project.clean)
    (project.root / "dvc.lock").write_text(LOCK.replace("22bb.dir", digest))
    before = lineage.trace(project, "selected")
    assert [row["line"] for row in before["examples"]] == [1, 3, 5]
    write_json(project.root / "lineage.json", before)
    shutil.move(project.model("selected"), project.root / "bundle")  # as a registered version lies, beside its lineage
    with staged(project.clean) as folder:
        (folder / "train.parquet").write_bytes(b"other data")
    assert lineage.trace(project, "./bundle")["examples"] == before["examples"]
    assert "no lines" not in "\n".join(lineage.tell(lineage.trace(project, "./bundle")))
    shutil.rmtree(project.root / ".dvc")
    found = lineage.trace(project, "./bundle")
    assert found["examples"] == []
    assert lineage.tell(found)[-1] == (
        "no lines: its training data are neither in data/clean now nor in DVC's cache; "
        "try `git checkout ITS REVISION && dvc checkout data/clean`"
    )


def test_what_a_model_started_from_is_told(project: Workspace) -> None:
    start = {"model": "models:/x@champion", "content_hash": "ab" * 32, "trained_on": [{"train": "1", "clean": None}]}
    with staged(project.model("teacher"), start=start):
        pass
    found = lineage.trace(project, "selected")
    assert found["start"] == start
    assert f"├── started from  models:/x@champion, sha256 {'ab' * 32}" in lineage.tell(found)
    assert [one and one["train"] for one in lineage.trained_on(found)] == [found["training_data"], "1"]


def test_folder_of_unknown_origin_is_refused(project: Workspace) -> None:
    with staged(project.root / "somewhere"):
        pass
    with pytest.raises(MissingError, match="its origin is not known"):
        lineage.trace(project, "somewhere")


def test_absent_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no finished output there"):
        lineage.trace(Workspace(tmp_path), "selected")
