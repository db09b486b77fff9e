"""``crampwatch recover``: what it says, and how it fails."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from crampwatch.app.cli.program import app
from crampwatch.recording import open_recording
from crampwatch.recording.errors import DamagedError
from crampwatch.recording.journal import JournalFiles

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


@pytest.mark.parametrize("writable", [True, False])
@pytest.mark.parametrize("form", ["edf", "csv", "bids"])
def test_an_export_of_a_damaged_night_mends_it_or_leaves_the_damage_out(
    tmp_path, monkeypatch, form, writable
):
    data = bytearray((CUT_OFF.parent / "version_1.mcap").read_bytes())
    data[20_000:20_016] = bytes(16)
    folder = tmp_path / "night"
    folder.mkdir()
    path = folder / "night.mcap"
    path.write_bytes(data)
    if not writable:
        monkeypatch.setattr(JournalFiles, "existing", _refused)
    words = ["export", str(folder), "--format", form, "--out", str(tmp_path / "out")]
    found = CliRunner().invoke(app, words)
    assert found.exit_code == 0, found.stderr
    assert "without the damaged part" in found.stderr
    assert any((tmp_path / "out").rglob("*"))
    assert (path.read_bytes() == data) is not writable


def _refused(self, path):
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def test_a_night_in_memory_is_the_mended_one(tmp_path, monkeypatch):
    data = bytearray((CUT_OFF.parent / "version_1.mcap").read_bytes())
    data[20_000:20_016] = bytes(16)
    path = tmp_path / "night.mcap"
    path.write_bytes(data)
    with pytest.raises(DamagedError):
        _read(open_recording(path))
    with monkeypatch.context() as patch:
        patch.setattr(JournalFiles, "existing", _refused)
        in_memory = open_recording(path)
        seen = _read(in_memory)
    mended = open_recording(path)
    assert path.read_bytes() != data
    assert [each.n_samples for each in mended.streams] == [
        each.n_samples for each in in_memory.streams
    ]
    for one, other in zip(seen, _read(mended), strict=True):
        np.testing.assert_array_equal(one, other)
    assert any("damaged" in note for note in in_memory.notes)


def _read(night):
    return [np.concatenate([raw for _, _, raw in s.chunks(30.0)]) for s in night.streams]


def test_a_folder_without_a_journal_fails_in_one_line(tmp_path):
    found = run(tmp_path)
    assert found.exit_code == 1
    assert found.stderr.count("\n") == 1
    assert "no journal" in found.stderr
