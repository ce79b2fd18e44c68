"""Lineage: from a model back to the lines of the files it was made from.

It is collected when a model is registered and travels with it: the commit of the code, the hash of every stage's
inputs and outputs as ``dvc.lock`` has them, the raw files with their sums, licences and origins, the tokenizers,
the versions of the main packages.
"""

import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from seqline.adapters import dvc_cache
from seqline.errors import ArtifactError, MissingError
from seqline.files import MANIFEST, content_hash, manifest, read_json, sha256
from seqline.resolving import resolve
from seqline.types import Registry
from seqline.workspace import Workspace

PACKAGES = (
    "seqline",
    "torch",
    "ctranslate2",
    "sentencepiece",
    "sacrebleu",
    "polars",
    "numpy",
    "dvc",
    "prefect",
    "mlflow",
)
_NUM_EXAMPLES = 3
_TRAIN = "train.parquet"
_GIT_TIMEOUT_S = 10.0


def collect(work: Workspace, models: Iterable[str]) -> dict[str, Any]:
    """What the present outputs of the graph, ``models`` among them, were made from, as a JSON document.

    Raises:
        MissingError: the stages before have not run.
        ArtifactError: ``dvc.lock`` or a manifest is damaged.
    """
    tokenizers = manifest(work.tokenized)["files"]
    return {
        "code": _code(work.root),
        "packages": {"python": platform.python_version()} | {name: _package(name) for name in PACKAGES},
        "corpora": manifest(work.raw)["corpora"],
        "raw": manifest(work.raw)["files"],
        "training_data": manifest(work.clean)["files"][_TRAIN],
        "tokenizers": {name: tokenizers[name] for name in ("source.model", "target.model")},
        "start": manifest(teacher).get("start") if _finished(teacher := work.model("teacher")) else None,
        "models": {name: content_hash(work.model(name)) for name in models if _finished(work.model(name))},
        "stages": _stages(work.root / "dvc.lock"),
    }


def trace(work: Workspace, reference: str = "", registry: Registry | None = None) -> dict[str, Any]:
    """The lineage of a model: a name of the graph, a folder, a registered version; ``""`` is the champion.

    Raises:
        MissingError: there is no such model, or nothing is known of where it came from.
    """
    folder = resolve(work, reference, registry)
    beside = folder.parent / "lineage.json"
    if beside.is_file():
        lineage = read_json(beside)
    elif folder.resolve().parent == (work.root / "models").resolve():
        lineage = collect(work, work.models())
    else:
        raise MissingError(f"{folder}: its origin is not known; trace a model of the graph or a registered version")
    return {
        "model": reference or "champion",
        "content_hash": content_hash(folder),
        **lineage,
        "examples": _examples(work, lineage),
    }


def tell(lineage: dict[str, Any]) -> list[str]:
    """A lineage as lines of text: the model, the stages behind it, and the raw files at the end."""
    code = lineage["code"]
    state = code["commit"] or f"not known ({code['note']})"
    lines = [
        f"{lineage['model']}  sha256 {lineage['content_hash']}",
        f"├── code  {state}{' + uncommitted changes' if code['dirty'] else ''}",
        f"├── tokenizers  source {lineage['tokenizers']['source.model'][:16]}, "
        f"target {lineage['tokenizers']['target.model'][:16]}",
    ]
    if start := lineage.get("start"):
        lines.append(f"├── started from  {start['model']}, sha256 {start['content_hash']}")
    for name, stage in reversed(lineage["stages"].items()):
        lines.append(f"├── {name}")
        lines += [f"│   └── {path}  {digest}" for path, digest in stage["outs"].items()]
    lines.append("└── raw text")
    for corpus in lineage["corpora"]:
        lines.append(f"    └── {corpus['name']}.{corpus['split']}  {_told(corpus)}")
        lines += [f"        └── cite: {corpus['citation']}"] if corpus.get("citation") else []
        lines += [f"        └── {path}  sha256 {digest}" for path, digest in corpus["inputs"].items()]
        lines += [
            f"        └── line {row['line']}: {row['source']} → {row['target']}"
            for row in lineage["examples"]
            if corpus["split"] == "train" and row["corpus"] == corpus["name"]
        ]
    if not lineage["examples"]:
        way_back = f"git checkout {code['commit'] or 'ITS REVISION'} && dvc checkout data/clean"
        lines.append(f"no lines: its training data are neither in data/clean now nor in DVC's cache; try `{way_back}`")
    return lines


def _told(corpus: dict[str, Any]) -> str:
    """What is known of a corpus; what its entry does not say is left out."""
    size = f"{corpus['bytes']:,} bytes" if corpus.get("bytes") else ""
    day = f"of {corpus['date']}" if corpus.get("date") else ""
    facts = (f"{corpus['lines']:,} lines", size, corpus["licence"], corpus["url"] or corpus["kind"], day)
    return ", ".join(fact for fact in facts if fact)


def trained_on(lineage: Mapping[str, Any]) -> list[dict[str, Any] | None]:
    """The training data of a model, then of those that it started from; None: not known, as of any plain folder.

    Each by two sums: ``train`` of ``train.parquet``, ``clean`` of ``data/clean`` as DVC knows it, or None.
    """
    clean = lineage.get("stages", {}).get("clean", {}).get("outs", {}).get("data/clean")
    before = (lineage.get("start") or {}).get("trained_on", [])
    return [{"train": lineage.get("training_data"), "clean": clean}, *before]


def training_data(work: Workspace, data: Mapping[str, Any] | None) -> Path | None:
    """Where such data lie now: in ``data/clean``, or else in DVC's cache, to be read only; None: in neither."""
    if data is None:
        return None
    if _finished(work.clean) and manifest(work.clean)["files"].get(_TRAIN) == data["train"]:
        return work.clean / _TRAIN
    try:
        kept = dvc_cache.member(work.root, data["clean"] or "", _TRAIN)
    except (MissingError, ArtifactError):
        return None
    return kept if sha256(kept) == data["train"] else None


def _examples(work: Workspace, lineage: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The first training pairs with the line each was read from; none where they are not here any more."""
    path = training_data(work, trained_on(lineage)[0])
    if path is None:
        return []
    import polars as pl

    return pl.read_parquet(path, columns=["corpus", "line", "source", "target"], n_rows=_NUM_EXAMPLES).to_dicts()


def _code(root: Path) -> dict[str, Any]:
    try:
        commit = _git(root, "rev-parse", "HEAD")
        # dvc.lock is rewritten by every run and is recorded by itself; what git does not know, a corpus that was
        # dropped in, say, is recorded by its sum.
        changes = _git(root, "status", "--porcelain", "--untracked-files=no", "--", ".", ":!dvc.lock")
        return {"commit": commit, "dirty": bool(changes), "note": ""}
    except (OSError, subprocess.SubprocessError):
        return {"commit": None, "dirty": False, "note": "the project is not under git, or has no commit yet"}


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "--no-optional-locks", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=_GIT_TIMEOUT_S).stdout.strip()


def _package(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _finished(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def _stages(lock: Path) -> dict[str, Any]:
    """Per stage the hashes of its dependencies and outputs; nothing where DVC has not run."""
    try:
        content = YAML(typ="safe", pure=True).load(lock)
    except FileNotFoundError:
        return {}
    except YAMLError:
        raise ArtifactError(
            f"{lock}: not valid YAML; restore it (`git checkout dvc.lock`) or run `dvc repro`"
        ) from None
    stages = (content or {}).get("stages", {})
    return {
        name: {side: {entry["path"]: entry["md5"] for entry in stage.get(side, [])} for side in ("deps", "outs")}
        for name, stage in stages.items()
        if name != "register"
    }
