"""A real recorder on a machine whose disk and clocks fail: full, broken, gone, hanging, asleep.

The program is the real one; a small library between it and the system fails as told.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import pytest
from recorders import (
    BAND,
    CALF,
    FAST,
    crampwatch,
    grown,
    notes,
    reason,
    recording,
    until,
    without_hole,
)

from crampwatch.recording import open_recording

pytestmark = pytest.mark.system

SOURCE = Path(__file__).with_name("bad_machine.c")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler, "a C compiler is needed: apt-get install g++"
    path = tmp_path_factory.mktemp("machine") / "bad_machine.so"
    strict = ("-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC")
    subprocess.run([compiler, *strict, "-o", str(path), str(SOURCE), "-ldl"], check=True)
    return path


class Machine:
    """A folder on a bad disk, and what is wrong with it."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.disk = folder / "disk"
        self.disk.mkdir()
        self.night = self.disk / "night"
        self.journal = self.night / "night.mcap"
        self._says = folder / "says"
        self.now("")
        self.environment = {
            "LD_PRELOAD": str(library),
            "BAD_MACHINE_FOLDER": f"{self.disk}/",
            "BAD_MACHINE_SAYS": str(self._says),
        }

    def now(self, words: str) -> None:
        """Let this be wrong from now on."""
        beside = self._says.with_name("says.part")
        beside.write_text(words)
        beside.replace(self._says)

    def recording(self, *arguments: str):
        return recording("--out", self.night, *arguments, said=self.environment)


@pytest.fixture
def machine(tmp_path: Path, library: Path) -> Machine:
    return Machine(tmp_path, library)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("full", "No space left on device"),
        ("readonly", "Read-only file system"),
        ("failing", "Input/output error"),
        ("unsynced", "Input/output error"),
    ],
)
def test_a_disk_that_fails_ends_the_night_in_one_line_and_keeps_it(
    machine: Machine, fault: str, words: str
) -> None:
    with machine.recording("--device", CALF, "--device", BAND, *FAST) as recorder:
        until(recorder, "Recording into")
        grown(recorder, machine.journal, 60_000)
        machine.now(fault)
        out, err = recorder.communicate()
    assert recorder.returncode == 1
    assert words in err
    assert "is kept" in err
    assert "Traceback" not in out + err
    assert without_hole(machine.night) > 0
    scored = crampwatch("score", machine.night, "--out", machine.night.parent / "scored")
    assert scored.returncode == 0, scored.stderr


@pytest.mark.parametrize("fault", ["full", "readonly", "unsynced"])
def test_a_disk_that_fails_from_the_start_leaves_no_night(machine: Machine, fault: str) -> None:
    machine.now(fault)
    with machine.recording("--device", CALF, *FAST) as recorder:
        out, err = recorder.communicate()
    assert recorder.returncode == 1
    assert "cannot write" in err
    assert "Traceback" not in out + err
    assert not machine.night.exists()


def test_a_disk_that_hangs_loses_nothing_when_it_answers_again(machine: Machine) -> None:
    with machine.recording("--device", CALF, *FAST) as recorder:
        until(recorder, "Recording into")
        grown(recorder, machine.journal, 50_000)
        machine.now("hanging")
        until(recorder, "has not answered")
        machine.now("")
        until(recorder, "answers again")
        size = machine.journal.stat().st_size
        grown(recorder, machine.journal, size + 30_000)
        recorder.send_signal(signal.SIGINT)
        out, err = recorder.communicate()
    assert recorder.returncode == 0, out + err
    assert "missing" not in out
    assert without_hole(machine.night) > 0
    states = [note.data["state"] for note in notes(machine.night, "link")]
    assert states == ["stopped"]


def test_a_disk_that_never_answers_again_is_left_when_a_person_asks_twice(
    machine: Machine,
) -> None:
    with machine.recording("--device", CALF, *FAST) as recorder:
        until(recorder, "Recording into")
        grown(recorder, machine.journal, 50_000)
        machine.now("hanging")
        until(recorder, "has not answered")
        recorder.send_signal(signal.SIGINT)
        until(recorder, "leaves without waiting")
        recorder.send_signal(signal.SIGINT)
        out, err = recorder.communicate()
    assert recorder.returncode == 1
    assert "crampwatch recover" in err
    assert "Traceback" not in out + err
    assert reason(machine.night) == ""
    assert without_hole(machine.night) > 0


def test_an_hour_of_sleep_is_a_gap_of_an_hour(machine: Machine) -> None:
    with machine.recording("--device", CALF, "--no-score") as recorder:
        until(recorder, "Recording into")
        grown(recorder, machine.journal, 6_000)
        machine.now("slept=3600")
        until(recorder, "the computer slept for 60 min")
        until(recorder, "samples come")
        size = machine.journal.stat().st_size
        grown(recorder, machine.journal, size + 6_000)
        recorder.send_signal(signal.SIGINT)
        out, err = recorder.communicate()
    assert recorder.returncode == 0, out + err
    stream = open_recording(machine.night).of_kind("emg")[0]
    longest = max(gap.duration_s for gap in stream.gaps)
    assert longest == pytest.approx(3600.0, abs=10.0)


@pytest.mark.parametrize("step_s", [-3600, 3600])
def test_a_clock_that_is_put_right_moves_no_sample(machine: Machine, step_s: int) -> None:
    began = time.monotonic()
    with machine.recording("--device", CALF, "--no-score") as recorder:
        until(recorder, "Recording into")
        grown(recorder, machine.journal, 6_000)
        machine.now(f"stepped={step_s}")
        size = machine.journal.stat().st_size
        grown(recorder, machine.journal, size + 10_000)
        recorder.send_signal(signal.SIGINT)
        out, err = recorder.communicate()
    assert recorder.returncode == 0, out + err
    night = open_recording(machine.night)
    assert night.duration_s < time.monotonic() - began
    assert not night.of_kind("emg")[0].gaps
    told = [note.data["wall_s"] for note in notes(machine.night, "wall")]
    steps = [after - before for before, after in pairwise(told)]
    assert any(abs(step - step_s) < 60.0 for step in steps)
