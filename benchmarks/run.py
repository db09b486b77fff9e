"""Measure the budgets of the design and print them as a Markdown table.

    python benchmarks/run.py [--hours 8]

Every figure is a ratio within this run or a peak of memory; seconds stand beside them for
orientation only. The floor is one `scipy.signal.sosfilt` band pass (four sections, float64,
one thread) over the same EMG samples.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from nights import make_night, write_night_edf
from scipy.signal import butter, sosfilt

from crampwatch.detection import LiveEngine, score_night
from crampwatch.recording import Night

# Peak resident size from the kernel's own record; rusage would count the parent's too.
_PEAK = (
    "import sys; from crampwatch.recording import open_recording; "
    "from crampwatch.detection import score_night; score_night(open_recording(sys.argv[1])); "
    "status = open('/proc/self/status').read().split('VmHWM:')[1]; "
    "print(int(status.split()[0]) / 1024)"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    hours = parser.parse_args().hours
    night = make_night(hours)
    rows: list[tuple[str, str, str, str]] = []

    floor = best(lambda: floor_filter(night))
    core = best(lambda: score_night(night))
    after = best(lambda: floor_filter(night))
    floor = (floor + after) / 2
    rows.append(("signal core", "<= 3 x floor", f"{core / floor:.1f} x", f"{core:.2f} s"))

    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "night.edf"
        write_night_edf(recording, night)
        out = Path(folder) / "out"
        whole = best(lambda: score_file(recording, out), runs=1)
        imports = best(
            lambda: run(sys.executable, "-c", "import crampwatch.app.scoring"), runs=2
        )
        ratio = (whole - imports) / floor
        rows.append(("EDF to events.tsv", "<= 6 x floor", f"{ratio:.1f} x", f"{whole:.2f} s"))
        rows.append(("imports, apart", "", "", f"{imports:.2f} s"))
        peaks = []
        for share in (0.125, 0.5, 1.0):
            part = Path(folder) / f"part{share}.edf"
            write_night_edf(part, make_night(hours * share))
            peak = float(run(sys.executable, "-c", _PEAK, str(part)))
            peaks.append(f"{hours * share:g} h: {peak:.0f} MB")
        rows.append(("peak memory, EDF", "<= 500 MB", "; ".join(peaks), ""))

    live_s = 1800.0
    spent = live(make_night(live_s / 3600.0, n_emg=4))
    rows.append(
        ("live, 4 EMG + 2 acc", "<= 2 % of a core", f"{100 * spent / live_s:.1f} %", "")
    )

    print(f"{hours:g} h, 2 EMG at 1 kHz, 2 accelerometers at 100 Hz; floor {floor:.2f} s;")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},")
    print(f"numpy {np.__version__}\n")
    print("| what | budget | measured | seconds |\n|---|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def floor_filter(night: Night) -> None:
    sos = butter(4, [20, 450], "band", fs=1000.0, output="sos")
    for stream in night.of_kind("emg"):
        source = stream.segments[0].source
        for first in range(0, len(source), 1_000_000):
            raw = source.read(first, min(first + 1_000_000, len(source)))
            sosfilt(sos, raw[:, 0].astype(np.float64))


def live(night: Night) -> float:
    """Return the processor time that a night takes in the live engine, seconds."""
    engine = LiveEngine(night.streams)
    begin = time.process_time()
    for second in range(int(night.duration_s)):
        for number, stream in enumerate(night.streams):
            size = round(stream.rate_hz)
            raw = stream.segments[0].source.read(second * size, (second + 1) * size)
            engine.push(number, 0, 0.0, raw)
        engine.notices(second + 1.0)
    return time.process_time() - begin


def score_file(recording: Path, out: Path) -> None:
    program = [sys.executable, "-m", "crampwatch", "score", str(recording)]
    run(*program, "--out", str(out), "--no-report")


def best(work: Callable[[], object], runs: int = 3) -> float:
    """Return the least wall time of some runs, seconds."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout


if __name__ == "__main__":
    main()
