"""A night of the recorder, exported: its sensors, its gaps, its samples on the grid."""

from __future__ import annotations

import numpy as np
import pytest

from crampwatch.recording import open_recording
from crampwatch.recording.writers.bids import Place, write_bids
from crampwatch.recording.writers.continuous import write_continuous
from crampwatch.recording.writers.grid import Gridded
from crampwatch.recording.writers.sensors import by_sensor


@pytest.fixture(scope="module")
def journal(repository):
    return open_recording(repository / "tests" / "data" / "journals" / "version_1.mcap")


def test_every_sensor_becomes_a_file_of_the_resampled_array(tmp_path, journal):
    for number, (_, streams) in enumerate(by_sensor(journal).items()):
        made = write_continuous(tmp_path / f"{number}", streams, start=journal.start)
        back = open_recording(made.path)
        assert len(back.streams) == len(streams)
        for stream, track in zip(back.streams, made.tracks, strict=True):
            grid = Gridded(track.stream, track.rate_hz)
            assert (stream.kind, stream.side) == (track.stream.kind, track.stream.side)
            assert len(stream.segments) == len(grid.runs)
            step = np.abs(track.stream.gain)
            for place, run in enumerate(grid.runs):
                count = run.after - run.first
                raw = np.rint(grid.read(run.first, run.after))
                true = raw * track.stream.gain + track.stream.offset
                found = stream.physical(place, 0, count)
                assert np.all(np.abs(found - true) < 0.6 * step + 1e-5 * np.abs(true))


def test_a_dataset_opens_as_the_same_night(tmp_path, journal):
    write_bids(tmp_path, journal, Place())
    back = open_recording(tmp_path)
    assert len(back.streams) == len(by_all(journal))
    assert back.start == journal.start.replace(tzinfo=None)
    originals = {stream.label: stream for stream in by_all(journal)}
    for stream in back.streams:
        original = originals[stream.label]
        assert (stream.kind, stream.side) == (original.kind, original.side)
        assert stream.end_s == pytest.approx(original.end_s, abs=2 / stream.rate_hz)


def by_all(night):
    return [stream for streams in by_sensor(night).values() for stream in streams]
