"""The graph as DVC sees it: names, edges, order, and what is stale in plain words."""

import shutil
from pathlib import Path

import pytest
import tiny_project

from seqline.adapters import dvc_graph, timings
from seqline.adapters.runner import Runner
from seqline.errors import InputError, MissingError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_project.make(tmp_path / "project")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every stage has run; do not alter it."""
    root = tiny_project.make(tmp_path_factory.mktemp("finished") / "project")
    graph, runner = dvc_graph.load(root), Runner(root)
    for name in graph.order():
        runner.run(graph.stages[name], lambda line: None)
    return root


@pytest.fixture
def again(finished: Path, tmp_path: Path) -> Path:
    """Every stage has run; yours to alter."""
    return shutil.copytree(finished, tmp_path / "again")


def test_stages_come_with_edges_and_what_their_meta_declares(root: Path) -> None:
    graph = dvc_graph.load(root)
    assert graph.order() == ["a", "b@u", "b@v", "c"]
    assert graph.upstream["c"] == {"b@u", "b@v"}
    assert graph.upstream["a"] == frozenset()
    stage = graph.stages["a"]
    assert (stage.retries, stage.timeout_s, stage.outputs) == (2, 60.0, ("a.txt",))
    assert (graph.stages["c"].retries, graph.stages["c"].timeout_s) == (0, None)


def test_a_target_brings_all_it_needs_and_a_bare_name_means_every_item(root: Path) -> None:
    graph = dvc_graph.load(root)
    assert graph.with_upstream(["b@v"]) == ["a", "b@v"]
    assert graph.with_upstream(["b"]) == ["a", "b@u", "b@v"]


def test_an_unknown_stage_is_refused_with_the_names_there_are(root: Path) -> None:
    with pytest.raises(InputError, match=r"'d': no such stage; dvc\.yaml has a, b@u, b@v, c"):
        dvc_graph.plan(root, ["d"])


def test_what_never_ran_says_so(root: Path) -> None:
    assert dvc_graph.stale(root) == dict.fromkeys(["a", "b@u", "b@v", "c"], "it has never run")


def test_nothing_is_stale_after_a_run_and_its_durations_are_known(finished: Path) -> None:
    assert dvc_graph.stale(finished) == {}
    steps = dvc_graph.plan(finished)
    assert [step.reason for step in steps] == [""] * 4
    assert all(step.seconds is not None and step.seconds > 0 for step in steps)


def test_each_kind_of_change_has_its_reason_and_descendants_follow(again: Path) -> None:
    root = again
    tiny_project.edit(root / "tiny.yaml", "one: 1", "one: 5")
    (root / "b.u.txt").unlink()
    tiny_project.edit(root / "dvc.yaml", "cat b.u.txt", "cat  b.u.txt")
    assert {step.stage: step.reason for step in dvc_graph.plan(root)} == {
        "a": "x.one changed in tiny.yaml",
        "b@u": "its output b.u.txt is missing",
        "b@v": "follows a",
        "c": "b.u.txt is missing; its command changed",
    }
    (root / "in.txt").write_text("other\n", encoding="utf-8")
    assert dvc_graph.stale(root)["a"] == "in.txt changed; x.one changed in tiny.yaml"


def test_a_parameter_nobody_names_makes_nothing_stale(again: Path) -> None:
    tiny_project.edit(again / "tiny.yaml", "two: 2", "two: 3")
    assert dvc_graph.stale(again) == {}


def test_a_folder_without_dvc_and_a_broken_graph_are_named(tmp_path: Path, root: Path) -> None:
    with pytest.raises(MissingError, match="not a DVC project"):
        dvc_graph.load(tmp_path / "project" / "..")
    (root / "dvc.yaml").write_text("stages: [", encoding="utf-8")
    with pytest.raises(InputError, match=r"dvc\.yaml"):
        dvc_graph.load(root)


def test_damaged_timings_are_as_good_as_none(tmp_path: Path) -> None:
    timings.remember(tmp_path, "a", 1.26)
    assert timings.read(tmp_path) == {"a": 1.3}
    (tmp_path / ".seqline" / "timings.json").write_text("{", encoding="utf-8")
    assert timings.read(tmp_path) == {}
