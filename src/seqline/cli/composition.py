"""Composes a stage as ``dvc.yaml`` calls it: its parameters, its threads, its tracker and the registry."""

import os
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING

from seqline.errors import InputError
from seqline.workspace import MODELS, Workspace

if TYPE_CHECKING:
    from seqline.params import Params
    from seqline.stages.job import Report
    from seqline.types import Registry, Tracker

# An allow-list: the name of a stage becomes the name of a module.
STAGES: dict[str, tuple[str, ...]] = {
    "download": (),
    "clean": (),
    "tokenize": (),
    "train": (),
    "synthesize": (),
    "distill": (),
    "prune": (),
    "quantize": (),
    "evaluate": MODELS,
    "register": (),
}
_TRACKED = ("train", "distill", "prune")
# Read by torch, MKL and Polars when they are imported; the bytes of a trained model depend on the number.
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")


def run_stage(address: str, work: Workspace) -> "Report":
    """Run one stage, ``NAME`` or ``NAME@ITEM``, on a project.

    Raises:
        InputError: there is no such stage or item.
        SeqlineError: the stage cannot finish; what it had made before is as it was.
    """
    name, item = parse(address)
    from seqline import params

    settings = params.load(work.params)
    use_threads(settings.project.threads)
    from seqline.stages.job import Job

    with _tracker(name, settings, work) as tracker:
        job = Job(settings, work, item, tracker, _registry(name, work))
        report: Report = import_module(f"seqline.stages.{name}").run(job)
    return report


def use_threads(number: int) -> None:
    """Let torch, MKL and Polars use so many threads; they ask once, when they are imported."""
    for variable in _THREADS:
        os.environ[variable] = str(number)


def parse(address: str) -> tuple[str, str]:
    """A stage's name and item (``""`` where it has none).

    Raises:
        InputError: there is no such stage or item.
    """
    name, _, item = address.partition("@")
    if name not in STAGES:
        raise InputError(f"{address!r}: no such stage; choose one of {', '.join(STAGES)}")
    if item not in (STAGES[name] or ("",)):
        ways = ", ".join(f"{name}@{one}" for one in STAGES[name]) or name
        raise InputError(f"{address!r}: no such stage; choose {ways}")
    return name, item


def _tracker(name: str, settings: "Params", work: Workspace) -> "AbstractContextManager[Tracker]":
    if name not in _TRACKED:
        from seqline.types import NoTracker

        return nullcontext(NoTracker())
    from seqline.adapters.mlflow_tracker import MlflowTracker

    return MlflowTracker(work.root, settings.project.name, name)


def _registry(name: str, work: Workspace) -> "Registry | None":
    if name != "register":
        return None
    from seqline.adapters.mlflow_registry import MlflowRegistry

    return MlflowRegistry(work.root)
