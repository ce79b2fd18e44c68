"""A real HTTP server on this machine that misbehaves on demand, and what asks it."""

import io
import json
import ssl
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from seqline.fetching.pins import Pins
from seqline.fetching.store import Store
from seqline.params.network import Network

POLICY = Network(
    deadline_s=20.0, idle_timeout_s=2.0, attempts=3, backoff_s=0.01, max_wait_s=0.5, parallel=4, max_bytes=10**7,
    allow_private_addresses=True,
)  # fmt: skip
LOCK = "corpora.lock.json"


@dataclass(frozen=True)
class File:
    """A file as a server should give it, unless told otherwise."""

    body: bytes
    etag: str = '"1"'
    modified: str = ""
    kind: str = "application/octet-stream"
    ranges: bool = True
    announced: int | None = None
    """A Content-Length that is not that of the body."""
    cut: int | None = None
    """Send so many bytes, then hang up."""
    byte_every_s: float = 0.0
    head: bool = True

    def __call__(self, handler: "Handler") -> None:
        """Answer one request."""
        if handler.command == "HEAD" and not self.head:
            return Status(405)(handler)
        if self.etag and handler.headers.get("If-None-Match") == self.etag:
            return handler.begin(304, {"ETag": self.etag})
        start = self._start(handler)
        rest = self.body[start:]
        length = len(rest) if self.announced is None else self.announced - start
        headers = {"Content-Type": self.kind, "Content-Length": str(length), "ETag": self.etag}
        headers |= {"Last-Modified": self.modified}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
        handler.begin(206 if start else 200, headers)
        if handler.command == "GET":
            handler.send(rest if self.cut is None else rest[: self.cut], self.byte_every_s)
        return None

    def _start(self, handler: "Handler") -> int:
        wish = handler.headers.get("Range")
        if wish is None or not self.ranges or handler.headers.get("If-Range") not in (self.etag, self.modified):
            return 0
        return int(wish.removeprefix("bytes=").rstrip("-"))


@dataclass(frozen=True)
class Status:
    """A bare answer."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __call__(self, handler: "Handler") -> None:
        """Answer one request."""
        handler.begin(self.code, {"Content-Length": str(len(self.body)), **self.headers})
        handler.send(self.body)


def redirect(location: str) -> Status:
    """Elsewhere."""
    return Status(302, {"Location": location})


Answer = Callable[["Handler"], None]


def chunked(body: bytes, *, whole: bool) -> Answer:
    """A body in chunks, whose length is known at its end only; without the last chunk the connection just ends."""

    def answer(handler: "Handler") -> None:
        head = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
        chunks = [b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:3000], body[3000:])]
        handler.wfile.write(b"".join([head, *chunks, b"0\r\n\r\n" if whole else b""]))

    return answer


class Handler(BaseHTTPRequestHandler):
    """Gives the next answer of a path, and the last one from then on."""

    server: "_Server"

    def do_GET(self) -> None:
        """Answer; HEAD comes here, too."""
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.headers.append(dict(self.headers))
        answers = self.server.answers.get(self.path) or self.server.answers.get(urlsplit(self.path).path)
        if not answers:
            return Status(404)(self)
        return (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    do_HEAD = do_GET

    def begin(self, code: int, headers: Mapping[str, str]) -> None:
        """Status line and headers."""
        self.send_response_only(code)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()

    def send(self, body: bytes, byte_every_s: float = 0.0) -> None:
        """The body, in one go or byte by byte."""
        pieces = [body[index : index + 1] for index in range(len(body))] if byte_every_s else [body]
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(byte_every_s)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Be quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


class Web:
    """The server, for the length of a block.

    ``asked`` are the requests so far, as ``GET /path``; ``opus`` is its catalogue.
    """

    def __init__(self) -> None:
        self._server = _Server()
        self.asked, self.headers = self._server.asked, self._server.headers
        self.opus: list[dict[str, Any]] = []

    def __enter__(self) -> "Web":
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Where a path lies."""
        return f"http://{host}:{self._server.server_port}{path}"

    def give(self, path: str, *answers: Answer | bytes) -> str:
        """Answer a path so, one after the other; the last one stays. Returns its URL."""
        self._server.answers[path] = [File(one) if isinstance(one, bytes) else one for one in answers]
        return self.url(path)

    def give_opus(self, corpus: str, version: str, pair: str, archive: bytes, *, latest: bool = True) -> str:
        """Put a corpus into an OPUS: its API, and the archive where the API says. Returns the URL of the API."""
        path = f"/OPUS-{corpus}/{version}/moses/{pair}.txt.zip"
        first, second = sorted(pair.split("-"))
        entry = {
            "alignment_pairs": 1, "corpus": corpus, "documents": "", "id": 1, "latest": str(latest),
            "preprocessing": "moses", "size": 1, "source": first, "source_tokens": 1, "target": second,
            "target_tokens": 1, "url": self.give(path, archive), "version": version,
        }  # fmt: skip
        self.opus.append(entry)
        return self.give("/opusapi/", self._answer_as_opus)

    def _answer_as_opus(self, handler: Handler) -> None:
        query = {key: values[0] for key, values in parse_qs(urlsplit(handler.path).query).items()}
        found = [entry for entry in self.opus if entry["corpus"] == query["corpus"]]
        if "languages" in query:
            codes = {entry[side] for entry in found for side in ("source", "target")} - {query["source"]}
            return _json(handler, {"languages": sorted(codes)})
        if query.pop("version") == "latest":
            query["latest"] = "True"
        return _json(handler, {"corpora": [one for one in found if all(one[key] == query[key] for key in query)]})


def _json(handler: Handler, document: Any) -> None:
    Status(200, {"Content-Type": "application/json"}, json.dumps(document).encode())(handler)


def zipped(members: Mapping[str, str]) -> bytes:
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        for name, text in members.items():
            bundle.writestr(name, text)
    return stream.getvalue()


def moses(corpus: str, pair: str, sides: Mapping[str, Sequence[str]]) -> bytes:
    """A Moses archive as OPUS packs it."""
    texts = {f"{corpus}.{pair}.{code}": "".join(f"{line}\n" for line in lines) for code, lines in sides.items()}
    return zipped({**texts, "LICENSE": "\nCC-BY 2.0 FR\nmore words\n", "README": "Read me."})


def store(root: Path, policy: Network = POLICY, told: list[str] | None = None) -> Store:
    """A store in a folder, with its lock file."""
    tell = told.append if told is not None else _fail
    return Store(root / "downloads", Pins(root / LOCK), policy, tell)


def _fail(sentence: str) -> None:
    raise AssertionError(f"told unexpectedly: {sentence}")
