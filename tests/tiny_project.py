"""A DVC project of four tiny stages in a git repository of its own: a → b@u, b@v → c."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
DVC_YAML = """\
stages:
  a:
    cmd: echo reading; cat in.txt > a.txt
    deps: [in.txt]
    params:
      - tiny.yaml: [x.one]
    outs: [a.txt]
    meta: {prefect: {retries: 2, timeout_s: 60}}
  b:
    foreach: [u, v]
    do:
      cmd: 'echo begin ${item}; sleep 0; (cat a.txt; echo ${item}) > b.${item}.txt'
      deps: [a.txt]
      params:
        - tiny.yaml: [y]
      outs: ["b.${item}.txt"]
  c:
    cmd: cat b.u.txt b.v.txt > c.txt
    deps: [b.u.txt, b.v.txt]
    outs: [c.txt]
"""


def make(folder: Path) -> Path:
    """Write the project, with the flows of the real one, into an empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "--quiet", "."], cwd=folder, check=True)
    shutil.copytree(ROOT / ".dvc", folder / ".dvc", ignore=shutil.ignore_patterns("tmp", "cache", "config.local"))
    shutil.copytree(ROOT / "flows", folder / "flows", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "dvc.yaml").write_text(DVC_YAML, encoding="utf-8")
    params = (ROOT / "profiles" / "phrasebook.yaml").read_text(encoding="utf-8")
    (folder / "params.yaml").write_text(params.replace("threads: 2", "threads: 1"), encoding="utf-8")
    (folder / "tiny.yaml").write_text("x: {one: 1, two: 2}\ny: 1\n", encoding="utf-8")
    (folder / "in.txt").write_text("hello\n", encoding="utf-8")
    return folder


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new), encoding="utf-8")


def wait_for(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
