"""The user's browser, told of a page without telling others."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape
from pathlib import Path
from tempfile import mkstemp


@contextmanager
def opened_in_browser(url: str) -> Iterator[None]:
    """Open a page with a secret in its address in the user's browser.

    The address goes through a file that only this user can read: the arguments of a process
    can be read by everybody on the computer.
    """
    handle, name = mkstemp(prefix="crampwatch-", suffix=".html")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(
                '<!DOCTYPE html><meta charset="utf-8">'
                '<meta name="referrer" content="no-referrer">'
                f'<meta http-equiv="refresh" content="0; url={escape(url)}">'
                f'<p><a href="{escape(url)}">Crampwatch</a></p>\n'
            )
        with suppress(webbrowser.Error, OSError):
            webbrowser.open(Path(name).as_uri())
        yield
    finally:
        with suppress(OSError):
            Path(name).unlink()
