"""A web server on this computer that takes what apprise posts, or misbehaves."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "tk-AgQdq7mVBoFD37z"


class Server(ThreadingHTTPServer):
    """Takes what apprise posts, and answers as it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Post)
        self.posts: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.answers: list[int] = []
        self.released = threading.Event()
        self.mute = False

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Server]:
        made = cls()
        thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.released.set()
            made.shutdown()
            made.server_close()
            thread.join()

    def address(self, more: str = "") -> str:
        return f"json://anna:{TOKEN}@127.0.0.1:{self.server_port}/{TOKEN}-path{more}"


class Post(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append(json.loads(data))
        self.server.paths.append(self.path)
        if self.server.mute:
            self.server.released.wait(30)
            return
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_given: object) -> None:
        pass
