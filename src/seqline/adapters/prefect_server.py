"""A Prefect API for whoever has no server: in a thread of this process, so that it cannot outlive it.

Prefect would start a child process of its own, which takes longer and is left behind when its parent is killed.
The runs are kept in ``.prefect/`` either way.
"""

import atexit
import logging
import os
import socket
import sys
import threading
import time
from typing import NoReturn

from seqline.errors import SeqlineError

_START_S = 120.0
_POLL_S = 0.02
_THREAD = "prefect-api"


def ensure() -> bool:
    """Make sure that there is an API: the configured one, or a temporary one.

    Returns:
        True where a temporary one was started; it lasts as long as this process.

    Raises:
        SeqlineError: the temporary one did not start.
    """
    from prefect.context import refresh_global_settings_context
    from prefect.settings import get_current_settings

    if get_current_settings().api.url:
        return False
    import uvicorn
    from prefect.server.api.server import create_app

    listener = socket.create_server(("127.0.0.1", 0))
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
    refresh_global_settings_context()
    app = create_app(ephemeral=True, final=True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name=_THREAD, daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise SeqlineError("Prefect's temporary API did not start; `prefect server start` says more")
        time.sleep(_POLL_S)
    return True


def is_temporary() -> bool:
    """Whether the API is one that :func:`ensure` started in this process."""
    return any(thread.name == _THREAD for thread in threading.enumerate())


def leave(code: int) -> NoReturn:
    """End this process with an exit code that a script can trust.

    Native threads of the temporary API abort the process (SIGABRT) when one of them calls Python while the
    interpreter is being taken down. So where there is one, the process ends before that, but after Prefect's threads
    have written what they hold.
    """
    if is_temporary():
        atexit.register(_end, code)
    sys.exit(code)


def _end(code: int) -> None:
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
