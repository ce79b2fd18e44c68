"""A proxy before MLflow, at which something happens at a chosen change of the registry."""

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Proxy(ThreadingHTTPServer):
    """Between the retraining and MLflow: at a chosen change of the registry something happens, before or after it."""

    def __init__(self, target: int) -> None:
        self.target, self.changes = target, 0
        self.at, self.after = 0, False
        self.action: Callable[[], None] = lambda: None
        super().__init__(("127.0.0.1", 0), Relay)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def arm(self, at: int, *, after: bool, action: Callable[[], None]) -> None:
        self.changes, self.at, self.after, self.action = 0, at, after, action

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients are killed here, and so is the server behind."""


class Relay(BaseHTTPRequestHandler):
    server: Proxy

    def relay(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        change = self.command != "GET" and not urlsplit(self.path).path.endswith(("/search", "/get"))
        self.server.changes += change
        due = change and self.server.changes == self.server.at
        if due and not self.server.after:
            self.server.action()
        link = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        link.request(self.command, self.path, body, headers)
        answer = link.getresponse()
        content = answer.read()
        if due and self.server.after:
            self.server.action()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = relay

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""
