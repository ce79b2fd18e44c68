"""The same work on many things: in this process, on its cores, or on a cluster; the results come in order."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, Literal, Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
_MOST_THREADS: Final = 4


class Workers(Protocol):
    """Who does the work. The function and the tasks may be sent to other processes, so both must be plain."""

    def map(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterable[Result]:
        """``function`` of every task, in the order of the tasks."""


class Alone:
    """This process."""

    def map(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterable[Result]:
        """One after the other."""
        return map(function, tasks)


class Threads:
    """Some threads of this process."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def map(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """Side by side, once the first one is done: it fills the tables that all share."""
        yield from map(function, tasks[:1])
        yield from self._pool.map(function, tasks[1:])


class Processes:
    """Some processes of this machine."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def map(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterable[Result]:
        """Side by side."""
        return self._pool.map(function, tasks)


def one_ahead(function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """``function`` of every task in their order, in a thread that is one task ahead of who takes the results."""
    with ThreadPoolExecutor(1) as thread:
        following = None
        for task in tasks:
            ready, following = following, thread.submit(function, task)
            if ready:
                yield ready.result()
        if following:
            yield following.result()


@contextmanager
def workers(engine: Literal["local", "ray"], num: int) -> Iterator[Workers]:
    """As many of them as are asked for, or a Ray cluster.

    One is this process, and a few are its threads: they start at once and share its memory, and what they mostly run
    (Polars, compiled loops) does not hold Python's lock. Many would wait for the rest, so they are processes.

    Raises:
        InputError: Ray is asked for and not installed.
    """
    if engine == "ray":
        from seqline.adapters.ray_workers import ray_workers

        with ray_workers(num) as cluster:
            yield cluster
        return
    if num <= 1:
        yield Alone()
        return
    if num <= _MOST_THREADS:
        with ThreadPoolExecutor(num) as threads:
            yield Threads(threads)
        return
    # Forked processes would inherit Polars' and Arrow's threads' locks, perhaps locked.
    context = multiprocessing.get_context("spawn")
    with _environment(POLARS_MAX_THREADS="1"), ProcessPoolExecutor(num, mp_context=context) as pool:
        yield Processes(pool)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Variables that new processes see and this one no longer when the block ends."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
