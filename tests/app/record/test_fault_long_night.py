"""Twelve hours in a minute: memory, threads and open files stay what they were."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest
from recorders import grown, reason, recording, until

from crampwatch.recording import open_recording

HOURS = 12.0
SLOPE_MB = 0.25
"""Growth of the memory allowed in an hour of the night, by the whole second half of it."""

MOST_MB = 120.0


@pytest.mark.system
def test_twelve_hours_in_bounded_memory_and_open_files(tmp_path: Path) -> None:
    night = tmp_path / "night"
    band = f"left-calf=sim:polar?scenario=rest&hours={HOURS + 1:g}&drift=30ppm"
    more = ("--for", f"{HOURS:g}h", "--speed", "1000", "--no-score", "--out", night)
    with recording("--device", f"{band}&disconnect=1h:60s", *more) as recorder:
        until(recorder, "Recording into")
        grown(recorder, night / "recorder.log", 1)
        seen = []
        while not ends(night) and (found := looked_at(recorder.pid)) is not None:
            seen.append(found)
            time.sleep(0.2)
        out, err = recorder.communicate()
    assert recorder.returncode == 0, out + err
    assert reason(night) == "its time was over"
    assert open_recording(night).duration_s > (HOURS - 0.1) * 3600.0
    memory, threads, files = np.array(seen).T
    half = len(memory) // 2
    hours = np.linspace(0.5, 1.0, len(memory) - half) * HOURS
    assert np.polyfit(hours, memory[half:], 1)[0] < SLOPE_MB
    assert memory.max() < MOST_MB
    assert np.ptp(threads[half:]) <= 1
    assert np.ptp(files[half:]) <= 2


def looked_at(process: int) -> tuple[float, int, int] | None:
    """Return memory in MB, threads and open files of a process, None where it has ended."""
    try:
        told = Path(f"/proc/{process}/status").read_text()
        files = len(list(Path(f"/proc/{process}/fd").iterdir()))
    except OSError:
        return None
    memory = re.search(r"VmRSS:\s+(\d+)", told)
    threads = re.search(r"Threads:\s+(\d+)", told)
    if memory is None or threads is None:
        return None
    return int(memory[1]) / 1024, int(threads[1]), files


def ends(night: Path) -> bool:
    """Return whether the journal is being closed."""
    return b"ending:" in (night / "recorder.log").read_bytes()
