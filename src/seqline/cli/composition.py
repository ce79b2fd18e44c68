"""Composes a stage as ``dvc.yaml`` calls it: its parameters, its threads, its tracker and the registry."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING

import typer

from seqline.errors import InputError, SeqlineError
from seqline.workspace import Workspace

if TYPE_CHECKING:
    from seqline.params import Params
    from seqline.stages.job import Report
    from seqline.types import Registry, Tracker

# An allow-list: the name of a stage becomes the name of a module.
STAGES = (
    "download", "clean", "tokenize", "train", "synthesize", "distill", "prune", "quantize", "evaluate", "select",
    "register",
)  # fmt: skip
_TRAINED = ("train", "distill", "prune")
# Read by torch, MKL and Polars when they are imported; the bytes of a trained model depend on the number. Not MKL's own
# variable: it overrules CTranslate2, each of whose workers takes one core, and a line then takes ten times as long.
_THREADS = ("OMP_NUM_THREADS", "POLARS_MAX_THREADS")


def run_stage(address: str, work: Workspace) -> "Report":
    """Run one stage, ``NAME`` or ``NAME@ITEM``, on a project.

    A stage that trains a model runs in ``project.processes`` processes, unless ``torchrun`` started this one.

    Raises:
        InputError: there is no such stage or item.
        typer.Exit: another process has said what came out.
        SeqlineError: the stage cannot finish; what it had made before is as it was.
    """
    name, item = parse(address)
    from seqline import params

    settings = params.load(work.params)
    _check_item(name, item, settings)
    use_threads(settings.project.threads)
    if name in _TRAINED and settings.project.processes > 1 and "WORLD_SIZE" not in os.environ:
        raise typer.Exit(_code_of_all(address, settings.project.processes, work))
    from seqline.stages.job import Job

    with _silent_unless_first(), _tracker(name, settings, work) as tracker:
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
        InputError: there is no such stage.
    """
    name, _, item = address.partition("@")
    if name not in STAGES:
        raise InputError(f"{address!r}: no such stage; choose one of {', '.join(STAGES)}")
    return name, item


def _check_item(name: str, item: str, settings: "Params") -> None:
    items: dict[str, list[str]] = {
        "prune": list(settings.prune.models),
        "quantize": list(settings.quantize.models),
        "evaluate": settings.evaluate.models,
    }
    if item not in items.get(name, [""]):
        ways = ", ".join(f"{name}@{one}" for one in items.get(name, [])) or name
        raise InputError(f"{name}@{item}: no such stage; choose {ways}")


def _code_of_all(address: str, processes: int, work: Workspace) -> int:
    from seqline.adapters import together

    return together.run([sys.executable, "-m", "seqline", "stage", address], processes, work.root)


def _is_first() -> bool:
    """Whether this process is the only one, or the first of several that train together."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def _silent_unless_first() -> Iterator[None]:
    """What ends all processes that train together, well or not, is told by the first one."""
    try:
        yield
    except SeqlineError as error:
        if _is_first():
            raise
        raise typer.Exit(error.exit_code) from None
    if not _is_first():
        raise typer.Exit(0)


def _tracker(name: str, settings: "Params", work: Workspace) -> "AbstractContextManager[Tracker]":
    if name not in _TRAINED or not _is_first():
        from seqline.types import NoTracker

        return nullcontext(NoTracker())
    from seqline.adapters.mlflow_tracker import MlflowTracker

    return MlflowTracker(work.root, settings.project.name, name)


def _registry(name: str, work: Workspace) -> "Registry | None":
    if name != "register":
        return None
    from seqline.adapters.outbox import WaitingRegistry

    return WaitingRegistry(work.root)
