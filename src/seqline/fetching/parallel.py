"""Several jobs in threads, with results and failures in the order of the jobs, whichever ends first."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from seqline.errors import SeqlineError

Result = TypeVar("Result")


def run(jobs: Mapping[str, Callable[[], Result]], at_once: int, stop: threading.Event) -> dict[str, Result]:
    """Do all jobs, also where one fails, and give their results by name.

    An interruption sets ``stop``, which the jobs are to heed, and waits for them.

    Raises:
        SeqlineError: the first failure in the order of the jobs, with the words of the others beside its own.
    """
    with ThreadPoolExecutor(at_once) as pool:
        futures = {name: pool.submit(job) for name, job in jobs.items()}
        try:
            wait(futures.values())
        except BaseException:
            stop.set()
            raise
    failures = [error for future in futures.values() if (error := future.exception()) is not None]
    if failures:
        raise _joined(failures)
    return {name: future.result() for name, future in futures.items()}


def _joined(failures: list[BaseException]) -> BaseException:
    first = failures[0]
    if len(failures) > 1 and isinstance(first, SeqlineError):
        return type(first)("; ".join(str(error) for error in failures))
    return first
