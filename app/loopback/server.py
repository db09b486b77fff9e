"""A Bokeh server on this computer's own address, behind a secret in the address of the page.

Without the secret there is no page and no socket; a page of another origin, or one that
reached the port under another host name, is refused even where it knew the secret.
"""

from __future__ import annotations

import asyncio
import errno
import secrets
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bokeh.application import Application
from bokeh.application.handlers.function import FunctionHandler
from bokeh.document import Document
from bokeh.server.server import BaseServer
from bokeh.server.tornado import BokehTornado
from bokeh.util.token import generate_session_id
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets
from tornado.web import RequestHandler

from ...recording.errors import CrampwatchError

ADDRESS = "127.0.0.1"

_UNUSED_MS = 60_000
_LARGEST_MESSAGE = 4 << 20
_TOKEN_S = 14 * 3600


class LoopbackServer:
    """One page for one person at this computer.

    Parameters
    ----------
    open_page
        Fills a document; called for each session, also after a reload.
    port
        Port, 0 for any that is free.

    Attributes
    ----------
    url
        Address of the page, with its secret.
    port
        Port that is listened on.

    Raises
    ------
    CrampwatchError
        The port is taken or may not be used.
    """

    def __init__(self, open_page: Callable[[Document], None], port: int = 0) -> None:
        sockets = _bound(port)
        self.port = int(sockets[0].getsockname()[1])
        host = f"{ADDRESS}:{self.port}"
        secret = secrets.token_bytes(32)
        session = generate_session_id(secret_key=secret, signed=True)
        self.url = f"http://{host}/?bokeh-session-id={session}"
        self._open_page = open_page
        self._sockets = sockets
        self._host, self._secret = host, secret
        self._loop: IOLoop | None = None

    def run(self, started: Callable[[], None] | None = None) -> None:
        """Serve until Ctrl-C, a termination, or `stop`.

        Parameters
        ----------
        started
            Called once the page can be opened.
        """
        asyncio.run(self._serve(started))

    def stop(self) -> None:
        """End `run`; may be called from any thread."""
        if self._loop is not None:
            self._loop.add_callback(self._ended.set)

    async def _serve(self, started: Callable[[], None] | None) -> None:
        self._loop = IOLoop.current()
        self._ended = asyncio.Event()
        application = _OneHost(
            self._host,
            {"/": Application(FunctionHandler(self._open_page))},
            extra_websocket_origins=[self._host],
            secret_key=self._secret,
            sign_sessions=True,
            generate_session_ids=False,
            session_token_expiration=_TOKEN_S,
            unused_session_lifetime_milliseconds=_UNUSED_MS,
            websocket_max_message_size_bytes=_LARGEST_MESSAGE,
            use_index=False,
            include_headers=[],
            include_cookies=[],
        )
        http = HTTPServer(application)
        http.add_sockets(self._sockets)
        server = BaseServer(self._loop, application, http)
        server.start()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # neither on Windows nor outside the main thread
            with suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(number, self._ended.set)
        try:
            if started is not None:
                started()
            await self._ended.wait()
        finally:
            http.stop()
            server.stop(wait=False)
            await http.close_all_connections()


class _OneHost(BokehTornado):
    """Answers only to its one name: another that leads here is an attack (DNS rebinding)."""

    def __init__(self, host: str, applications: Any, **more: Any) -> None:
        self._own_host = host
        super().__init__(applications, **more)

    def find_handler(self, request: Any, **more: Any) -> Any:
        if request.headers.get("Host") != self._own_host:
            return self.get_handler_delegate(request, _Refused)
        return super().find_handler(request, **more)


class _Refused(RequestHandler):
    def prepare(self) -> None:
        self.set_status(403)
        self.finish()


def _bound(port: int) -> list[socket.socket]:
    try:
        return bind_sockets(port, ADDRESS, family=socket.AF_INET)
    except (OSError, OverflowError) as error:
        number = getattr(error, "errno", None)
        if number == errno.EADDRINUSE:
            raise CrampwatchError(
                f"port {port} is in use; name another with --port, or leave it out"
            ) from error
        if number in (errno.EACCES, errno.EPERM):
            raise CrampwatchError(
                f"port {port} may not be used; name one above 1023 with --port"
            ) from error
        raise CrampwatchError(f"cannot listen on {ADDRESS}:{port}: {error}") from error
