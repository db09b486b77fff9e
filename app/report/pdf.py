"""The page on paper: printed by a Chromium that is there already, without a network."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from ...recording.errors import CrampwatchError
from ...recording.writers.beside import write_beside

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
_LIMIT_S = 180.0
_DRAWING_MS = 20_000


def find_browser() -> str:
    """Return the browser that prints.

    Raises
    ------
    CrampwatchError
        There is none.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise CrampwatchError(
            "a PDF is printed by Chromium or Chrome, and neither is on the path: install one,"
            " or open report.html in any browser and print it there"
        )
    return found


def print_pdf(page: str, pdf: Path) -> None:
    """Print a page as A4 into a file, in one step.

    Raises
    ------
    CrampwatchError
        There is no browser, it failed, or the file cannot be written.
    """
    browser = find_browser()
    with TemporaryDirectory(prefix="crampwatch-", ignore_cleanup_errors=True) as home:
        source, made = Path(home) / "report.html", Path(home) / "report.pdf"
        # the figures are drawn at the width of the paper, and by day
        source.write_text(page.replace("<html ", '<html data-paper="a4" ', 1), "utf-8")
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--no-pdf-header-footer",
            f"--user-data-dir={home}/profile",
            "--window-size=760,1000",
            f"--virtual-time-budget={_DRAWING_MS}",
            f"--print-to-pdf={made}",
            *_sandbox(),
            source.as_uri(),
        ]
        try:
            done = subprocess.run(  # noqa: S603 - our own page, a browser of the user's
                command, capture_output=True, timeout=_LIMIT_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CrampwatchError(f"{browser} could not print: {_why(error)}") from error
        if done.returncode or not made.is_file() or not made.stat().st_size:
            raise CrampwatchError(
                f"{browser} printed nothing (it ended with {done.returncode}); open report.html"
                " in a browser and print it there"
            )
        with write_beside(pdf) as file, made.open("rb") as content:
            shutil.copyfileobj(content, file)


def _sandbox() -> list[str]:
    """Return what a browser that is run by root asks for; the page loads nothing anyway."""
    import os

    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def _why(error: Exception) -> str:
    if isinstance(error, subprocess.TimeoutExpired):
        return f"it took more than {_LIMIT_S:.0f} s"
    return getattr(error, "strerror", None) or type(error).__name__
