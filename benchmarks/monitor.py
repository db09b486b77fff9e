"""The monitor beside a recording for as long as it takes: memory, processor, updates.

A simulated sensor lives ``--speed`` times as fast, so that a few minutes bring the samples of
an hour, and the page is sent all of them. The heap is that of the page after its garbage was
collected, told by the browser; memory and processor of the monitor come from the system.

    python benchmarks/monitor.py --seconds 180 --speed 20
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY = "body[data-ready=yes]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--speed", type=float, default=20.0)
    parser.add_argument("--every", type=float, default=15.0, help="seconds between samples")
    parser.add_argument("--window", default="30s")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    told = soak(options.seconds, options.speed, options.every, options.window)
    if options.json:
        print(json.dumps(told))
        return
    print("  s   night s  heap MB  RSS MB  updates/s")
    for row in told["samples"]:
        print(
            f"{row['s']:4.0f} {row['night_s']:8.0f} {row['heap_mb']:8.2f} {row['rss_mb']:7.1f}"
            f" {row['updates_per_s']:9.1f}"
        )
    print(f"processor of the monitor: {told['cpu']:.1%} of one core")


def soak(seconds: float, speed: float, every_s: float, window: str) -> dict:
    """Return what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        night = Path(folder) / "night"
        with recording(night, speed, seconds) as _, monitor(night, window) as (process, url):
            return watch(process.pid, url, seconds, every_s)


def watch(pid: int, url: str, seconds: float, every_s: float) -> dict:
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        sys.exit("no Chromium found: install the package chromium")
    samples = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(url)
        page.wait_for_selector(READY)
        inside = page.context.new_cdp_session(page)
        inside.send("HeapProfiler.enable")
        begun, cpu = time.monotonic(), cpu_s(pid)
        before, before_s = updates(page), begun
        while time.monotonic() - begun < seconds:
            page.wait_for_timeout(1000 * every_s)
            now, count = time.monotonic(), updates(page)
            rate = (count - before) / (now - before_s)
            inside.send("HeapProfiler.collectGarbage")
            heap = inside.send("Runtime.getHeapUsage")["usedSize"]
            samples.append(
                {
                    "s": now - begun,
                    "night_s": night_s(page),
                    "heap_mb": heap / 1e6,
                    "rss_mb": rss_mb(pid),
                    "updates_per_s": rate,
                }
            )
            before, before_s = count, now
        used = (cpu_s(pid) - cpu) / (time.monotonic() - begun)
        browser.close()
    return {"samples": samples, "cpu": used}


@contextmanager
def recording(night: Path, speed: float, seconds: float) -> Iterator[subprocess.Popen]:
    """Record a simulated night; return once its journal is there."""
    minutes = int((seconds + 60.0) * speed / 60.0) + 1
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "crampwatch", "record", "--out", str(night)),
            *("--device", f"left-calf=sim:open-sensor?scenario=plm&hours={minutes // 60 + 1}"),
            *("--speed", str(speed), "--for", f"{minutes}min", "--no-score", "--no-calibrate"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None and not (night / "night.toml").exists():
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def monitor(night: Path, window: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """Start the monitor; return it and the address of its page."""
    command = [sys.executable, "-m", "crampwatch", "monitor", str(night), "--no-browser"]
    process = subprocess.Popen(
        [*command, "--window", window], stdout=subprocess.PIPE, text=True
    )
    try:
        for line in process.stdout:
            if found := re.search(r"http://\S+", line):
                break
        else:
            sys.exit("the monitor did not start")
        yield process, found[0]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def updates(page) -> int:  # noqa: ANN001
    return int(page.evaluate("document.body.dataset.updates || 0"))


def night_s(page) -> float:  # noqa: ANN001
    text = page.text_content("#elapsed") or ""
    found = re.search(r"(\d+):(\d\d):(\d\d) (?:since|from)", text)
    if found is None:
        return 0.0
    hours, minutes, seconds = map(int, found.groups())
    return 3600.0 * hours + 60.0 * minutes + seconds


def rss_mb(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1000.0


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
