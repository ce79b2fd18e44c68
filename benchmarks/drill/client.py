"""A client that asks a server again and again, whatever becomes of it."""

import http.client
import json
import threading
from types import TracebackType
from typing import Self


class Client:
    """While it is entered, it asks; ``versions`` are those that answered, each once."""

    def __init__(self, port: int) -> None:
        self.port, self.versions, self.num_answers = port, set[str](), 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def ask(self) -> str:
        """The version that translates one line now."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        link.request("POST", "/translate", json.dumps({"lines": ["the cat sat"]}), {"Content-Type": "application/json"})
        return str(json.loads(link.getresponse().read())["version"])

    def _ask_on(self) -> None:
        while not self._done.wait(0.05):
            try:
                self.versions.add(self.ask())
                self.num_answers += 1
            except (OSError, http.client.HTTPException, ValueError, KeyError):
                continue  # it is being killed, or starts
