"""From a night, a recording or sensors to a view of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from .board import Board
from .feeds import Feed
from .following import Following

if TYPE_CHECKING:
    from bokeh.document import Document


def in_browser(
    feed: Feed,
    *,
    span_s: float = 30.0,
    port: int = 0,
    ready: Callable[[str], None],
    browser: bool = True,
) -> None:
    """Serve the page until it is ended; the feed is closed then.

    Parameters
    ----------
    feed
        What is watched.
    span_s
        Length of the window at first, one of `SPANS_S`.
    port
        Port, 0 for any that is free.
    ready
        Called with the address once the page can be opened.
    browser
        Whether to open it in the user's browser.

    Raises
    ------
    CrampwatchError
        The port is in use.
    """
    from ..loopback.browser import opened_in_browser
    from ..loopback.server import LoopbackServer
    from .page import Page

    # a browser that is closed while something is on its way is nothing to warn of
    logging.getLogger("bokeh.server.views.ws").setLevel(logging.ERROR)
    board = Board(feed)

    def open_page(document: Document) -> None:
        Page(board, span_s).open(document)

    with Following(board):
        server = LoopbackServer(open_page, port)

        def begin() -> None:
            ready(server.url)

        if browser:
            with opened_in_browser(server.url):
                server.run(begin)
        else:
            server.run(begin)


def in_terminal(feed: Feed, *, span_s: float = 30.0) -> None:
    """Show it in the terminal until it is left; the feed is closed then.

    Raises
    ------
    CrampwatchError
        Textual is not installed.
    """
    from .terminal import need_textual

    need_textual()
    from .terminal_view import Monitor

    board = Board(feed)
    app = Monitor(board, span_s)
    with Following(board):
        app.run()
