"""``crampwatch record`` as a person meets it: real programs, simulated sensors."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from recorders import (
    BAND,
    CALF,
    ENVIRONMENT,
    FAST,
    command,
    crampwatch,
    grown,
    reason,
    recording,
    until,
)

from crampwatch.app.record.closing import ctrl_c_held
from crampwatch.app.record.power import Source, power
from crampwatch.recording.journal.reader import JournalReader, is_indexed


def summary(night: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((night / "summary.json").read_text("utf-8"))
    return found


def labels(found: dict[str, Any]) -> set[str]:
    return {channel["label"] for channel in found["channels"]}


@pytest.mark.system
def test_a_night_is_recorded_and_scored(tmp_path: Path) -> None:
    night = tmp_path / "deep" / "night"
    run = crampwatch(
        "record", "--device", CALF, "--device", BAND, "--out", night, "--for", "4min",
        "--speed", "60", "--raw-log",
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "simulated, no muscle is measured" in run.stdout
    files = {path.name for path in night.iterdir()}
    assert files >= {
        "night.mcap", "night.toml", "recorder.log", "raw", "events.tsv", "events.json",
        "summary.json", "provenance.json", "tracks.json", "report.html",
    }  # fmt: skip
    assert {path.name for path in (night / "raw").iterdir()} == {
        "left-calf.bin", "right-calf.jsonl",
    }  # fmt: skip
    found = summary(night)
    assert found["simulated"]
    assert labels(found) >= {"EMG L GM", "EMG L TA", "EMG R GM", "EMG R TA"}
    assert 230.0 < found["duration_s"] < 260.0
    assert reason(night) == "its time was over"


@pytest.mark.system
def test_the_score_at_the_end_is_the_score_of_the_folder(tmp_path: Path) -> None:
    night, again = tmp_path / "night", tmp_path / "again"
    run = crampwatch(
        "record", "--device", CALF, "--out", night, "--for", "2min", "--speed", "60"
    )
    assert run.returncode == 0, run.stdout + run.stderr
    run = crampwatch("score", night, "--out", again)
    assert run.returncode == 0, run.stderr
    assert (again / "events.tsv").read_bytes() == (night / "events.tsv").read_bytes()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGINT, "stopped by hand"),
        (signal.SIGTERM, "the system asked it to stop"),
        (signal.SIGHUP, "the terminal was closed"),
    ],
)
def test_a_signal_ends_the_night_cleanly(number, words, tmp_path: Path) -> None:
    night = tmp_path / "night"
    with recording("--device", CALF, "--out", night, *FAST) as recorder:
        until(recorder, "Recording into")
        grown(recorder, night / "night.mcap", 30_000)
        recorder.send_signal(number)
        out, err = recorder.communicate()
        assert recorder.returncode == 0, out + err
    assert reason(night) == words
    assert "crampwatch score" in out
    assert not list(night.glob(".*.part"))


def test_a_second_ctrl_c_is_safe(tmp_path: Path) -> None:
    night = tmp_path / "night"
    with recording("--device", CALF, "--out", night, *FAST) as recorder:
        until(recorder, "Recording into")
        grown(recorder, night / "night.mcap", 30_000)
        recorder.send_signal(signal.SIGINT)
        until(recorder, "Ending")
        for _ in range(5):
            if recorder.poll() is None:
                recorder.send_signal(signal.SIGINT)
        out, err = recorder.communicate()
    assert reason(night) == "stopped by hand"
    assert "Traceback" not in out + err


def test_ctrl_c_in_the_first_moments_of_the_score_is_told_in_one_line(tmp_path: Path) -> None:
    # a shell's background jobs ignore Ctrl-C, and hand that down
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with ctrl_c_held():
        scoring = subprocess.Popen(
            command("score", tmp_path, "--out", tmp_path),
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
    signal.signal(signal.SIGINT, before)
    with scoring:
        scoring.send_signal(signal.SIGINT)
        _, err = scoring.communicate()
    assert (scoring.returncode, err) == (130, "crampwatch: stopped\n")


@pytest.mark.system
def test_a_kill_leaves_a_night_that_is_scored(tmp_path: Path) -> None:
    night = tmp_path / "night"
    with recording("--device", CALF, "--device", BAND, "--out", night, *FAST) as recorder:
        until(recorder, "Recording into")
        grown(recorder, night / "night.mcap", 150_000)
        recorder.kill()
        recorder.wait()
    assert reason(night) == ""
    run = crampwatch("score", night, "--out", night)
    assert run.returncode == 0, run.stderr
    assert summary(night)["start"] is not None
    assert labels(summary(night)) >= {"EMG L GM", "EMG R GM"}


def test_two_recorders_on_one_folder(tmp_path: Path) -> None:
    night = tmp_path / "night"
    with recording("--device", CALF, "--out", night, *FAST) as first:
        until(first, "Recording into")
        second = crampwatch("record", "--device", BAND, "--out", night, *FAST)
        assert second.returncode == 1
        assert "nothing is written over" in second.stderr
        first.send_signal(signal.SIGINT)
        out, err = first.communicate()
        assert first.returncode == 0, out + err
    with closing(JournalReader(night / "night.mcap")) as reader:
        assert {stream.sensor for stream in reader.streams.values()} == {"left-calf"}


def test_what_exists_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "diary.json").write_text("{}")
    run = crampwatch("record", "--device", CALF, "--out", tmp_path, *FAST)
    assert run.returncode == 1
    assert "not empty" in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["diary.json"]


def test_a_missing_sensor_is_refused_unless_told(tmp_path: Path) -> None:
    night = tmp_path / "night"
    both = ("--device", CALF, "--device", f"{BAND}?never=1", "--out", night, "--wait", "20s")
    run = crampwatch("record", *both, *FAST, "--for", "30s")
    assert run.returncode == 1
    assert "right-calf" in run.stderr
    assert "--missing go-on" in run.stderr
    assert not night.exists()
    run = crampwatch("record", *both, *FAST, "--for", "30s", "--missing", "go-on")
    assert run.returncode == 0, run.stderr
    assert "brings nothing" in run.stdout
    with closing(JournalReader(night / "night.mcap")) as reader:
        assert {stream.sensor for stream in reader.streams.values()} == {"left-calf"}
        assert any(note.sensor == "right-calf" for note in reader.notes(["link"]))


def test_no_sensor_at_all_is_refused_whatever_was_told(tmp_path: Path) -> None:
    night = tmp_path / "night"
    run = crampwatch(
        "record", "--device", f"{CALF}?never=1", "--out", night, *FAST, "--wait", "10s",
        "--missing", "go-on",
    )  # fmt: skip
    assert run.returncode == 1
    assert "no sensor brings anything" in run.stderr
    assert not night.exists()


def test_a_wired_sensor_is_refused_before_it_is_touched(tmp_path: Path) -> None:
    run = crampwatch(
        "record", "--device", "chords-serial@serial:/dev/nothing", "--out", tmp_path / "night",
        "--wait", "5s",
    )  # fmt: skip
    assert run.returncode == 1
    assert not (tmp_path / "night").exists()
    if power().source is Source.BATTERY:
        assert "leave every cable out" in run.stdout
    else:
        assert "--isolator" in run.stderr
        assert "connecting" not in run.stdout


def test_a_disk_that_is_full_ends_the_night_and_keeps_it(tmp_path: Path) -> None:
    night = tmp_path / "night"

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    with recording("--device", CALF, "--out", night, *FAST, preexec_fn=small) as recorder:
        out, err = recorder.communicate()
    assert recorder.returncode == 1
    assert "File too large" in err
    assert "is kept" in err
    assert "Traceback" not in out + err
    with closing(JournalReader(night / "night.mcap")) as reader:
        assert reader.streams
        assert not reader.damage
    assert crampwatch("score", night, "--out", tmp_path / "scored").returncode == 0


def test_the_recorder_loads_nothing_that_analyses(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from crampwatch.app.record.session import record_night\n"
        "from crampwatch.app.record.sources import resolve\n"
        "from crampwatch.app.record.view import QuietView\n"
        "said = {'for': '1min', 'speed': 60, 'raw_log': True}\n"
        f"settings = resolve(said, ['{CALF}', '{BAND}'], None, {{}})\n"
        f"record_night(settings, Path({str(tmp_path / 'night')!r}), QuietView())\n"
        "names = {name.split('.')[0] for name in sys.modules}\n"
        "print('LOADED', sorted(names & {'scipy', 'pandas', 'sklearn', 'bokeh', 'h5py'}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines()[-1] == "LOADED []"


def test_settings_come_from_the_environment_too(tmp_path: Path) -> None:
    night = tmp_path / "night"
    said = {
        "CRAMPWATCH_OUT": str(night),
        "CRAMPWATCH_DEVICE": CALF,
        "CRAMPWATCH_FOR": "30s",
        "CRAMPWATCH_SPEED": "60",
        "CRAMPWATCH_SCORE": "no",
    }
    run = crampwatch("record", **said)
    assert run.returncode == 0, run.stderr
    assert 'for = "30s"' in (night / "night.toml").read_text("utf-8")
    assert "score = false" in (night / "night.toml").read_text("utf-8")


def test_a_night_without_a_folder_is_wrong_usage() -> None:
    run = crampwatch("record", "--device", CALF)
    assert run.returncode == 2
    assert "--out" in run.stderr


def test_a_night_that_was_cut_off_is_mended_at_the_next_start(tmp_path: Path) -> None:
    with recording("--device", CALF, "--out", tmp_path / "first", *FAST) as recorder:
        until(recorder, "Recording into")
        grown(recorder, tmp_path / "first" / "night.mcap", 50_000)
        recorder.kill()
        recorder.wait()
    assert not is_indexed(tmp_path / "first" / "night.mcap")
    run = crampwatch(
        "record", "--device", CALF, "--out", tmp_path / "next", *FAST, "--for", "9s"
    )
    assert run.returncode == 0, run.stderr
    assert "first was cut off; it is mended" in run.stdout
    assert is_indexed(tmp_path / "first" / "night.mcap")
