"""The graph of stages as DVC sees it: what there is, what is stale and why, in which order it runs."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from seqline.adapters import timings
from seqline.errors import InputError, MissingError, SeqlineError


@dataclass(frozen=True)
class Stage:
    """One node. ``retries`` and ``timeout_s`` come from its ``meta: prefect:``; no time-out: None."""

    name: str
    command: str
    dependencies: tuple[str, ...]
    outputs: tuple[str, ...]
    retries: int = 0
    timeout_s: float | None = None


@dataclass(frozen=True)
class Graph:
    """Every stage by name, and for each the names of those whose outputs it reads."""

    stages: Mapping[str, Stage]
    upstream: Mapping[str, frozenset[str]]

    def order(self) -> list[str]:
        """All names, each after those it depends on; within a level as in ``dvc.yaml``."""
        sorter = TopologicalSorter(self.upstream)
        sorter.prepare()
        order: list[str] = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready(), key=list(self.stages).index)
            sorter.done(*ready)
            order += ready
        return order

    def with_upstream(self, names: Iterable[str]) -> list[str]:
        """The named stages and all they need, in order. ``evaluate`` names every ``evaluate@…``.

        Raises:
            InputError: there is no such stage.
        """
        wanted: set[str] = set()
        waiting = self.named(names)
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting += self.upstream[name]
        return [name for name in self.order() if name in wanted]

    def named(self, names: Iterable[str]) -> list[str]:
        """The named stages and nothing else; ``evaluate`` names every ``evaluate@…``.

        Raises:
            InputError: there is no such stage.
        """
        return [match for name in names for match in self._matches(name)]

    def _matches(self, name: str) -> list[str]:
        found = [stage for stage in self.stages if stage == name or stage.split("@")[0] == name]
        if not found:
            raise InputError(f"{name!r}: no such stage; dvc.yaml has {', '.join(self.stages)}")
        return found


@dataclass(frozen=True)
class Step:
    """A stage of a plan: why it would run (``""``: it would not), and how long it took the last time."""

    stage: str
    reason: str
    seconds: float | None

    @property
    def only_lacks_files(self) -> bool:
        """Whether nothing that is here has changed: then what is missing may come from elsewhere."""
        lacks = ("is missing", "is not in the cache")
        return bool(self.reason) and all(one.endswith(lacks) for one in self.reason.split("; "))


def load(root: Path) -> Graph:
    """Read the graph.

    Raises:
        MissingError: there is no DVC project at ``root``.
        InputError: ``dvc.yaml`` is not valid.
    """
    with open_repository(root) as repository:
        return _graph(repository)


def stale(root: Path) -> dict[str, str]:
    """The stages whose own inputs, parameters, command or outputs changed, with the reason in plain words.

    A stage that only depends on such a stage is not among them: whether it runs shows when its inputs are there.

    Raises:
        MissingError: there is no DVC project at ``root``.
        InputError: ``dvc.yaml`` is not valid.
    """
    with open_repository(root) as repository:
        return _stale(repository)


def plan(root: Path, names: Iterable[str] = ()) -> list[Step]:
    """What a run of the named stages and all they need (none named: of everything) would do, in order.

    Raises:
        MissingError: there is no DVC project at ``root``.
        InputError: ``dvc.yaml`` is not valid, or there is no such stage.
    """
    with open_repository(root) as repository:
        graph, reasons = _graph(repository), _stale(repository)
    took_s = timings.read(root)
    steps: dict[str, Step] = {}
    for name in graph.with_upstream(names or graph.stages):
        before = [other for other in graph.order() if other in graph.upstream[name] and steps[other].reason]
        follows = f"follows {', '.join(before)}" if before else ""
        steps[name] = Step(name, reasons.get(name, follows), took_s.get(name))
    return list(steps.values())


@contextmanager
def open_repository(root: Path) -> Iterator[Any]:
    """DVC's own view of a project, from its folder; what DVC refuses is said in one line.

    Raises:
        MissingError: no DVC project.
        InputError: ``dvc.yaml`` is not valid.
        SeqlineError: another DVC command holds the lock.
    """
    from dvc.exceptions import DvcException, NotDvcRepoError
    from dvc.repo import Repo

    try:
        # DVC names stages and files as seen from the current folder.
        with warnings.catch_warnings(), chdir(root), Repo(str(root)) as repository:
            warnings.simplefilter("ignore", DeprecationWarning)  # DVC's own, about the libraries that it uses
            yield repository
    except (NotDvcRepoError, FileNotFoundError):
        raise MissingError(f"{root}: not a DVC project; run in the project's folder") from None
    except DvcException as error:
        if "lock" in type(error).__name__.lower():
            raise SeqlineError(f"{root}: another DVC command is at work here; try again") from None
        raise InputError(f"{root / 'dvc.yaml'}: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split("\n")[:3]).strip()


def _graph(repository: Any) -> Graph:
    nodes = [stage for stage in repository.index.stages if stage.cmd]
    edges = repository.index.graph
    names = {stage: stage.addressing for stage in nodes}
    return Graph(
        stages={names[stage]: _stage(stage) for stage in nodes},
        upstream={names[stage]: frozenset(names[one] for one in edges.successors(stage)) for stage in nodes},
    )


def _stage(stage: Any) -> Stage:
    declared = (stage.meta or {}).get("prefect", {})
    timeout_s = declared.get("timeout_s")
    return Stage(
        name=stage.addressing,
        command=str(stage.cmd),
        dependencies=tuple(dict.fromkeys(dependency.def_path for dependency in stage.deps)),
        outputs=tuple(output.def_path for output in stage.outs),
        retries=int(declared.get("retries", 0)),
        timeout_s=None if timeout_s is None else float(timeout_s),
    )


def _stale(repository: Any) -> dict[str, str]:
    never = {
        stage.addressing
        for stage in repository.index.stages
        if stage.outs and all(not output.hash_info.value for output in stage.outs)
    }
    status = repository.status()
    return {
        name: "it has never run" if name in never else "; ".join(_reasons(entries)) for name, entries in status.items()
    }


def _reasons(entries: Iterable[Any]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, str):
            yield {"changed command": "its command changed"}.get(entry, entry)
            continue
        for kind, changes in entry.items():
            for path, change in changes.items():
                yield from _reason(path, change, is_output=kind == "changed outs")


def _reason(path: str, change: Any, *, is_output: bool) -> Iterator[str]:
    if isinstance(change, dict):  # a parameter file: one change per key
        words = {"new": "is new", "deleted": "is gone", "modified": "changed"}
        yield from (f"{key} {words.get(what, what)} in {path}" for key, what in sorted(change.items()))
    elif is_output:
        words = {"deleted": "is missing", "not in cache": "is not in the cache"}
        yield f"its output {path} {words.get(change, 'was changed by hand')}"
    else:
        words = {"deleted": "is missing", "new": "is a new dependency"}
        yield f"{path} {words.get(change, 'changed')}"
