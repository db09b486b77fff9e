"""Nights with alerts, as real programs: what is told, and that the recording never minds."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from crampwatch.recording.journal.reader import JournalReader
from crampwatch.recording.readers import open_recording

pytestmark = pytest.mark.system

ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("CRAMPWATCH_")},
    "TERM": "dumb",
    "PYTHONUNBUFFERED": "1",
    "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus",
    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus",
}
SETTINGS = """
[alerts]
bell = false
haptic = true
[alerts.link]
threshold = 20
[alerts.battery]
threshold = 15
"""
CALF = "left-calf=sim:open-sensor?scenario=sample&seed=107&hours=0.55"
CRAMP = "right-calf=sim:open-sensor?scenario=cramp&hours=0.3&seed=3"


def command(*arguments) -> list[str]:
    return [sys.executable, "-m", "crampwatch", *map(str, arguments)]


def crampwatch(*arguments) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), env=ENVIRONMENT, capture_output=True, encoding="utf-8", check=False
    )


def configured(tmp_path: Path) -> Path:
    path = tmp_path / "night.toml"
    path.write_text(SETTINGS, "utf-8")
    return path


def alerts(night: Path) -> list[dict[str, str]]:
    with (night / "alerts.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def notes(night: Path, *kinds: str):
    with closing(JournalReader(night / "night.mcap")) as reader:
        return list(reader.notes(kinds))


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = each.read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(each.parent.name))
    return found


def test_a_cramp_a_broken_link_and_a_low_battery_are_told(tmp_path: Path) -> None:
    night = tmp_path / "night"
    run = crampwatch(
        "record", "--alerts", "--config", configured(tmp_path), "--device", CRAMP,
        "--device", "left-calf=sim:open-sensor?scenario=rest&battery=12%&disconnect=200s:60s",
        "--out", night, "--for", "12min", "--speed", "20",
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    told = [row for row in alerts(night) if row["result"] == "told"]
    kinds = {(row["kind"], row["sensor"]) for row in told}
    assert kinds >= {
        ("cramp suspected", "right-calf"),
        ("link lost", "left-calf"),
        ("battery low", "left-calf"),
    }
    assert {row["way"] for row in told} == {"haptic"}
    [cramp] = [row for row in told if row["kind"] == "cramp suspected"][:1]
    assert float(cramp["decided"]) > float(cramp["onset"]) + 9.0
    assert {note.data["alert"] for note in notes(night, "alert")} >= {kind for kind, _ in kinds}

    # the night says that the program meddled with it, in figures and in words
    summary = json.loads((night / "summary.json").read_text("utf-8"))
    assert summary["intervened"]
    assert summary["alerts"]["kinds"]["cramp suspected"] >= 1
    assert any("marked intervened" in words for words in summary["warnings"])
    assert "marked intervened" in (night / "report.html").read_text("utf-8")

    # and nothing of it is missing
    emg = open_recording(night).of_kind("emg")
    right = next(stream for stream in emg if stream.label == "EMG R GM")
    assert right.n_samples / right.rate_hz > 700.0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_the_recording_goes_on_whatever_becomes_of_the_alerts(number, tmp_path: Path) -> None:
    night = tmp_path / "night"
    arguments = (
        "record", "--alerts", "--config", configured(tmp_path), "--device", CALF,
        "--out", night, "--for", "40s", "--no-score",
    )  # fmt: skip
    with subprocess.Popen(
        command(*arguments), env=ENVIRONMENT, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, encoding="utf-8", start_new_session=True,
    ) as recorder:  # fmt: skip
        while not (night / "alerts.tsv").exists():
            assert recorder.poll() is None
            time.sleep(0.1)
        [child] = children(recorder.pid)
        os.kill(child, number)
        out, _ = recorder.communicate()
    assert recorder.returncode == 0, out
    if number == signal.SIGKILL:
        assert "alert process has ended: its exit status is -9" in out
    left = open_recording(night).of_kind("emg")[0]
    assert left.n_samples / left.rate_hz > 39.0
    assert not left.gaps
    assert not Path(f"/proc/{child}").exists()


def test_ctrl_c_reaches_the_recorder_only_and_ends_both(tmp_path: Path) -> None:
    night = tmp_path / "night"
    with subprocess.Popen(
        command("record", "--alerts", "--config", configured(tmp_path), "--device", CALF,
                "--out", night, "--no-score"),
        env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", start_new_session=True,
    ) as recorder:  # fmt: skip
        while not (night / "alerts.tsv").exists():
            assert recorder.poll() is None
            time.sleep(0.1)
        [child] = children(recorder.pid)
        assert os.getpgid(child) != os.getpgid(recorder.pid)
        os.killpg(recorder.pid, signal.SIGINT)
        out, _ = recorder.communicate()
    assert recorder.returncode == 0, out
    assert "alert process has ended" not in out
    assert not Path(f"/proc/{child}").exists()


def test_a_recorder_that_is_killed_is_told_of(tmp_path: Path) -> None:
    night = tmp_path / "night"
    with subprocess.Popen(
        command("record", "--alerts", "--config", configured(tmp_path), "--device", CALF,
                "--out", night, "--no-score"),
        env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as recorder:  # fmt: skip
        while not (night / "night.mcap").exists() or not (night / "alerts.tsv").exists():
            assert recorder.poll() is None
            time.sleep(0.1)
        [child] = children(recorder.pid)
        recorder.kill()
    while Path(f"/proc/{child}").exists():
        time.sleep(0.1)
    assert [row["kind"] for row in alerts(night)] == ["data lost"]
    assert open_recording(night).of_kind("emg")


def test_without_alerts_there_is_no_process_and_no_table(tmp_path: Path) -> None:
    night = tmp_path / "night"
    run = crampwatch(
        "record", "--no-alerts", "--config", configured(tmp_path), "--device", CALF,
        "--out", night, "--for", "1min", "--speed", "30",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert not (night / "alerts.tsv").exists()
    assert not json.loads((night / "summary.json").read_text("utf-8"))["intervened"]
