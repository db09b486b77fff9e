"""Make the screenshots of these pages: ``python docs/make_pictures.py``.

Needs an installed crampwatch, Playwright (in the ``test`` extra) and a Chromium on the path.
What they show is the simulated night that ``crampwatch demo`` scores, and a simulated sensor.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
NIGHT = ROOT / "sample_data" / "recordings" / "simulated_night"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDE, PHONE = (1280, 1120), (400, 860)
SCREEN = (1280, 800)
READY = "body[data-ready=yes]"
MOST_BYTES = 300_000
SENSOR = "left-calf=sim:open-sensor"
INTO_THE_CRAMP_MS = 74_000
"""At twenty times the speed of the shipped night."""


def main() -> None:
    """Write the PNG files of ``docs/images``."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit(f"none of {', '.join(BROWSERS)} is on the path: install Chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        try:
            take_all(browser, Path(folder))
        finally:
            browser.close()


def take_all(browser: Browser, folder: Path) -> None:
    """Take every picture."""
    program("demo", "--out", folder / "demo")
    report = (folder / "demo" / "report.html").as_uri()
    with opened(browser, report, WIDE) as page:
        take(page, "report")
    with opened(browser, report, PHONE) as page:
        take(page, "report_phone")

    night = folder / "night"
    shutil.copytree(NIGHT, night)
    events = folder / "demo" / "events.tsv"
    label = ("label", night, "--proposals", events, "--annotator", "you", "--no-browser")
    with serving(*label) as address, opened(browser, address, SCREEN, READY) as page:
        # the first proposal, as near as it is judged, and accepted
        page.keyboard.press("n")
        page.wait_for_timeout(1000)
        page.keyboard.press("a")
        page.wait_for_timeout(1500)
        take(page, "label")

    monitor = (
        "monitor",
        "--device",
        SENSOR,
        "--speed",
        "20",
        "--window",
        "5min",
        "--no-browser",
    )
    with serving(*monitor) as address, opened(browser, address, SCREEN, READY) as page:
        page.wait_for_timeout(INTO_THE_CRAMP_MS)
        take(page, "monitor")


@contextmanager
def opened(
    browser: Browser, address: str, size: tuple[int, int], ready: str = ".bk-Figure"
) -> Iterator[Page]:
    """Open a page and wait until it is drawn."""
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height})
    try:
        page.goto(address)
        page.wait_for_selector(ready, state="attached")
        page.wait_for_timeout(2500)
        yield page
    finally:
        page.close()


@contextmanager
def serving(*arguments: object) -> Iterator[str]:
    """Run a verb that serves a page; gives its address."""
    process = subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        said = []
        for line in process.stdout or ():
            said.append(line)
            if address := re.search(r"http://\S+", line):
                yield address[0]
                break
        else:
            sys.exit("".join(said))
    finally:
        process.kill()
        process.wait()


def take(page: Page, name: str) -> None:
    """Keep what is on the screen."""
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    if path.stat().st_size > MOST_BYTES:
        sys.exit(f"{path.name} has {path.stat().st_size} bytes, more than {MOST_BYTES}")


def program(*arguments: object) -> None:
    """Run a verb; it must succeed."""
    subprocess.run(command(*arguments), check=True, stdout=subprocess.DEVNULL)


def command(*arguments: object) -> Sequence[str]:
    """Return the command line of a verb."""
    return [sys.executable, "-m", "crampwatch", *map(str, arguments)]


if __name__ == "__main__":
    main()
