"""The monitor beside a real recording, in a real browser: updates, ends, kills, memory."""

from __future__ import annotations

import importlib.util
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from crampwatch.recording.journal import SampleBlock
from crampwatch.recording.journal.reader import JournalReader

pytestmark = pytest.mark.system

READY = "body[data-ready=yes]"
DEVICE = "left-calf=sim:open-sensor?scenario=plm&hours=1&seed=3"


def record(folder, length, *more):
    command = [sys.executable, "-m", "crampwatch", "record", "--out", str(folder)]
    settings = ["--device", DEVICE, "--for", length, "--no-score", "--no-calibrate", *more]
    process = subprocess.Popen(
        [*command, *settings],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    for line in process.stdout:
        if line.startswith("Recording into"):
            return process
    return pytest.fail("the recording did not begin")


@contextmanager
def monitoring(*arguments):
    """Run ``crampwatch monitor``; yield the process and the address of its page."""
    command = [sys.executable, "-m", "crampwatch", "monitor", "--no-browser"]
    process = subprocess.Popen(
        [*command, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"http://\S+", line):
                break
        else:
            pytest.fail("".join(said))
        yield process, found[0]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def browser():
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "no Chromium found: install the package chromium"
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield found
        finally:
            found.close()


@contextmanager
def page_of(opened, url, **options):
    """Open the page; nothing may go wrong in it, nor leave this computer."""
    page = opened.new_page(**options)
    wrong, asked = [], []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    page.wait_for_selector(READY)
    yield page
    own = url.split("?")[0]
    assert wrong == []
    assert [each for each in asked if not each.startswith((own, "data:", "blob:"))] == []


def updates(page):
    return int(page.evaluate("document.body.dataset.updates || 0"))


def until_it_moves(page, count=8):
    page.wait_for_function(f"Number(document.body.dataset.updates || 0) >= {count}")


def raw_of(night):
    """Return the raw numbers of each stream, none missing, and how many gaps are noted."""
    found, gaps = {}, 0
    with closing(JournalReader(night / "night.mcap")) as reader:
        gaps = sum(note.kind == "gap" for note in reader.notes())
        for channel, told in reader.streams.items():
            blocks: list[SampleBlock] = list(reader.blocks(channel))
            index = np.concatenate([block.index for block in blocks])
            assert np.array_equal(index, np.arange(index[0], index[0] + len(index)))
            found[told.stream] = np.concatenate([block.raw for block in blocks])
    return found, gaps


def place_in(theirs, mine):
    """Return by how many samples one recording of a night lies before another."""
    middle = len(mine) // 2
    pattern = mine[middle : middle + 20]
    windows = np.lib.stride_tricks.sliding_window_view(theirs, 20, axis=0)
    hits = np.flatnonzero((windows == pattern.T).all(axis=(1, 2)))
    assert len(hits) == 1
    return int(hits[0]) - middle


def test_a_recording_is_the_same_with_a_monitor_that_is_killed(tmp_path):
    watched, alone = tmp_path / "watched", tmp_path / "alone"
    recorders = [record(folder, "25s") for folder in (watched, alone)]
    with (
        monitoring(watched, "--window", "10s") as (process, url),
        browser() as opened,
        page_of(opened, url) as page,
        page_of(opened, url) as other,
    ):
        until_it_moves(page)
        until_it_moves(other)
        before = updates(page)
        page.wait_for_timeout(5000)
        rate = (updates(page) - before) / 5.0
        assert 4.0 <= rate <= 10.0
        assert page.text_content("#state") == "Being recorded"
        assert "SIMULATED" in page.text_content("#banners")
        assert "streams" in page.text_content("#sensors")
        page.keyboard.press("-")
        page.wait_for_selector("button[data-span='30'][aria-pressed=true]")
        page.keyboard.press("-")
        page.wait_for_selector("button[data-span='60'][aria-pressed=true]")
        page.reload()
        page.wait_for_selector(READY)
        until_it_moves(page)
        process.send_signal(signal.SIGKILL)
        page.wait_for_selector("#state.worry")
        assert "goes on without it" in page.text_content("#state")
    for each in recorders:
        each.communicate()
        assert each.returncode == 0
    (one, one_gaps), (other, other_gaps) = raw_of(watched), raw_of(alone)
    assert one_gaps == other_gaps == 0
    assert len(one) == 2
    assert one.keys() == other.keys()
    for name, raw in one.items():
        shift = place_in(other[name], raw)
        begin, end = max(0, -shift), min(len(raw), len(other[name]) - shift)
        assert end - begin > 0.8 * len(raw)
        assert np.array_equal(raw[begin:end], other[name][begin + shift : end + shift])


def test_the_end_of_a_recording_is_told_and_it_is_shown_again_later(tmp_path):
    night = tmp_path / "night"
    recorder = record(night, "8s")
    with (
        monitoring(night) as (_, url),
        browser() as opened,
        page_of(opened, url, viewport={"width": 390, "height": 800}) as page,
    ):
        page.wait_for_function(
            "document.getElementById('state').textContent.startsWith('The recording has ended')"
        )
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0
    recorder.communicate()
    before = {each: each.read_bytes() for each in night.rglob("*") if each.is_file()}
    with monitoring(night) as (_, url), browser() as opened, page_of(opened, url) as page:
        page.wait_for_function(
            "document.getElementById('state').textContent.startsWith('The recording has ended')"
        )
        assert "streams" not in page.text_content("#state")
    with (
        monitoring(night, "--from", "2s") as (_, url),
        browser() as opened,
        page_of(opened, url) as page,
    ):
        until_it_moves(page)
        assert "finished recording" in page.text_content("#state")
    assert before == {each: each.read_bytes() for each in night.rglob("*") if each.is_file()}


def test_sensors_are_shown_without_a_recording_and_that_is_said(tmp_path):
    with (
        monitoring("--device", DEVICE) as (_, url),
        browser() as opened,
        page_of(opened, url, color_scheme="dark") as page,
    ):
        until_it_moves(page)
        assert "NOTHING IS RECORDED" in page.text_content("#banners")
        assert page.text_content("#state") == "Live from the sensors"
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_said_in_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "crampwatch", "monitor", "--device", DEVICE]
        done = subprocess.run(
            [*command, "--port", str(port), "--no-browser"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"port {port} is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_heap_and_memory_stay_flat():
    path = Path(__file__).parents[3] / "benchmarks" / "monitor.py"
    spec = importlib.util.spec_from_file_location("monitor_benchmark", path)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    told = benchmark.soak(seconds=60.0, speed=20.0, every_s=10.0, window="30s")
    samples = told["samples"]
    assert samples[-1]["night_s"] - samples[0]["night_s"] > 300.0
    # the first samples lie in the time in which caches fill
    early, late = samples[len(samples) // 2], samples[-1]
    assert late["heap_mb"] < 1.1 * early["heap_mb"] + 1.0
    assert late["rss_mb"] < 1.1 * early["rss_mb"] + 5.0


@pytest.mark.parametrize("window", ["3h", "1s"])
def test_a_window_that_cannot_be_shown_is_refused(window):
    command = [sys.executable, "-m", "crampwatch", "monitor", "--device", DEVICE]
    done = subprocess.run(
        [*command, "--window", window, "--no-browser"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert f"{window} is not within 10s to 10min" in done.stderr
