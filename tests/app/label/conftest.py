"""Nights to label: simulated ones, and small ones made by hand."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np
import pytest

from crampwatch.recording.annotations.tsv import write_events
from crampwatch.recording.model import ArraySource, Event, Night, Segment, Stream
from crampwatch.recording.writers.edf import EdfSignal, write_edf

RATE_HZ = 200
MINUTES = 20


def stream_of(runs, rate_hz=100.0, label="EMG L GM", kind="emg", axes=()):
    """Return a stream of runs ``(start_s, values)``."""
    n_axes = max(1, len(axes))
    return Stream(
        label=label,
        kind=kind,
        rate_hz=rate_hz,
        unit="uV",
        segments=tuple(
            Segment(start, ArraySource(np.asarray(values).reshape(-1, n_axes)))
            for start, values in runs
        ),
        gain=np.ones(n_axes),
        offset=np.zeros(n_axes),
        axes=axes,
        side="left",
    )


def night_of(streams, start=datetime(2026, 1, 31, 22, 30, tzinfo=UTC)):
    return Night(tuple(streams), start=start)


def written_night(folder, minutes=MINUTES):
    """Write a night of two muscles, noise with bursts, and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(5)
    n = minutes * 60 * RATE_HZ
    signals = [
        EdfSignal(label, "uV", -3276.7, 3276.7, -32767, 32767, RATE_HZ)
        for label in ("EMG L GM", "EMG R TA")
    ]
    columns = []
    for _ in signals:
        raw = rng.normal(0.0, 30.0, n)
        for second in range(30, minutes * 60 - 30, 60):
            raw[second * RATE_HZ : (second + 10) * RATE_HZ] *= 25.0
        columns.append(np.clip(raw, -32000, 32000).astype(np.int16))
    size = RATE_HZ
    blocks = (
        [column[first * size : (first + 60) * size] for column in columns]
        for first in range(0, minutes * 60, 60)
    )
    write_edf(
        folder / "night.edf",
        signals,
        blocks,
        start=datetime(2026, 1, 31, 22, 30),  # noqa: DTZ001 - EDF has no zone
        record_s=1.0,
    )
    return folder


def written_proposals(path, count, minutes=MINUTES):
    """Write `count` proposals, each with a probability of its own."""
    events = [
        Event(
            round(5.0 + number * (minutes * 60 - 20) / count, 3),
            4.0,
            "cramp" if number % 2 else "possible_cramp",
            "left",
            "EMG L GM",
            round((number + 0.5) / count, 4),
        )
        for number in range(count)
    ]
    write_events(path, events)
    return events


@contextmanager
def labeller(night, *arguments):
    """Run ``crampwatch label`` as a process of its own; yield it and the page's address."""
    command = [sys.executable, "-m", "crampwatch", "label", str(night), "--no-browser"]
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


class Made:
    """What the tests of this folder are made from."""

    stream = staticmethod(stream_of)
    night = staticmethod(night_of)
    folder = staticmethod(written_night)
    proposals = staticmethod(written_proposals)
    labeller = staticmethod(labeller)


@pytest.fixture(scope="session")
def made():
    return Made
