"""What the labeller costs: the overview made once, any window of it, and key to drawn frame.

    python benchmarks/label.py --hours 8 --emg 8

With ``--browser PATH`` (Chromium) the time is taken in the page, from the key or the wheel to
the end of the frame that shows the new data.
"""

from __future__ import annotations

import argparse
import re
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from nights import make_night, write_night_edf

from crampwatch.app.label.cache import night_views
from crampwatch.app.label.tracks import Tracks, shown_streams
from crampwatch.app.label.window import Window
from crampwatch.recording.annotations.tsv import write_events
from crampwatch.recording.model import Event
from crampwatch.recording.readers import open_recording

PX = 1400

# one measurement: something is done, and the frame that shows its data has been painted
PAGE = """() => {
  const doc = Bokeh.documents[0];
  const plot = doc.get_model_by_name('tracks');
  const lines = doc.get_model_by_name('lines');
  const view = Bokeh.index.find_one(plot);
  window.measured = [];
  let begun = null, fresh = false;
  const begin = event => { begun = event.timeStamp; fresh = false; };
  document.addEventListener('keydown', begin, true);
  document.addEventListener('wheel', begin, true);
  lines.connect(lines.properties.data.change, () => { fresh = begun !== null; });
  view.repainted.connect(() => {
    if (!fresh) return;
    const from = begun;
    fresh = false;
    begun = null;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => measured.push(performance.now() - from);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--emg", type=int, default=8)
    parser.add_argument("--events", type=int, default=0, help="proposals on the night")
    parser.add_argument("--browser", help="path of Chromium")
    options = parser.parse_args()
    with TemporaryDirectory() as home:
        folder = Path(home) / "night"
        folder.mkdir()
        file = folder / "night.edf"
        write_night_edf(file, make_night(options.hours, options.emg, 2))
        print(f"{options.hours:g} h, {options.emg} EMG at 1 kHz, 2 accelerometers at 100 Hz")
        night = open_recording(file)
        begun = time.perf_counter()
        views = night_views(night, shown_streams(night), [file], folder)
        print(f"overview made once: {time.perf_counter() - begun:.1f} s")
        size = sum(part.stat().st_size for part in folder.rglob("*.npy"))
        print(f"its size: {size / 1e6:.0f} MB beside {file.stat().st_size / 1e6:.0f} MB")
        begun = time.perf_counter()
        views = night_views(night, shown_streams(night), [file], folder)
        print(f"opened again: {1e3 * (time.perf_counter() - begun):.0f} ms")
        tracks = Tracks(views, night.duration_s)
        rng = np.random.default_rng(1)
        for filtered in (True, False):
            for width in (options.hours * 3600.0, 3600.0, 300.0, 60.0, 20.0, 2.0, 0.3):
                print(_query(tracks, night.duration_s, width, rng, filtered=filtered))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory, with making the night itself: {peak:.0f} MB")
        if options.browser:
            _in_browser(folder, options.browser, _proposals(folder, options))


def _query(
    tracks: Tracks, night_s: float, width: float, rng: np.random.Generator, *, filtered: bool
) -> str:
    window = Window(night_s, len(tracks), filtered=filtered)
    taken = []
    for _ in range(20):
        start = rng.uniform(0.0, night_s - width)
        window.show(start, start + width)
        begun = time.perf_counter()
        tracks.columns(window, PX)
        taken.append(1e3 * (time.perf_counter() - begun))
    kind = "filtered" if filtered else "plain"
    return (
        f"window of {width:g} s, {kind}: median {statistics.median(taken):.1f} ms,"
        f" worst {max(taken):.1f} ms"
    )


def _proposals(folder: Path, options: argparse.Namespace) -> list[str]:
    if not options.events:
        return []
    rng = np.random.default_rng(3)
    onsets = rng.uniform(0.0, options.hours * 3600.0 - 10.0, options.events)
    kinds = [("LM", "EMG L TA"), ("PLM", "EMG R TA"), ("cramp", "EMG L GM")]
    rows = [
        Event(round(onset, 3), 2.0, kinds[n % 3][0], "left", kinds[n % 3][1], rng.random())
        for n, onset in enumerate(onsets)
    ]
    write_events(folder / "found.tsv", rows)
    return ["--proposals", str(folder / "found.tsv")]


def _in_browser(folder: Path, browser: str, more: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    command = [sys.executable, "-m", "crampwatch", "label", str(folder), "--no-browser", *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        urls = (re.search(r"http://\S+", line) for line in server.stdout)
        url = next(found[0] for found in urls if found)
        try:
            with sync_playwright() as driver:
                chromium = driver.chromium.launch(
                    executable_path=browser, args=["--no-sandbox"]
                )
                page = chromium.new_page(viewport={"width": PX, "height": 1000})
                page.goto(url)
                page.wait_for_selector("body[data-ready=yes]")
                page.wait_for_timeout(1000)
                page.evaluate(PAGE)
                _measure(page, "zoom in by key", ["ArrowUp"] * 17)
                _measure(page, "move by key, motor units", ["ArrowRight"] * 15)
                _measure(page, "zoom out by key", ["ArrowDown"] * 17)
                for _ in range(6):
                    page.keyboard.press("ArrowUp")
                    page.wait_for_timeout(150)
                _measure(page, "move by key, minutes", ["ArrowRight"] * 15)
                _measure(page, "filter by key, minutes", ["f"] * 10)
                box = page.locator(".plot").nth(1).bounding_box()
                assert box is not None
                page.mouse.move(box["x"] + 700, box["y"] + 200)
                _measure(page, "zoom in by wheel", [-240] * 15)
                chromium.close()
        finally:
            server.terminate()


def _measure(page: object, what: str, acts: list[str] | list[int]) -> None:
    page.evaluate("() => { measured.length = 0 }")  # type: ignore[attr-defined]
    for number, act in enumerate(acts, start=1):
        if isinstance(act, str):
            page.keyboard.press(act)  # type: ignore[attr-defined]
        else:
            page.mouse.wheel(0, act)  # type: ignore[attr-defined]
        page.wait_for_function(  # type: ignore[attr-defined]
            "n => measured.length >= n", arg=number, polling=10
        )
        page.wait_for_timeout(60)  # type: ignore[attr-defined]
    taken = page.evaluate("() => measured")  # type: ignore[attr-defined]
    print(
        f"{what}: median {statistics.median(taken):.0f} ms, worst {max(taken):.0f} ms"
        f" of {len(taken)}"
    )


if __name__ == "__main__":
    main()
