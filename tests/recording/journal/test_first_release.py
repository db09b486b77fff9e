"""Every reader opens the journals of the first release."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from journals import raw_of

from crampwatch.recording.journal.checkpoints import newest, walk
from crampwatch.recording.journal.night import night_of
from crampwatch.recording.journal.reader import JournalReader
from crampwatch.recording.journal.recover import recover
from crampwatch.recording.journal.scan import JournalFile

DATA = Path(__file__).parents[2] / "data" / "journals"
CLOSED, CUT_OFF = DATA / "version_1.mcap", DATA / "version_1_cut_off.mcap"
CHECKPOINTS = DATA / "version_1_checkpoints.mcap"


@pytest.mark.parametrize("path", [CLOSED, CUT_OFF, CHECKPOINTS], ids=lambda path: path.stem)
def test_the_night_is_as_it_was_recorded(path):
    night = night_of(path)
    assert night.start == datetime.fromisoformat("2026-09-21T16:13:21.003990+02:00")
    assert [stream.label for stream in night.streams] == ["EMG L GM", "EMG L TA", "ACC L calf"]
    index = np.concatenate([np.arange(15_000), np.arange(16_000, 40_000)])
    for number, stream in enumerate(night.streams[:2]):
        raw = np.concatenate([raw for _, _, raw in stream.chunks(30.0)])
        assert (raw[:, 0] == raw_of(index)[:, number] >> 12).all()
        assert stream.rate_hz == pytest.approx(999.98, abs=1e-3)
        (gap,) = stream.gaps
        assert gap.start_s == pytest.approx(15.0, abs=0.002)
        assert gap.duration_s == pytest.approx(1.0, abs=0.002)
    accel = night.streams[2]
    assert (accel.axes, accel.unit, accel.n_samples) == (("x", "y", "z"), "g", 1950)
    assert accel.physical(0, 0, 100)[:, 2].mean() == pytest.approx(1.0, abs=0.01)
    assert [event.extra["text"] for event in night.events] == ["cramp, left calf"]
    assert any("cut off" in note for note in night.notes) is (path != CLOSED)


def test_its_index_is_used_and_says_what_reading_through_says(tmp_path):
    assert JournalReader(CLOSED).indexed
    whole = CLOSED.read_bytes()
    through = tmp_path / "night.mcap"
    through.write_bytes(whole[:-8])
    assert not JournalReader(through).indexed
    for a, b in zip(night_of(CLOSED).streams, night_of(through).streams, strict=True):
        assert a.rate_hz == pytest.approx(b.rate_hz, rel=1e-6)
        for one, other in zip(a.segments, b.segments, strict=True):
            assert one.start_s == pytest.approx(other.start_s, abs=1e-3)


def test_it_is_recovered(tmp_path):
    path = tmp_path / "night.mcap"
    shutil.copyfile(CUT_OFF, path)
    done = recover(path)
    assert (done.needed, done.damaged) == (True, 0)
    assert done.torn_bytes == 13
    assert JournalReader(path).indexed


def test_its_checkpoints_are_used(tmp_path):
    file = JournalFile(CHECKPOINTS)
    assert len(list(walk(file, newest(file, file.size)))) == 3
    path = tmp_path / "night.mcap"
    shutil.copyfile(CHECKPOINTS, path)
    assert recover(path, every_chunk=False).torn_bytes == 13
    assert JournalReader(path).indexed
