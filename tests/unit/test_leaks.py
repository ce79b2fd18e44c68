"""Test sentences in what a model has learnt from, or in what the model had learnt from that it started from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from kept_by_dvc import put_into_dvc_cache

from seqline.files import sha256, write_json
from seqline.leaks import leaked
from seqline.workspace import Workspace


@pytest.fixture
def project(tmp_path: Path, tiny_bundle: Path, make_project: Callable[[Path, Path], Workspace]) -> Workspace:
    return make_project(tmp_path, tiny_bundle)


def started_from(project: Workspace, *data: dict[str, Any] | None) -> int | None:
    """The leaks of a model trained on the present data that went on from one trained on ``data``."""
    start = {"model": "models:/x@champion", "content_hash": "0", "trained_on": list(data)}
    own = sha256(project.clean / "train.parquet")
    write_json(project.root / "lineage.json", {"training_data": own, "start": start if data else None})
    return leaked(project, project.root / "bundle", held_out(project))


def held_out(project: Workspace) -> pl.DataFrame:
    return pl.read_parquet(project.clean / "test.parquet", columns=["corpus", "source", "target"])


def former(project: Workspace, target: str) -> dict[str, Any]:
    """Earlier training data, kept by DVC, in which that target stands."""
    folder = project.root / "former"
    folder.mkdir()
    pl.DataFrame({"source": ["nothing of it"], "target": [target]}).write_parquet(folder / "train.parquet")
    return {"train": sha256(folder / "train.parquet"), "clean": put_into_dvc_cache(project.root, folder)}


def test_without_an_earlier_model_only_the_own_data_count(project: Workspace) -> None:
    assert started_from(project) == 0


def test_a_test_sentence_that_the_earlier_model_learnt_is_found_in_the_cache(project: Workspace) -> None:
    leak = held_out(project)["target"][0]
    assert started_from(project, former(project, leak)) == 1


def test_earlier_data_without_a_test_sentence_are_no_leak(project: Workspace) -> None:
    assert started_from(project, former(project, "没有")) == 0


def test_the_same_data_once_more_are_no_leak(project: Workspace) -> None:
    assert started_from(project, {"train": sha256(project.clean / "train.parquet"), "clean": None}) == 0


@pytest.mark.parametrize(
    "data", [None, {"train": "0" * 64, "clean": None}, {"train": "0" * 64, "clean": f"{'ab' * 16}.dir"}]
)
def test_nobody_can_tell_what_stood_in_data_that_are_not_here(project: Workspace, data: dict[str, Any] | None) -> None:
    assert started_from(project, data) is None


def test_nobody_can_tell_where_the_cache_holds_something_else(project: Workspace) -> None:
    assert started_from(project, {**former(project, "没有"), "train": "0" * 64}) is None


def test_nobody_can_tell_without_a_lineage(project: Workspace) -> None:
    assert leaked(project, project.root / "bundle", held_out(project)) is None
