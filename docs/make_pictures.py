"""Make the pictures of these pages: ``python docs/make_pictures.py``.

Needs an installed crampwatch and a Chromium on the path. The report shown is that of the
simulated night, which ``crampwatch demo`` writes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

IMAGES = Path(__file__).resolve().parent / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTH, HEIGHT = 1280, 1120


def main() -> None:
    """Write ``docs/images/report.png``."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "demo"
        subprocess.run(
            [sys.executable, "-m", "crampwatch", "demo", "--out", out],
            cwd=folder,
            check=True,
        )
        photograph(out / "report.html", IMAGES / "report.png")


def photograph(page: Path, picture: Path) -> None:
    """Show an offline page in a headless browser and keep its first screen as PNG."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"none of {', '.join(BROWSERS)} is on the path: install Chromium")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--user-data-dir={profile}",
                f"--window-size={WIDTH},{HEIGHT}",
                "--virtual-time-budget=20000",
                f"--screenshot={picture}",
                page.resolve().as_uri(),
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main()
