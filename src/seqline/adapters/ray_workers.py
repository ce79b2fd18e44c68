"""Workers of a Ray cluster: the one that ``RAY_ADDRESS`` names, or else one of this machine's cores.

The tasks read and write files, so every machine of a cluster must see the project under the same path.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from seqline.errors import InputError

Task = TypeVar("Task")
Result = TypeVar("Result")


class RayWorkers:
    """One core of the cluster per task."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._call = ray.remote(num_cpus=1, max_retries=3)(_call)

    def map(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterable[Result]:
        """Side by side; the results come in the order of the tasks, and the function is sent once."""
        sent = self._ray.put(function)
        waiting = [self._call.remote(sent, task) for task in tasks]
        return (self._ray.get(one) for one in waiting)


@contextmanager
def ray_workers(num_cores: int) -> Iterator[RayWorkers]:
    """Join a cluster, or start one of ``num_cores`` here and stop it when the block ends.

    Raises:
        InputError: Ray is not installed.
    """
    try:
        import ray
    except ImportError:
        raise InputError(
            "clean.engine: ray is not installed; run `pip install 'seqline[ray]'`, or say `local`"
        ) from None
    variables = {"POLARS_MAX_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0"}
    ray.init(
        num_cpus=None if "RAY_ADDRESS" in os.environ else num_cores,
        include_dashboard=False,
        logging_level=logging.ERROR,
        log_to_driver=False,
        runtime_env={"env_vars": variables},
    )
    try:
        yield RayWorkers(ray)
    finally:
        ray.shutdown()


def _call(function: Callable[[Task], Result], task: Task) -> Result:
    return function(task)
