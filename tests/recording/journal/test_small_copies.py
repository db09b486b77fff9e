"""Slow streams are written small on a clean stop; the copy beside never harms the journal."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest
from journals import HEADER, START_S, block, crash, exg, indexes, journal, raw_of

from crampwatch.recording.journal import JournalFiles, JournalWriter, Note, SampleBlock, rewrite
from crampwatch.recording.journal.follow import JournalFollower
from crampwatch.recording.journal.night import night_of
from crampwatch.recording.journal.reader import JournalReader
from crampwatch.recording.journal.recover import recover
from crampwatch.recording.journal.rewrite import part_of

SLOW_HZ = 50
STREAM = exg(rate_hz=float(SLOW_HZ), device_clock=True)


def slow(half: int) -> SampleBlock:
    """Return half a second at 50 Hz in one packet."""
    count = SLOW_HZ // 2
    index = np.arange(half * count, (half + 1) * count)
    arrival_s = np.full(count, START_S + 1.0 + (half + 1) / 2 + 0.003 * (half % 5))
    return SampleBlock(index, index / SLOW_HZ, arrival_s, raw_of(index), connection=1)


def record(path, halves: int, *, files: JournalFiles | None = None) -> JournalWriter:
    writer = JournalWriter(path, HEADER, files=files or JournalFiles())
    channel = writer.open_stream(STREAM)
    for half in range(halves):
        writer.samples(channel, slow(half))
        if half % 50 == 7:
            writer.note(Note("marker", START_S + half / 2, None, {"text": str(half)}))
        writer.sync()
    return writer


def test_a_clean_stop_leaves_the_same_night_in_fewer_bytes(tmp_path):
    path, whole = tmp_path / "night.mcap", tmp_path / "whole.mcap"
    writer = record(path, 600)
    follower = JournalFollower(path)
    before = path.stat().st_size
    whole.write_bytes(path.read_bytes())
    writer.close()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["night.mcap", "whole.mcap"]
    assert path.stat().st_size < 0.75 * before
    assert JournalReader(path).indexed
    assert not recover(path).needed
    count = 600 * SLOW_HZ // 2
    assert (indexes(path) == np.arange(count)).all()
    closed, open_ = night_of(path), night_of(whole)
    assert closed.start == open_.start
    assert closed.events == open_.events
    for a, b in zip(closed.streams, open_.streams, strict=True):
        assert a.rate_hz == b.rate_hz
        assert [each.start_s for each in a.segments] == [each.start_s for each in b.segments]
    seen = [item[1].index for item in follower.news() if isinstance(item, tuple)]
    assert (np.concatenate(seen) == np.arange(count)).all()
    assert follower.ended


def test_what_a_kill_leaves_is_cleared_away(tmp_path):
    path = tmp_path / "night.mcap"
    crash(record(path, 100))
    assert part_of(path).exists()
    assert len(indexes(path)) == 100 * SLOW_HZ // 2
    recover(path)
    assert [each.name for each in tmp_path.iterdir()] == ["night.mcap"]
    assert len(indexes(path)) == 100 * SLOW_HZ // 2


def test_fast_streams_have_no_copy(tmp_path):
    path = tmp_path / "night.mcap"
    writer = JournalWriter(path, HEADER)
    channel = writer.open_stream(exg())
    for half in range(60):
        writer.samples(channel, block(half * 500, 500))
        writer.sync()
    assert not part_of(path).exists()
    before = path.read_bytes()
    writer.close()
    assert path.read_bytes().startswith(before)
    assert JournalReader(path).indexed


class Part(JournalFiles):
    """Fails on the copy alone."""

    fails = ""
    part = -1

    def rewrite(self, path):
        self._fail("rewrite")
        self.part = super().rewrite(path)
        return self.part

    def write(self, handle, data):
        if handle == self.part:
            self._fail("write")
        return super().write(handle, data)

    def fsync(self, handle):
        if handle == self.part:
            self._fail("fsync")
        super().fsync(handle)

    def replace(self, source, target):
        self._fail("replace")
        super().replace(source, target)

    def _fail(self, what):
        if what == self.fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("what", ["rewrite", "write", "fsync", "replace"])
@pytest.mark.parametrize("late", [False, True])
def test_a_copy_that_fails_costs_nothing(tmp_path, what, late):
    files = Part()
    files.fails = "" if late else what
    path = tmp_path / "night.mcap"
    writer = record(path, 80, files=files)
    files.fails = what
    writer.close()
    assert writer.failed is None
    assert JournalReader(path).indexed
    assert (indexes(path) == np.arange(80 * SLOW_HZ // 2)).all()
    assert [each.name for each in tmp_path.iterdir()] == ["night.mcap"]


def test_a_disk_that_the_copy_filled_is_freed_for_the_journal(tmp_path):
    path = tmp_path / "night.mcap"

    class Full(JournalFiles):
        full = False

        def write(self, handle, data):
            if self.full and part_of(path).exists():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(handle, data)

    files = Full()
    writer = record(path, 40, files=files)
    files.full = True
    (channel,) = writer._streams
    for half in range(40, 60):
        writer.samples(channel, slow(half))
        writer.sync()
    writer.close()
    assert (indexes(path) == np.arange(60 * SLOW_HZ // 2)).all()
    assert JournalReader(path).indexed


def test_large_chunks_of_a_damaged_journal_are_copied_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(rewrite, "COPIED_BYTES", 1000)
    path = journal(tmp_path / "night.mcap", 80, close=True)
    data = bytearray(path.read_bytes())
    data[60_000:60_016] = bytes(16)
    path.write_bytes(data)
    done = recover(path)
    assert (done.needed, done.damaged) == (True, 1)
    found = indexes(path)
    assert len(found) == done.samples == 79 * 500
    again = path.read_bytes()
    assert data[20_000:50_000] in again
    assert JournalReader(path).indexed
    assert not recover(path).needed
    assert "could not be read" in str(night_of(path).notes)
