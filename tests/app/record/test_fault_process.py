"""Whatever ends the recorder, the night is there: kills, closed terminals, dead parents."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from recorders import (
    BAND,
    CALF,
    ENVIRONMENT,
    FAST,
    command,
    grown,
    notes,
    reason,
    recording,
    samples,
    until,
    without_hole,
)

from crampwatch.recording import open_recording

KILLED = Path(__file__).with_name("killed.py")
SYNCED_TWICE = 2


@pytest.mark.system
@pytest.mark.parametrize("tenth", range(10))
def test_sigkill_at_a_hundred_random_moments(tmp_path: Path, tenth: int) -> None:
    rng = random.Random(tenth)
    with subprocess.Popen(
        [sys.executable, str(KILLED)],
        env={**ENVIRONMENT, "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as recorders:
        assert recorders.stdin is not None
        assert recorders.stdout is not None
        waiting: dict[int, tuple[Path, float]] = {}
        for number in range(10):
            night = tmp_path / str(number) / "night"
            night.parent.mkdir()
            print(night, file=recorders.stdin, flush=True)
            waiting[int(recorders.stdout.readline())] = night, rng.uniform(0.0, 1.0)
        began: dict[int, float] = {}
        while waiting:
            for child, (night, moment_s) in list(waiting.items()):
                if child not in began and has_synced_twice(night.with_suffix(".log")):
                    began[child] = time.monotonic()
                if child in began and time.monotonic() - began[child] >= moment_s:
                    os.kill(child, signal.SIGKILL)
                    gone(child)
                    is_kept(night)
                    del waiting[child]
            time.sleep(0.001)


def has_synced_twice(log: Path) -> bool:
    return log.exists() and log.read_bytes().count(b"synced") >= SYNCED_TWICE


def gone(child: int) -> None:
    while Path(f"/proc/{child}").exists():
        time.sleep(0.001)


def is_kept(night: Path) -> None:
    """Hold the journal against the log: no sample older than the last sync but one is lost."""
    told = night.with_suffix(".log").read_text().splitlines()
    synced = [at for at, line in enumerate(told) if line == "synced"]
    at_stake = told[: synced[-2]]
    handed = max(int(line.split()[1]) for line in at_stake if line.startswith("handed"))
    first = next(int(line.split()[1]) for line in told if line.startswith("first"))
    index = samples(night)["left-calf", "exg", 1]
    assert without_hole(night) >= handed
    assert index[0] == first
    assert len(index) >= handed
    assert open_recording(night).of_kind("emg")[0].n_samples == len(index)
    assert reason(night) == ""


def test_a_reader_of_its_output_that_goes_away_ends_nothing(tmp_path: Path) -> None:
    night = tmp_path / "night"
    with recording("--device", CALF, "--out", night, *FAST, "--for", "3min") as recorder:
        until(recorder, "Recording into")
        assert recorder.stdout is not None
        assert recorder.stderr is not None
        recorder.stdout.close()
        recorder.stderr.close()
        recorder.wait()
    assert reason(night) == "its time was over"
    assert without_hole(night) > 180 * 250


@pytest.mark.system
def test_a_parent_that_is_killed_ends_nothing(tmp_path: Path) -> None:
    night = tmp_path / "night"
    words = command("record", "--device", CALF, "--out", night, *FAST, "--for", "3min")
    shell = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen({words!r}, stdout=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", shell], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        grown(parent, night / "night.mcap", 10_000)
        parent.kill()
        parent.wait()
    gone(child)
    assert reason(night) == "its time was over"


def test_of_two_recorders_that_begin_together_one_gets_the_folder(tmp_path: Path) -> None:
    night = tmp_path / "night"
    arguments = ("--out", night, *FAST, "--for", "1min")
    with (
        recording("--device", CALF, *arguments) as first,
        recording("--device", BAND, *arguments) as second,
    ):
        told = [first.communicate(), second.communicate()]
        codes = [first.returncode, second.returncode]
    assert sorted(codes) == [0, 1]
    out, err = told[codes.index(1)]
    assert "nothing is written over" in err or "never overwritten" in err
    assert "Traceback" not in out + err
    assert {key[0] for key in samples(night)} == {("left-calf", "right-calf")[codes.index(0)]}
    assert reason(night) == "its time was over"


def test_sigterm_while_the_sensors_are_looked_for_leaves_nothing(tmp_path: Path) -> None:
    night = tmp_path / "night"
    slow = ("--device", f"{CALF}?never=1", "--wait", "1h", "--no-score", "--out", night)
    with recording(*slow) as recorder:
        until(recorder, "Before the night")
        recorder.send_signal(signal.SIGTERM)
        out, err = recorder.communicate()
    assert recorder.returncode == 1
    assert "nothing was written" in err
    assert "Traceback" not in out + err
    assert not night.exists()


def test_a_break_of_the_power_is_noted_as_a_night_without_an_end(tmp_path: Path) -> None:
    night = tmp_path / "night"
    with recording("--device", CALF, "--out", night, *FAST) as recorder:
        until(recorder, "Recording into")
        grown(recorder, night / "night.mcap", 20_000)
        recorder.kill()
        recorder.wait()
    assert [note.data["event"] for note in notes(night, "recorder")] == ["start"]
    assert any("cut off" in note for note in open_recording(night).notes)
