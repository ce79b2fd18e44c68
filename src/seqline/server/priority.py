"""Who goes first on the cores: whoever answers, before whoever translates."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")
_NICENESS = 10


def behind(make: Callable[[], Made]) -> Made:
    """What ``make`` returns. On Linux the threads that it starts yield to those of ordinary priority, for good.

    Without it, a flood that keeps all cores translating keeps the server's loop, and with it health, waiting.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="opener", initializer=_step_back) as opener:
        return opener.submit(make).result()


def _step_back() -> None:
    """Linux has a niceness for each thread, which the threads that it starts inherit."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
