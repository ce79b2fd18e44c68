"""Files by URL: fetched once, pinned from then on, and checked before every use.

They lie in a folder of the project that no graph watches, so that adding one corpus fetches one corpus.
"""

import hashlib
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from seqline import files
from seqline.errors import BusyError, MismatchError, SeqlineError
from seqline.fetching import freshness, parallel, transfer
from seqline.fetching.meter import UNIT, Meter
from seqline.fetching.part import Part
from seqline.fetching.pins import Pin, Pins
from seqline.params.network import Network
from seqline.progress import progress


@dataclass(frozen=True)
class Wanted:
    """A URL, and the sum that the params pin for it. ``follow``: new content is welcome, and looked for."""

    url: str
    sha256: str | None = None
    follow: bool = False


@dataclass(frozen=True)
class Kept:
    """A file that is here, whole and checked."""

    url: str
    path: Path
    pin: Pin


class Store:
    """The fetched files of a project.

    ``tell`` gets what a person should know although nothing failed.
    """

    def __init__(self, folder: Path, pins: Pins, policy: Network, tell: Callable[[str], None]) -> None:
        self.folder, self.pins, self._policy, self._tell = folder, pins, policy, tell
        self._stop = threading.Event()

    def path(self, url: str) -> Path:
        """Where the file of a URL is kept: its own name, so that its suffix stays, made unique."""
        name = re.sub(r"[^A-Za-z0-9._-]", "_", url.partition("?")[0].rstrip("/").rpartition("/")[2])[-80:]
        return self.folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}-{name}"

    def get_all(self, wanted: Sequence[Wanted]) -> list[Kept]:
        """Every file, in the order in which they are wanted; what is missing is fetched, several at once.

        One that fails does not stop the others, so the next run has less to do.

        Raises:
            MismatchError: a file is not what is pinned; it was removed.
            InputError: a URL must not be fetched, or gives no file.
            FetchError: the network or a server failed; the next run goes on where it broke.
            StageError: the disk is full, read-only or broken.
            BusyError: another run fetches for this project.
        """
        by_url = _by_url(wanted)
        with self._alone():
            kept = {one.url: found for one in by_url.values() if (found := self._find(one))}
            kept |= self._fetch_all([one for one in by_url.values() if one.url not in kept])
        return [kept[one.url] for one in wanted]

    def make(self, url: str, fill: Callable[[Path], None]) -> Kept:
        """A file that is not fetched by its URL but made by ``fill``; pinned and checked like the others.

        Raises:
            MismatchError: it is not what is pinned; it was removed.
        """
        with self._alone():
            if found := self._find(Wanted(url)):
                return found
            path, part = self.path(url), _part(self.path(url))
            try:
                fill(part)
                pin = Pin(sha256=files.sha256(part), bytes=part.stat().st_size, date=_today())
                self._check(Wanted(url), pin.sha256)
                self.pins.keep_file(url, pin)
                files.put(part, path)
            finally:
                part.unlink(missing_ok=True)
        return Kept(url, path, self.pins.file(url) or pin)

    def state(self, url: str) -> freshness.State:
        """Whether a URL still gives what is pinned for it; one request.

        Raises:
            FetchError, InputError: see :func:`seqline.fetching.freshness.state`.
        """
        pin = self.pins.file(url)
        return "changed" if pin is None else freshness.state(url, pin, self._policy)

    def _find(self, one: Wanted) -> Kept | None:
        """The file if it is here and what it should be; without a pin nothing says what it should be."""
        pin, path = self.pins.file(one.url), self.path(one.url)
        expected = one.sha256 or (pin.sha256 if pin else None)
        if pin is None or expected != pin.sha256 or not path.is_file():
            return None
        if files.sha256(path) != expected:
            self._tell(f"{path}: damaged; fetched again")
            path.unlink()
            return None
        return None if one.follow and self._moved_on(one.url) else Kept(one.url, path, pin)

    def _moved_on(self, url: str) -> bool:
        try:
            return self.state(url) != "same"
        except SeqlineError as error:
            self._tell(f"{error}; the content of {self.pins.path.name} is used")
            return False

    def _fetch_all(self, wanted: Sequence[Wanted]) -> dict[str, Kept]:
        if not wanted:
            return {}
        with progress("download", 0, UNIT) as advance:
            meter = Meter(advance)
            jobs = {one.url: partial(self._fetch, one, meter.watch(one.url)) for one in wanted}
            return parallel.run(jobs, self._policy.parallel, self._stop)

    def _fetch(self, one: Wanted, watch: transfer.Watch) -> Kept:
        path, pin = self.path(one.url), self.pins.file(one.url)
        expected = one.sha256 or (pin.sha256 if pin and not one.follow else None)
        part = transfer.fetch(one.url, _part(path), self._policy, expected=expected, watch=watch, stop=self._stop)
        try:
            self._check(one, part.sha256)
        except MismatchError:
            part.discard()
            raise
        new = _pin(part)
        self.pins.keep_file(one.url, new)
        part.settle(path)
        return Kept(one.url, path, self.pins.file(one.url) or new)

    def _check(self, one: Wanted, found: str) -> None:
        pin = self.pins.file(one.url)
        if one.sha256 and found != one.sha256:
            raise MismatchError(
                f"{one.url}: sha256 is {found}, but params.yaml pins {one.sha256}; the file was removed. "
                "Correct the URL, or pin the new sum"
            )
        if pin and not one.sha256 and not one.follow and found != pin.sha256:
            raise MismatchError(
                f"{one.url}: sha256 is {found}, but {self.pins.path.name} pins {pin.sha256} since {pin.date}; the file "
                f"was removed. To accept the new content, take the entry out of {self.pins.path.name}"
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with files.disk_faults(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / ".lock").open("a") as stream:
                if not files.try_lock(stream):
                    raise BusyError(f"{self.folder}: another run is downloading; wait for it or stop it")
                yield


def _by_url(wanted: Sequence[Wanted]) -> dict[str, Wanted]:
    """What is wanted of each URL; where several corpora read it, a sum that one of them pins holds for all."""
    found = dict[str, Wanted]()
    for one in wanted:
        other = found.setdefault(one.url, one)
        if one.sha256 and other.sha256 and one.sha256 != other.sha256:
            raise MismatchError(f"{one.url}: params.yaml pins two sums, {other.sha256} and {one.sha256}; correct one")
        if one.sha256:
            found[one.url] = one
    return found


def _pin(part: Part) -> Pin:
    assert part.version is not None
    version = part.version
    return Pin(
        sha256=part.sha256,
        bytes=part.size,
        date=_today(),
        final_url=version.final_url,
        etag=version.etag,
        last_modified=version.last_modified,
    )


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
