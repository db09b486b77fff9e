"""``crampwatch simulate``."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from crampwatch.app.cli.program import app
from crampwatch.recording.annotations.columns import LEVELS
from crampwatch.recording.annotations.tsv import read_events
from crampwatch.recording.readers.open import open_recording
from crampwatch.sample_data.simulator import FAMILIES, SCENARIOS


def run(*arguments):
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)])


def test_it_writes_a_recording_its_truth_and_what_it_was_drawn_from(tmp_path):
    done = run("mixed", "--out", tmp_path / "night", "--seed", 3, "--hours", 0.1)
    assert done.exit_code == 0, done.output
    names = sorted(path.name for path in (tmp_path / "night").iterdir())
    assert names == [
        "events.json",
        "events.tsv",
        "simulated_night_mixed_seed3.edf",
        "simulation.json",
    ]
    night = open_recording(tmp_path / "night")
    assert night.duration_s == pytest.approx(360)
    truth = read_events(tmp_path / "night" / "events.tsv")
    assert {event.trial_type for event in truth} <= set(LEVELS)


def test_same_arguments_same_bytes(tmp_path):
    for name in ("one", "two"):
        options = ("--hours", 0.05, "--family", "held_out_a", "--carriers", "--person", 2)
        assert run("cramp", "--out", tmp_path / name, *options).exit_code == 0
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_json_names_the_files_and_counts_the_events(tmp_path):
    done = run("rest", "--out", tmp_path / "night", "--hours", 0.05, "--json")
    told = json.loads(done.stdout)
    assert told["events"] == {}
    assert told["recording"].endswith("simulated_night_rest_seed1.edf")


def test_the_list_names_every_scenario_and_family():
    text = run("--list").stdout
    for each in (*SCENARIOS.values(), *FAMILIES.values()):
        assert each.name in text
        assert each.about in text
    told = json.loads(run("--list", "--json").stdout)
    assert set(told["scenarios"]) == set(SCENARIOS)
    assert told["families"]["held_out_a"]["held_out"] is True


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nights", "--out", "x"), 1),
        (("rest", "--out", "x", "--family", "mine"), 1),
        (("rest", "--out", "x", "--hours", "99"), 1),
        (("rest",), 2),
        (("--out", "x"), 2),
        (("rest", "--out", "x", "--seed", "-1"), 2),
    ],
)
def test_a_wrong_wish_writes_nothing(tmp_path, monkeypatch, arguments, code):
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code == code
    assert not list(tmp_path.iterdir())
    if code == 1:
        assert done.stderr.strip().splitlines()[-1].startswith("crampwatch: ")


def test_a_night_is_simulated_for_the_sensors_that_are_worn(tmp_path):
    options = ("--hours", 0.1, "--sensors", "calf_200")
    done = run("healthy", "--out", tmp_path / "night", *options)
    assert done.exit_code == 0
    (file,) = (tmp_path / "night").glob("*.edf")
    night = open_recording(file)
    assert [(s.label, s.rate_hz) for s in night.streams] == [
        ("EMG L GM", 200.0),
        ("ACC L", 25.0),
    ]


def test_sensors_that_are_not_known_are_one_line(tmp_path):
    done = run("healthy", "--out", tmp_path / "night", "--sensors", "sock")
    assert done.exit_code == 1
    assert "sock" in done.output
    assert "calf_200" in done.output
