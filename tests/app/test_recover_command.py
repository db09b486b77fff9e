"""``crampwatch recover``: what it says, and how it fails."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crampwatch.app.cli.program import app

CUT_OFF = Path(__file__).parents[1] / "data" / "journals" / "version_1_cut_off.mcap"


@pytest.fixture
def night(tmp_path):
    folder = tmp_path / "night"
    folder.mkdir()
    shutil.copyfile(CUT_OFF, folder / "night.mcap")
    return folder


def run(*words):
    return CliRunner().invoke(app, ["recover", *map(str, words)])


def test_it_says_what_was_kept_and_what_was_lost(night):
    first = run(night)
    assert first.exit_code == 0
    assert "40950 samples" in first.stdout
    assert "The last write was cut off: 13 bytes." in first.stdout
    assert "nothing to repair" in run(night).stdout


def test_as_json(night):
    told = json.loads(run(night, "--json").stdout)
    assert told["needed"] is True
    assert told["samples"] == 40_950
    assert told["lost_bytes"] == 13


@pytest.mark.parametrize("name", ["version_1.mcap", "version_1_cut_off.mcap"])
def test_scoring_mends_a_damaged_night_by_itself(tmp_path, name):
    data = bytearray((CUT_OFF.parent / name).read_bytes())
    data[20_000:20_016] = bytes(16)
    path = tmp_path / "night.mcap"
    path.write_bytes(data)
    words = ["score", str(tmp_path), "--out", str(tmp_path / "out"), "--no-report"]
    found = CliRunner().invoke(app, words)
    assert found.exit_code == 0, found.stderr
    assert "could not be read" in " ".join(found.stdout.split())
    assert "nothing to repair" in run(tmp_path).stdout


def test_a_folder_without_a_journal_fails_in_one_line(tmp_path):
    found = run(tmp_path)
    assert found.exit_code == 1
    assert found.stderr.count("\n") == 1
    assert "no journal" in found.stderr
