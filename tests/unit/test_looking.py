"""What a look at a project finds, says, and takes for the same as before."""

import os
import subprocess
import sys

import pytest
import tiny_project

from seqline import looking
from seqline.adapters import environment
from seqline.errors import InputError
from seqline.workspace import Workspace


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A project whose four stages have run."""
    root = tiny_project.make(tmp_path_factory.mktemp("looked") / "project")
    subprocess.run(
        [sys.executable, "-m", "dvc", "repro", "--quiet"], cwd=root, check=True, env=environment.for_stage(root)
    )
    return Workspace(root)


def test_with_nothing_changed_it_says_where_it_looked(work: Workspace) -> None:
    found = looking.look(work)
    assert found.changed == []
    assert found.looked_at == "4 stages, 0 files of corpora here, 0 sources on the network"
    assert list(looking.look(work, ["b"]).steps) == ["a", "b@u", "b@v"]
    with pytest.raises(InputError, match="'x': no such stage"):
        looking.look(work, ["x"])


def test_what_changed_is_told_once_and_what_follows_is_not(work: Workspace) -> None:
    content = work.root / "in.txt"
    content.write_text("other\n", encoding="utf-8")
    first = looking.look(work)
    assert first.changed == ["a: in.txt changed"]
    state = looking.state(work, first)
    assert looking.state(work, looking.look(work)) == state
    content.write_text("yet another\n", encoding="utf-8")
    assert looking.look(work).changed == first.changed  # the same words …
    assert looking.state(work, looking.look(work)) != state  # … for another state
    content.write_text("hello\n", encoding="utf-8")
    os.utime(content)
    assert looking.look(work).changed == []


def test_stages_that_were_asked_for_run_whatever_was_seen(work: Workspace) -> None:
    found = looking.look(work)
    assert found.forcing(["b"]).forced == {"b@u": "asked for", "b@v": "asked for"}
    assert list(found.forcing([]).forced) == ["a", "b@u", "b@v", "c"]
    with pytest.raises(InputError, match="'x': no such stage"):
        found.forcing(["x"])
