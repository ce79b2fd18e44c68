"""Bring the graph up to date: one Prefect task per stage of ``dvc.yaml``, independent stages side by side.

    seqline run [STAGE…]            or  python -m flows pipeline [STAGE…]

DVC decides what is stale, and each stage runs through ``dvc repro --single-item``: the same commands and the same
hashes as ``dvc repro``. You will see each stage's own lines as they come, and at the end a table of what ran, what
was restored from an earlier run and what had not changed; Prefect keeps the table as an artifact.
A stage that fails stops what depends on it and nothing else.
"""

import os
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, cast
from uuid import UUID

from prefect import Task, flow, get_run_logger
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from seqline import looking, params
from seqline.adapters import dvc_cache, locks, prefect_runs
from seqline.adapters.dvc_graph import Stage
from seqline.adapters.fencing import Lease
from seqline.adapters.runner import Outcome, Runner
from seqline.errors import BusyError, InputError
from seqline.looking import Look
from seqline.workspace import Workspace

_MAX_PARALLEL = 16
SIDE_BY_SIDE = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=_MAX_PARALLEL))
_RETRY_DELAYS_S = [2.0, 10.0, 30.0]


@dataclass(frozen=True)
class Row:
    """A line of the table: what became of a stage, how long it took, and why."""

    stage: str
    did: Literal["ran", "restored", "unchanged", "failed", "not run"]
    seconds: float
    why: str


@dataclass(frozen=True)
class Hold:
    """A project that this run holds: where it lies, what runs its stages, and the lease that others may take."""

    work: Workspace
    runner: Runner
    lease: Lease


@flow(name="pipeline", task_runner=SIDE_BY_SIDE, validate_parameters=False)
def pipeline(root: str = ".", stages: list[str] | None = None, parallel: int = 2, wait_s: float = 0.0) -> list[Row]:
    """Bring the named stages and all they need (none named: everything) up to date.

    At most ``parallel`` are at work at once, and no more than the cores carry with ``project.threads`` each: two
    that fight for the same cores are slower than one after the other, and ``evaluate`` would measure the fight.
    Where another run is at work, this one waits for its turn ``wait_s`` seconds at most.

    Raises:
        ParamsError: params.yaml is not valid; nothing was run.
        BusyError: another run is at work on this project.
        InputError: there is no such stage, or a stage found fault with what it was given.
        StageError: a stage failed.
    """
    with at_work(root, wait_s) as hold:
        look = looking.look(hold.work, stages or [], tell=get_run_logger().warning)
        return bring_up_to_date(hold.runner, look, parallel)


@contextmanager
def at_work(root: str, wait_s: float = 0.0) -> Iterator[Hold]:
    """Hold the project for one run, repair what a killed one left, and leave no process behind, whatever happens."""
    work = Workspace(Path(root).resolve())
    if wait_s:
        _tell_if_busy(work, wait_s)
    with locks.run_lock(work.state, wait_s) as lease:
        logger = get_run_logger()
        for repaired in locks.heal(work.root):
            logger.warning(repaired)
        if crashed := prefect_runs.take_over(work.root, UUID(flow_run.id)):
            logger.warning(f"{crashed} flow run(s) killed earlier: marked as crashed")
        runner = Runner(work.root, keep=(lease.descriptor,), check=lease.check)
        try:
            yield Hold(work, runner, lease)
        finally:
            runner.end()


def _tell_if_busy(work: Workspace, wait_s: float) -> None:
    try:
        locks.ensure_free(work.state)
    except BusyError as error:
        get_run_logger().info(f"{error}; waiting for its end, {wait_s:g} s at most")


def bring_up_to_date(runner: Runner, look: Look, parallel: int = 2) -> list[Row]:
    """Run what is stale of the stages that were looked at, and record the table.

    Raises:
        SeqlineError: the first failure, after everything that does not depend on it has been done.
    """
    if not 1 <= parallel <= _MAX_PARALLEL:
        raise InputError(f"parallel: {parallel} is not between 1 and {_MAX_PARALLEL}")
    missing = [step.stage for step in look.steps.values() if step.only_lacks_files]
    dvc_cache.fetch(runner.root, missing, get_run_logger().warning)
    threads = params.load(Workspace(runner.root).params).project.threads
    walk = _Walk(look, runner)
    walk.go(min(parallel, max(1, num_cores() // threads)))
    rows = sorted(walk.rows, key=lambda row: list(look.steps).index(row.stage))
    _report(rows)
    if walk.failures:
        raise walk.failures[0]
    return rows


def num_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class _Walk:
    """One walk over the graph: what is done, what is at work, what waits."""

    look: Look
    runner: Runner
    rows: list[Row] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    _futures: dict[str, PrefectFuture[Any]] = field(default_factory=dict)
    _finished: "queue.Queue[str]" = field(default_factory=queue.Queue)

    def go(self, parallel: int) -> None:
        """Start each stage when what it needs is done, at most ``parallel`` at once, until none is left."""
        waiting, at_work = list(self.look.steps), 0
        while waiting or at_work:
            ready = [name for name in waiting if self._is_ready(name)]
            for name in ready[: parallel - at_work]:
                waiting.remove(name)
                self._submit(name)
                at_work += 1
            if not at_work:  # the rest needs what failed
                self.rows += [Row(name, "not run", 0.0, "needs what failed") for name in waiting]
                return
            self._collect(self._finished.get())
            at_work -= 1

    def _is_ready(self, name: str) -> bool:
        done = {row.stage for row in self.rows if row.did != "failed"}
        return self.look.graph.upstream[name] <= done

    def _submit(self, name: str) -> None:
        upstream = [self._futures[other] for other in sorted(self.look.graph.upstream[name])]
        future: PrefectFuture[Any] = self._task(self.look.graph.stages[name]).submit(
            return_state=False, wait_for=upstream
        )
        self._futures[name] = future
        future.add_done_callback(lambda _: self._finished.put(name))

    def _task(self, stage: Stage) -> "Task[[], Outcome]":
        return Task(
            partial(self._bring, stage),
            name=stage.name,
            task_run_name=stage.name,
            retries=stage.retries,
            retry_delay_seconds=_RETRY_DELAYS_S[: stage.retries],
            retry_condition_fn=self._may_retry,
            cache_policy=NO_CACHE,
            persist_result=False,
        )

    def _bring(self, stage: Stage) -> Outcome:
        forced = stage.name in self.look.forced
        if not forced and not self._why(stage.name):
            return Outcome(stage.name, "unchanged", 0.0)
        emit = get_run_logger().info
        outcome = self.runner.run(stage, emit, force=forced)
        if outcome.did == "restored" and stage.name in looking.changed_sources(Workspace(self.runner.root)):
            return self.runner.run(stage, emit, force=True)  # restored as of files that are others by now
        return outcome

    def _may_retry(self, _task: Any, _run: TaskRun, state: State[Any]) -> bool:
        error = state.result(raise_on_failure=False)
        return not self.runner.ended and not isinstance(error, InputError)

    def _why(self, name: str) -> str:
        own = self.look.forced.get(name) or self.look.steps[name].reason
        if own and not own.startswith("follows "):
            return own
        moved = {row.stage for row in self.rows if row.did in ("ran", "restored")}
        after = sorted(moved & self.look.graph.upstream[name])
        return f"follows {', '.join(after)}" if after else ""

    def _collect(self, name: str) -> None:
        future = self._futures[name]
        future.wait()  # else its state is asked of the server, which hears of it later
        state = future.state
        result = state.result(raise_on_failure=False)
        if isinstance(result, Outcome):
            self.rows.append(Row(name, result.did, result.seconds, self._why(name)))
        else:
            error = result if isinstance(result, BaseException) else RuntimeError(f"{name}: {state.message}")
            self.failures.append(error)
            self.rows.append(Row(name, "failed", 0.0, str(error)))


def _report(rows: list[Row]) -> None:
    logger = get_run_logger()
    width = max((len(row.stage) for row in rows), default=0)
    for row in rows:
        seconds = f"{row.seconds:7.1f} s" if row.seconds else " " * 9
        logger.info(f"{row.stage:{width}}  {row.did:9} {seconds}  {row.why}".rstrip())
    counts = {did: sum(row.did == did for row in rows) for did in dict.fromkeys(row.did for row in rows)}
    summary = ", ".join(f"{count} {did}" for did, count in counts.items())
    table = [{"stage": row.stage, "did": row.did, "seconds": round(row.seconds, 1), "why": row.why} for row in rows]
    create_table_artifact(key="stages", table=table, description=summary)
    logger.info(summary)
