"""Who goes first on the cores: whoever answers, before whoever translates."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Made = TypeVar("Made")
BEHIND: Final = 10
LAST: Final = 19


def behind(make: Callable[[], Made], niceness: int = BEHIND) -> Made:
    """What ``make`` returns. On Linux the threads that it starts yield to those of a lower niceness, for good.

    Without it, a flood that keeps all cores translating keeps the server's loop, and with it health, waiting.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="opener", initializer=_step_back, initargs=(niceness,)) as opener:
        return opener.submit(make).result()


def _step_back(niceness: int) -> None:
    """Linux has a niceness for each thread, which the threads that it starts inherit, and which one may only raise."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, max(niceness, os.getpriority(os.PRIO_PROCESS, thread)))
