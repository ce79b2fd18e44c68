"""The lock file: what every URL gave when it was first fetched, which is what it must give from then on.

``corpora.lock.json`` lies at the root of a project and is meant to be committed, like the lock file of a package
manager: a fresh clone gets the same bytes or an error. Taking an entry out of it accepts whatever comes next.
"""

import threading
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from seqline import files
from seqline.errors import ArtifactError
from seqline.params.base import Block


class Pin(Block):
    """A file as it was fetched: its sum and size, where it came from in the end, and when (a day, UTC).

    ``etag`` and ``last_modified`` are what the server calls this content; with them it tells for one request
    whether there is another by now.
    """

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    bytes: int
    date: str
    final_url: str = ""
    etag: str = ""
    last_modified: str = ""


class _Content(Block):
    version: Literal[1] = 1
    files: dict[str, Pin] = Field(default_factory=dict)
    answers: dict[str, dict[str, str]] = Field(default_factory=dict)


class Pins:
    """The lock file of a project; safe to use from several threads.

    ``answers`` are what a catalogue answered (which version is the latest, where it lies), by the question.

    Raises:
        ArtifactError: the file is there and is no lock file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.Lock()
        self._content = self._read()

    def file(self, url: str) -> Pin | None:
        """What is pinned for a URL."""
        return self._content.files.get(url)

    def answer(self, question: str) -> dict[str, str] | None:
        """What was answered to a question."""
        return self._content.answers.get(question)

    def keep_file(self, url: str, pin: Pin) -> None:
        """Pin a file; the same content keeps its first date."""
        with self._guard:
            known = self.file(url)
            if known is not None and known.sha256 == pin.sha256:
                pin = pin.model_copy(update={"date": known.date})
            self._write(self._content.model_copy(update={"files": self._content.files | {url: pin}}))

    def keep_answer(self, question: str, answer: dict[str, str]) -> None:
        """Pin an answer."""
        with self._guard:
            self._write(self._content.model_copy(update={"answers": self._content.answers | {question: answer}}))

    def _write(self, content: _Content) -> None:
        """Sorted, so that two people who add corpora get a diff of lines and no noise."""
        if content != self._content:
            parts = content.model_dump()
            sort = {key: dict(sorted(parts[key].items())) for key in ("files", "answers")}
            files.write_json(self.path, parts | sort)
            self._content = content

    def _read(self) -> _Content:
        if not self.path.exists():
            return _Content()
        try:
            return _Content.model_validate(files.read_json(self.path))
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(str(part) for part in fault["loc"])
            raise ArtifactError(f"{self.path}: {where}: {fault['msg']}; restore it from git, or delete it") from None
