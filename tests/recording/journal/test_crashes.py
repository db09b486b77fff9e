"""Whatever ends a recording, all but the last second is there: kill, power loss, full disk."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from journals import HALF, HEADER, RATE_HZ, block, crash, exg, indexes, journal, record
from power import PowerLoss

from crampwatch.recording.errors import RecordingError
from crampwatch.recording.journal import JournalFiles, JournalWriter
from crampwatch.recording.journal.night import night_of
from crampwatch.recording.journal.reader import JournalReader
from crampwatch.recording.journal.recover import recover

CHILD = Path(__file__).with_name("recorder.py")


def whole(path) -> int:
    """Return how many samples a journal holds, which must be the first ones without a hole."""
    found = indexes(path)
    assert (found == np.arange(len(found))).all()
    return len(found)


@pytest.mark.parametrize("moment", range(10))
def test_sigkill_loses_at_most_a_second(tmp_path, moment):
    path = tmp_path / "night.mcap"
    lines = random.Random(moment).randrange(3, 120)
    with subprocess.Popen(
        [sys.executable, str(CHILD), str(path)], stdout=subprocess.PIPE, text=True
    ) as child:
        for _ in range(lines):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        handed = [line for line in child.stdout.read().split("\n")[:-1] if line]
    last = int(handed[-1]) if handed else 0
    kept = whole(path)
    assert kept >= last - RATE_HZ
    assert kept > 0
    assert night_of(path).streams[0].n_samples == kept


def test_power_loss_keeps_all_that_was_synced(tmp_path):
    files = PowerLoss()
    writer = JournalWriter(tmp_path / "night.mcap", HEADER, files=files)
    channel = writer.open_stream(exg())
    synced_at = {}
    for half in range(20):
        writer.samples(channel, block(half * HALF, HALF))
        writer.sync()
        synced_at[len(files.log)] = (half + 1) * HALF
    writer.close()
    rng = random.Random(5)
    for number in range(80):
        moment = rng.randrange(min(synced_at), len(files.log) + 1)
        folder = tmp_path / f"after{number}"
        folder.mkdir()
        files.after(moment, folder, rng)
        synced = max(count for at, count in synced_at.items() if at <= moment)
        assert whole(folder / "night.mcap") >= synced


@pytest.mark.parametrize("room", [0, 1, 100, 1500])
def test_a_full_disk_keeps_all_before_and_says_so(tmp_path, room):
    class Full(JournalFiles):
        left = 1 << 40

        def write(self, handle, data):
            if self.left <= 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            taken = min(self.left, len(data))
            self.left -= taken
            return super().write(handle, data[:taken])

    files = Full()
    path = tmp_path / "night.mcap"
    writer = JournalWriter(path, HEADER, files=files)
    channel = record(writer, range(6))
    before = path.read_bytes()
    files.left = room
    writer.samples(channel, block(6 * HALF, HALF))
    with pytest.raises(RecordingError, match=r"No space left.*free space"):
        writer.sync()
    with pytest.raises(RecordingError, match="No space left"):
        writer.samples(channel, block(7 * HALF, HALF))
    writer.close()
    assert path.read_bytes() == before
    assert whole(path) == 6 * HALF


@pytest.mark.parametrize("room", [0, 1, 700])
def test_a_full_disk_on_closing_leaves_the_journal_as_it_was(tmp_path, room):
    class FullLater(JournalFiles):
        left = 1 << 40

        def write(self, handle, data):
            if self.left <= 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            taken = min(self.left, len(data))
            self.left -= taken
            return super().write(handle, data[:taken])

    files = FullLater()
    path = tmp_path / "night.mcap"
    writer = JournalWriter(path, HEADER, files=files)
    record(writer, range(6))
    before = path.read_bytes()
    files.left = room
    writer.close()
    assert path.read_bytes() == before
    assert whole(path) == 6 * HALF
    assert not JournalReader(path).indexed
    assert sorted(each.name for each in tmp_path.iterdir()) == ["night.mcap"]


def test_a_failing_sync_ends_the_writing_and_keeps_all_before(tmp_path):
    class Failing(JournalFiles):
        fails = False

        def fsync(self, handle):
            if self.fails:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            super().fsync(handle)

    files = Failing()
    path = tmp_path / "night.mcap"
    writer = JournalWriter(path, HEADER, files=files)
    channel = record(writer, range(4))
    files.fails = True
    writer.samples(channel, block(4 * HALF, HALF))
    with pytest.raises(RecordingError, match="Input/output error"):
        writer.sync()
    files.fails = False
    with pytest.raises(RecordingError, match="Input/output error"):
        writer.sync()
    writer.close()
    assert whole(path) == 4 * HALF


def test_a_folder_that_cannot_be_written_is_refused_in_one_line(tmp_path):
    class ReadOnly(JournalFiles):
        def create(self, path):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    with pytest.raises(RecordingError, match="Read-only file system") as caught:
        JournalWriter(tmp_path / "night.mcap", HEADER, files=ReadOnly())
    assert "\n" not in str(caught.value)
    with pytest.raises(RecordingError, match="No such file"):
        JournalWriter(tmp_path / "missing" / "night.mcap", HEADER)


def test_a_journal_is_never_written_over(tmp_path):
    path = journal(tmp_path / "night.mcap", 2)
    before = path.read_bytes()
    with pytest.raises(RecordingError, match="never overwritten"):
        JournalWriter(path, HEADER)
    assert path.read_bytes() == before


def test_a_journal_that_is_being_recorded_is_not_recovered(tmp_path):
    path = tmp_path / "night.mcap"
    writer = JournalWriter(path, HEADER)
    record(writer, range(4))
    with pytest.raises(RecordingError, match="is being recorded now"):
        recover(path)
    assert night_of(path).streams[0].n_samples == 4 * HALF
    record(writer, range(4, 6))
    crash(writer)
    assert recover(path).needed
    assert len(indexes(path)) == 6 * HALF


def test_the_writer_of_a_failed_disk_hands_on_no_traceback(tmp_path):
    writer = JournalWriter(tmp_path / "night.mcap", HEADER)
    channel = writer.open_stream(exg())
    with pytest.raises(RecordingError, match="columns"):
        writer.samples(channel, block(0, 8).__class__(
            np.arange(8), np.zeros(8), np.zeros(8), np.zeros((8, 3), np.int32)
        ))  # fmt: skip
    writer.close()
    with pytest.raises(RecordingError, match="closed"):
        writer.sync()
