"""A night as EMG-BIDS, read back, continued, learned from, and judged by the validator."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crampwatch.models.nights import read_nights
from crampwatch.recording import Event, RecordingError, open_recording
from crampwatch.recording.writers.bids import Place, write_bids
from crampwatch.recording.writers.tables import write_tables

FOUND = (Event(2.5, 30.0, "cramp", "left", "EMG L GM", 0.8, {"confirmation": "confirmed"}),)


def rows(path):
    return [line.split("\t") for line in path.read_text("utf-8").splitlines()]


def errors_of(folder):
    """Return the errors of the BIDS validator; it needs no network."""
    validator = Path(sys.executable).with_name("bids-validator-deno")
    ran = subprocess.run(
        [validator, folder, "--format", "json"], capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip(), ran.stderr
    issues = json.loads(ran.stdout)["issues"]["issues"]
    return [issue for issue in issues if issue["severity"] == "error"]


def test_a_folder_of_two_sensors_opens_as_one_night(tmp_path, make):
    night = make.night()
    write_bids(tmp_path, night, Place("07"))
    back = open_recording(tmp_path)
    seen = {(stream.label, stream.sensor) for stream in back.streams}
    assert seen == {
        ("EMG L GM", "leftcalf"),
        ("ACC L shank", "leftcalf"),
        ("EMG R TA", "rightshin"),
    }
    assert back.start == night.start
    assert back.duration_s == pytest.approx(night.duration_s, abs=0.01)


def test_every_signal_is_described(tmp_path, make):
    write_bids(tmp_path, make.night(make.calf()), Place())
    folder = tmp_path / "sub-01" / "emg"
    header, *channels = rows(folder / "sub-01_task-sleep_channels.tsv")
    assert header[:3] == ["name", "type", "units"]
    emg = dict(zip(header, channels[0], strict=True))
    assert (emg["name"], emg["type"], emg["units"]) == ("EMG L GM", "EMG", "uV")
    assert emg["target_muscle"] == "left medial gastrocnemius"
    assert emg["status_description"] == "resampled"
    sidecar = json.loads((folder / "sub-01_task-sleep_emg.json").read_text("utf-8"))
    assert sidecar["SamplingFrequency"] == 1000.0
    assert sidecar["EMGChannelCount"] == 1
    assert rows(tmp_path / "sub-01" / "sub-01_scans.tsv")[1] == [
        "emg/sub-01_task-sleep_emg.edf",
        "2026-03-28T23:30:12",
    ]


def test_marks_of_persons_teach_and_findings_of_the_detector_do_not(tmp_path, make):
    night = make.night()
    write_bids(tmp_path, night, Place("07"), found=FOUND)
    [labelled] = read_nights(tmp_path)
    assert [(e.trial_type, e.onset) for e in labelled.truth] == [
        ("cramp", 2.0),
        ("marker", 12.5),
    ]
    assert labelled.second_opinions == {}
    assert labelled.person == "sub-07"
    assert len(labelled.open().streams) == 3
    assert list((tmp_path / "derivatives").rglob("*_desc-detector_events.tsv"))


def test_a_dataset_is_continued(tmp_path, make):
    night = make.night(make.shin())
    write_bids(tmp_path / "one", night, Place("01", "a"))
    table = tmp_path / "one" / "participants.tsv"
    table.write_text("participant_id\tage\nsub-01\t44\n")
    write_bids(tmp_path / "two", night, Place("02"), into=tmp_path / "one")
    continued = rows(tmp_path / "two" / "participants.tsv")
    assert continued == [["participant_id", "age"], ["sub-01", "44"], ["sub-02", "n/a"]]
    assert not (tmp_path / "two" / "dataset_description.json").exists()


def test_a_simulated_night_stays_simulated(tmp_path, make):
    night = replace(make.night(make.calf()), devices=("SIMULATED by Crampwatch",))
    write_bids(tmp_path, night, Place())
    assert read_nights(tmp_path)[0].source == "simulated"


@pytest.mark.parametrize("label", ["", "a b", "sub-1", "é"])
def test_labels_that_bids_does_not_know_are_refused(label):
    with pytest.raises(RecordingError, match="letters and digits"):
        Place(label)


@pytest.mark.system
def test_the_validator_finds_no_error(tmp_path, make):
    write_bids(tmp_path, make.night(), Place("07", "a"), found=FOUND, version="0")
    assert errors_of(tmp_path) == []


@pytest.mark.system
def test_the_validator_finds_an_error_where_there_is_one(tmp_path, make):
    write_bids(tmp_path, make.night(make.shin()), Place())
    next(tmp_path.rglob("*_emg.json")).unlink()
    assert errors_of(tmp_path)


def test_tables_open_again(tmp_path, make):
    emg, acc = make.calf()
    paths = write_tables(tmp_path / "night", [emg, acc])
    assert [path.name for path in paths] == ["night_emg_1000Hz.csv", "night_acc_100Hz.csv"]
    [back] = open_recording(paths[1]).streams
    assert [(s.start_s, len(s)) for s in back.segments] == [(0.0, 900), (11.0, 512)]
    values = np.concatenate([back.physical(n, 0, 10**6) for n in range(2)])
    true = np.concatenate([acc.physical(n, 0, 10**6) for n in range(2)])
    np.testing.assert_allclose(values, true, atol=1e-6)
    [muscle] = open_recording(paths[0]).streams
    assert (muscle.unit, muscle.rate_hz) == ("uV", 1000.0)
