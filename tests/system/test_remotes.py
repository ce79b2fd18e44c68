"""Models travel: pushed to a remote or kept in a shared cache, they are there in a fresh clone, and no stage runs."""

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import tiny_project
from ruamel.yaml import YAML

from seqline.adapters import dvc_cache, dvc_graph, environment
from seqline.adapters.runner import Runner
from seqline.files import content_hash

BUCKET = "seqline-test"
LINE = "the cat sat on the mat"
DVC_YAML = """\
stages:
  train:
    cmd: echo train >> ../ran && mkdir -p models && cp -r seed models/teacher
    deps: [seed]
    outs: [models/teacher]
  quantize:
    cmd: echo quantize >> ../ran && cp -r models/teacher models/selected
    deps: [models/teacher]
    outs: [models/selected]
"""
SECRETS = {"AWS_ACCESS_KEY_ID": "an-invented-id", "AWS_SECRET_ACCESS_KEY": "an-invented-secret"}
AWS = {**SECRETS, "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
IDENTITY = {f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@dataclass(frozen=True)
class Checkout:
    """A project whose two stages make a model, in a git repository; every run of a stage is noted beside it."""

    root: Path

    def run(self, *command: str, code: int = 0) -> str:
        """What a command says, on both channels; its exit code must be ``code``."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command, cwd=self.root, env={**environment.for_stage(self.root), **IDENTITY, "PATH": path},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout
        return done.stdout

    def dvc(self, *arguments: str, code: int = 0) -> str:
        return self.run(sys.executable, "-m", "dvc", *arguments, code=code)

    def commit(self) -> None:
        self.run("git", "add", "-A")
        self.run("git", "commit", "--quiet", "--allow-empty", "-m", "what was made")

    def clone(self, name: str) -> "Checkout":
        other = Checkout(self.root.with_name(name))
        self.run("git", "clone", "--quiet", ".", str(other.root))
        return other

    def translate(self, code: int = 0) -> str:
        command = f"echo {LINE} | {sys.executable} -m seqline translate --model selected --threads 1"
        return self.run("sh", "-c", command, code=code)

    @property
    def ran(self) -> list[str]:
        """The stages that ran, here or in a clone beside it, one entry a run."""
        return (self.root.parent / "ran").read_text().split()


@pytest.fixture
def origin(tmp_path: Path, tiny_bundle: Path) -> Checkout:
    root = tmp_path / "origin"
    shutil.copytree(
        tiny_project.ROOT / ".dvc", root / ".dvc", ignore=shutil.ignore_patterns("tmp", "cache", "config.local")
    )
    shutil.copytree(tiny_bundle, root / "seed")
    (root / "dvc.yaml").write_text(DVC_YAML)
    (root / ".gitignore").write_text("/models/\n")
    checkout = Checkout(root)
    checkout.run("git", "init", "--quiet", ".")
    checkout.dvc("repro", "--quiet")
    checkout.commit()
    return checkout


def test_a_run_fetches_what_only_the_remote_has_instead_of_making_it_anew(origin: Checkout, tmp_path: Path) -> None:
    origin.dvc("remote", "add", "--default", "store", str(tmp_path / "store"))
    origin.commit()
    origin.dvc("push")
    clone = origin.clone("clone")
    missing = [step.stage for step in dvc_graph.plan(clone.root) if step.only_lacks_files]
    assert missing == ["train", "quantize"]
    said: list[str] = []
    dvc_cache.fetch(clone.root, missing, said.append)
    runner, stages = Runner(clone.root), dvc_graph.load(clone.root).stages
    assert [runner.run(stages[name], said.append).did for name in missing] == ["restored", "restored"]
    assert origin.ran == ["train", "quantize"]


def test_a_remote_that_does_not_give_is_told_in_one_line(origin: Checkout) -> None:
    said: list[str] = []
    clone = origin.clone("clone")
    dvc_cache.fetch(clone.root, ["train"], said.append)
    assert said == [], "there is none"
    clone.dvc("remote", "add", "--default", "store", "azure://nowhere/needs/another/package")
    dvc_cache.fetch(clone.root, ["train"], said.append)
    assert len(said) == 1
    assert "azure" in said[0]
    assert said[0].endswith("what is missing is made anew")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """An S3 bucket on this machine, as the address of its server; the keys are in the environment only."""
    pytest.importorskip("dvc_s3", reason="S3 is the extra `s3`: pip install -c constraints.txt -e '.[s3]'")
    server = pytest.importorskip("moto.server", reason="moto, the S3 server of this test, is not installed")
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    try:
        httpx.put(f"http://{host}:{port}/{BUCKET}").raise_for_status()
        yield f"http://{host}:{port}"
    finally:
        running.stop()


def travel(origin: Checkout) -> Checkout:
    """Push, clone, pull; what the clone then has must be what the origin made, and nothing may run to get it."""
    origin.commit()
    origin.dvc("push")
    shutil.rmtree(origin.root / ".dvc" / "cache")  # so that only the remote can give it
    clone = origin.clone("clone")
    assert not (clone.root / "models").exists()
    clone.dvc("pull")
    assert "up to date" in clone.dvc("status")
    assert clone.dvc("repro").count("didn't change, skipping") == 2
    assert origin.ran == ["train", "quantize"]
    for model in ("teacher", "selected"):
        assert content_hash(clone.root / "models" / model) == content_hash(origin.root / "models" / model)
    assert clone.translate() == origin.translate() != ""
    return clone


def test_a_fresh_clone_pulls_from_a_folder_and_trains_nothing(origin: Checkout, tmp_path: Path) -> None:
    origin.dvc("remote", "add", "--default", "store", str(tmp_path / "store"))
    travel(origin)


def test_a_fresh_clone_pulls_from_s3_and_trains_nothing(origin: Checkout, bucket: str) -> None:
    origin.dvc("remote", "add", "--default", "store", f"s3://{BUCKET}/phrasebook")
    origin.dvc("remote", "modify", "store", "endpointurl", bucket)
    clone = travel(origin)
    tracked = clone.run("git", "grep", "--text", "-l", "-e", "", "--", ".")
    assert ".dvc/config" in tracked
    for secret in SECRETS.values():
        clone.run("git", "grep", "--text", "-l", "-e", secret, code=1)


def test_what_a_remote_has_damaged_is_refused(origin: Checkout, tmp_path: Path) -> None:
    store = tmp_path / "store"
    origin.dvc("remote", "add", "--default", "store", str(store))
    origin.commit()
    origin.dvc("push")
    largest = max((path for path in store.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    largest.chmod(0o644)
    largest.write_bytes(largest.read_bytes()[:-1] + b"?")
    trusting = origin.clone("trusting")
    trusting.dvc("pull")  # DVC believes a remote unless told not to
    told = trusting.translate(code=1)
    assert told.count("\n") == 1
    assert re.search(r"models/selected/\S+: content differs from manifest.json", told)
    wary = origin.clone("wary")
    wary.dvc("remote", "modify", "--local", "store", "verify", "true")
    wary.dvc("pull", code=1)
    assert largest.name not in {path.name for path in (wary.root / ".dvc" / "cache").rglob("*")}


@pytest.mark.parametrize("kind", ["hardlink", "symlink"])
def test_users_of_one_cache_find_each_others_models(origin: Checkout, tmp_path: Path, kind: str) -> None:
    def share(checkout: Checkout) -> None:
        for key, value in {"dir": str(tmp_path / "shared"), "shared": "group", "type": kind}.items():
            checkout.dvc("config", "--local", f"cache.{key}", value)

    shutil.move(origin.root / ".dvc" / "cache", tmp_path / "shared")
    share(origin)
    origin.dvc("checkout", "--relink", "--force")
    clone = origin.clone("clone")
    share(clone)
    clone.dvc("checkout")
    assert clone.dvc("repro").count("didn't change, skipping") == 2
    assert clone.translate() == origin.translate() != ""
    assert origin.ran == ["train", "quantize"]
    assert not (clone.root / ".dvc" / "cache").exists()
    weights = clone.root / "models" / "selected" / "model.bin"
    assert weights.stat().st_nlink > 1 or weights.is_symlink()  # kept once for all
    assert stat.S_IMODE(weights.stat().st_mode) & 0o222 == 0  # nobody may alter it in place
    lock = YAML(typ="safe", pure=True).load((clone.root / "dvc.lock").read_text(encoding="utf-8"))
    dvc_cache.copy_folder(clone.root, lock["stages"]["quantize"]["outs"][0]["md5"], tmp_path / "copied")
    assert content_hash(tmp_path / "copied") == content_hash(clone.root / "models" / "selected")
