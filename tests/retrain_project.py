"""A project that retrains in seconds: one stage takes a ready bundle, the next registers it; the registry is real."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import tiny_project
from tiny_bundles import write_bundle, write_project

from seqline.adapters import environment
from seqline.adapters.mlflow_registry import MlflowRegistry
from seqline.files import content_hash
from seqline.types import Version
from seqline.workspace import Workspace

NAME = "phrasebook-en-zh"
REGISTER = """\
  register:
    cmd: python -m seqline stage register
    deps: [models/selected]
    outs: [reports/register.json]
    meta: {prefect: {retries: 1, timeout_s: 120}}
"""
DVC_YAML = f"""\
stages:
  take:
    cmd: python take.py
    deps: [which.txt, take.py]
    outs: [models/selected]
{REGISTER}"""
# Slowly enough to be killed in the middle.
TAKE = """\
import shutil, sys, time
from pathlib import Path
from seqline.files import manifest, staged
bundle = Path("bundles", Path("which.txt").read_text().strip())
with staged(Path("models/selected")) as folder:
    for name in manifest(bundle)["files"]:
        shutil.copyfile(bundle / name, folder / name)
        time.sleep(0.1)
"""
SMALL = {
    "threads": 1, "resamples": 100, "speed_pairs": 8, "latency_pairs": 8, "min_test_pairs": 50, "max_p95_ms": "null"
}  # fmt: skip


def make(folder: Path) -> Path:
    """The project with one bundle, ``v1``, which scores 100 BLEU; nothing has run."""
    root = tiny_project.make(folder)
    write_project(root, write_bundle(root / "bundles" / "v1", seed=1, name="v1"))
    for name in ("models", "reports/register.json"):
        shutil.rmtree(root / name, ignore_errors=True)
    params = (root / "params.yaml").read_text(encoding="utf-8")
    for key, value in SMALL.items():
        params, found = re.subn(rf"^(  {key}: )\S+", rf"\g<1>{value}", params, flags=re.MULTILINE)
        assert found, f"params.yaml has no {key}"
    (root / "params.yaml").write_text(params, encoding="utf-8")
    (root / "profiles").mkdir()
    shutil.copyfile(root / "params.yaml", root / "profiles" / "phrasebook.yaml")
    (root / "dvc.yaml").write_text(DVC_YAML, encoding="utf-8")
    (root / "take.py").write_text(TAKE, encoding="utf-8")
    (root / ".gitignore").write_text("".join(f"/{name}/\n" for name in ("bundles", "data", "models", "reports")))
    take(root, "v1")
    return root


DROPPED_YAML = f"""\
stages:
  download:
    cmd: python -m seqline stage download
    params: [download]
    outs: [data/raw]
  take:
    cmd: python choose.py && python take.py
    deps: [data/raw, choose.py, take.py]
    outs: [models/selected]
{REGISTER}"""
CHOOSE = """\
import json
from pathlib import Path
(train,) = json.loads(Path("data/raw/manifest.json").read_text())["corpora"]
Path("which.txt").write_text(f"v{len(train['inputs'])}")
"""
CORPORA = """\
  corpora:
    - kind: local
      name: dropped
      split: train
      table: incoming/*.tsv

"""


def watching(root: Path) -> Path:
    """The project, made to read ``incoming/*.tsv``: with N files, bundle vN is what comes out."""
    params = (root / "params.yaml").read_text(encoding="utf-8")
    changed = re.sub(r"^  corpora:\n    - kind: generated.*?\n\n", CORPORA, params, flags=re.MULTILINE | re.DOTALL)
    assert changed != params
    (root / "params.yaml").write_text(changed, encoding="utf-8")
    (root / "dvc.yaml").write_text(DROPPED_YAML, encoding="utf-8")
    (root / "choose.py").write_text(CHOOSE, encoding="utf-8")
    shutil.rmtree(root / "data" / "raw")
    drop(root, "a")
    return root


def drop(root: Path, name: str) -> None:
    """A new file, whole at once."""
    (root / "incoming").mkdir(exist_ok=True)
    partial = root / "incoming" / f"{name}.part"
    partial.write_text(f"{name}\t{name}\n", encoding="utf-8")
    partial.rename(partial.with_suffix(".tsv"))


def take(root: Path, name: str, *, seed: int = 1) -> None:
    """Choose the bundle that the next run registers; seed 1 translates as ``v1`` does, others nonsense."""
    if not (root / "bundles" / name).is_dir():
        write_bundle(root / "bundles" / name, seed=seed, name=name)
    (root / "which.txt").write_text(f"{name}\n", encoding="utf-8")


def content(root: Path, name: str) -> str:
    return content_hash(root / "bundles" / name)


def versions(root: Path) -> list[Version]:
    return MlflowRegistry(root).versions(NAME)


def aliases(root: Path) -> dict[str, int]:
    return {alias: one.number for one in versions(root) for alias in one.aliases}


def state(root: Path) -> Path:
    return Workspace(root).state


def env(root: Path, **more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    return {**environment.for_stage(root), **environment.settings(root), **inherited, **more} | {
        "PATH": environment.for_stage(root)["PATH"]
    }


def dvc(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["python", "-m", "dvc", *arguments], cwd=root, env=env(root), capture_output=True, text=True, check=True
    )
    return done.stdout
