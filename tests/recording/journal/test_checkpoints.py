"""A journal tells of itself while it grows: from its checkpoints it opens as the same night."""

from __future__ import annotations

import random

import numpy as np
import pytest
from journals import HALF, HEADER, START_S, block, crash, exg
from power import PowerLoss

from crampwatch.recording.errors import RecordingError
from crampwatch.recording.journal import JournalWriter, Note, SampleBlock, checkpoints, writer
from crampwatch.recording.journal.checkpoints import newest, walk
from crampwatch.recording.journal.files import REAL
from crampwatch.recording.journal.follow import JournalFollower
from crampwatch.recording.journal.night import night_of
from crampwatch.recording.journal.reader import JournalReader
from crampwatch.recording.journal.recover import recover
from crampwatch.recording.journal.scan import ChunkAt, JournalFile, scan

EVERY = 20


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """Write checkpoints often."""
    monkeypatch.setattr(writer, "EVERY_CHUNKS", EVERY)


@pytest.fixture
def through(monkeypatch):
    """Open a journal as if it held no checkpoints."""

    def read(path):
        with monkeypatch.context() as patch:
            patch.setattr(checkpoints, "newest", lambda *_: None)
            return JournalReader(path)

    return read


def slow(half: int) -> SampleBlock:
    """Return half a second of a stream without a clock of its own."""
    index = np.arange(25) + half * 25
    arrival_s = np.full(25, START_S + 1.0 + half / 2 + 0.507)
    raw = np.stack([index % 7, index % 11, index % 13], axis=1).astype(np.int32)
    return SampleBlock(index, index / 50.0, arrival_s, raw, connection=1)


def gap(index: int, reason: str = "counter", *, high: int | None = 100) -> Note:
    told = {"stream": "exg", "generation": 1, "index": index, "lost": 100}
    told |= {"lost_low": 100, "lost_high": high, "reason": reason}
    return Note("gap", START_S, "left-calf", told)


def eventful(path, halves: int, *, files=REAL, seed: int = 0) -> JournalWriter:
    """Write a night with reconnects, restarts, losses, resent packets and late streams."""
    rng = random.Random(seed)
    made = JournalWriter(path, HEADER, files=files)
    fast, other = made.open_stream(exg()), None
    first, connection, moved_s, off_s = 0, 1, 0.0, 0.0
    for half in range(halves):
        what = rng.random()
        if what < 0.02:
            connection += 1
            off_s += 0.2 * rng.random()
        elif what < 0.03:
            connection += 1
            moved_s -= 20.0
            made.note(gap(first, "restart"))
        elif what < 0.05:
            made.note(gap(first, high=rng.choice([None, 100])))
            first += 100
        elif what < 0.06:
            off_s += 30.0
        told = block(first, HALF, ppm=30.0, connection=connection)
        arrival_s = told.arrival_s + off_s
        device_s = told.device_s + moved_s
        if not 0.06 < what < 0.08:
            sent = SampleBlock(told.index, device_s, arrival_s, told.raw, 1.0, connection)
            made.samples(fast, sent)
        elif half > 40:
            late = block(first - 30 * HALF, HALF)
            made.samples(
                fast,
                SampleBlock(late.index, device_s - 15.0, arrival_s, late.raw, 1.0, connection),
            )
        first += HALF
        if half == 70:
            other = made.open_stream(
                exg(stream="accel", kind="acc", columns=("x", "y", "z"), unit="g",
                    rate_hz=50.0, gain=(0.001,) * 3, offset=(0.0,) * 3, muscles=(),
                    raw_limits=None, device_clock=False)
            )  # fmt: skip
        if other is not None:
            made.samples(other, slow(half))
        if what > 0.95:
            made.note(Note("marker", START_S + half / 2, None, {"text": str(half)}))
        made.sync()
    return made


def same(one, other) -> None:
    """Hold that two directories say the same, to the last bit."""
    assert one.header == other.header
    assert one.streams == other.streams
    for table in ("chunk", "at", "size"):
        np.testing.assert_array_equal(getattr(one.notes, table), getattr(other.notes, table))
    for channel, pieces in one.pieces.items():
        for name in pieces.__dataclass_fields__:
            found = getattr(other.pieces[channel], name)
            np.testing.assert_array_equal(getattr(pieces, name), found)
        clock, second = one.clocks[channel], other.clocks[channel]
        assert (clock.late, clock.found) == (second.late, second.found)
        assert len(clock.runs) == len(second.runs)
        for run, again in zip(clock.runs, second.runs, strict=True):
            for name in run.__dataclass_fields__:
                np.testing.assert_array_equal(getattr(run, name), getattr(again, name))


@pytest.mark.parametrize("seed", range(8))
def test_checkpoints_say_what_reading_through_says(tmp_path, through, seed):
    path = tmp_path / "night.mcap"
    crash(eventful(path, 300 + 17 * seed, seed=seed))
    file = JournalFile(path)
    assert newest(file, file.size) is not None
    same(JournalReader(path).directory, through(path).directory)


@pytest.mark.parametrize("seed", range(4))
def test_the_index_of_a_clean_stop_says_the_same(tmp_path, through, seed):
    path = tmp_path / "night.mcap"
    made = eventful(path, 200, seed=seed)
    whole = through(path).directory
    made.close()
    closed = JournalReader(path)
    assert closed.indexed
    same(closed.directory, whole)
    assert not recover(path).needed


def test_opening_reads_the_rest_behind_the_last_checkpoint_only(tmp_path, monkeypatch):
    path = tmp_path / "night.mcap"
    crash(eventful(path, 10 * EVERY + 5))
    looked = []
    real = checkpoints.surveyed

    def spy(file):
        found = real(file)
        looked.append(found[1])
        return found

    monkeypatch.setattr("crampwatch.recording.journal.surveying.surveyed", spy)
    JournalReader(path)
    behind = [each for each in scan(JournalFile(path), looked[0]) if isinstance(each, ChunkAt)]
    assert len(behind) <= EVERY + 6


def test_memory_of_the_writer_stays_as_it_is(tmp_path):
    path = tmp_path / "night.mcap"
    made = eventful(path, 10 * EVERY)
    held = [len(column) for track in made._survey._tracks.values() for column in track._whole]
    assert max(held) <= 2 * EVERY
    made.close()


def test_a_night_that_loses_much_is_told_earlier_and_reads_the_same(
    tmp_path, through, monkeypatch
):
    monkeypatch.setattr(writer, "EVERY_CHUNKS", 10_000)
    monkeypatch.setattr(writer, "MOST_UNTOLD", 100)
    path = tmp_path / "night.mcap"
    made = JournalWriter(path, HEADER)
    channel = made.open_stream(exg(device_clock=False))
    first, held = 0, 0
    for half in range(400):
        for lost in (3, 5):
            made.note(gap(first, high=None))
            told = block(first, HALF // 2, connection=1 + half // 150)
            made.samples(channel, told)
            first += HALF // 2 + lost
        made.sync()
        (track,) = made._survey._tracks.values()
        held = max(held, len(track.clock._lows) // 10, len(track._whole[0]))
    assert held <= 120
    crash(made)
    cut_off, whole = JournalReader(path), through(path)
    assert len(whole.directory.clocks[channel].runs) == 800
    same(cut_off.directory, whole.directory)


@pytest.mark.parametrize("number", range(30))
def test_damage_near_or_in_checkpoints_costs_no_sample_elsewhere(tmp_path, number):
    path = tmp_path / "night.mcap"
    crash(eventful(path, 150))
    before = indexes_of_all(path)
    file = JournalFile(path)
    places = [at for at, _ in walk(file, newest(file, file.size))]
    rng = random.Random(number)
    data = bytearray(path.read_bytes())
    at = rng.choice(places) + rng.randrange(0, 1500)
    data[at : at + 40] = bytes(40)
    path.write_bytes(data)
    recover(path)
    found = indexes_of_all(path)
    assert np.isin(found, before).all()
    assert len(found) >= len(before) - 2 * HALF - 50
    assert JournalReader(path).indexed


@pytest.mark.parametrize("number", range(30))
def test_a_journal_cut_anywhere_opens_and_is_finished(tmp_path, through, number):
    path = tmp_path / "night.mcap"
    crash(eventful(path, 90))
    data = path.read_bytes()
    cut = random.Random(number).randrange(len(data) // 2, len(data))
    path.write_bytes(data[:cut])
    torn = JournalReader(path).directory
    same(torn, through(path).directory)
    samples = sum(int(pieces.count.sum()) for pieces in torn.pieces.values())
    done = recover(path, every_chunk=False)
    assert (done.needed, done.samples, done.damaged) == (True, samples, 0)
    whole = JournalReader(path)
    assert whole.indexed
    assert sum(int(p.count.sum()) for p in whole.directory.pieces.values()) == samples
    assert not recover(path).needed


def test_a_checkpoint_tells_only_of_what_was_on_the_disk(tmp_path):
    files = PowerLoss()
    made = eventful(tmp_path / "night.mcap", 90, files=files)
    synced = len(files.log)
    made.close()
    rng = random.Random(3)
    for number in range(60):
        folder = tmp_path / f"after{number}"
        folder.mkdir()
        files.after(rng.randrange(synced // 2, len(files.log) + 1), folder, rng)
        path = folder / "night.mcap"
        assert len(indexes_of_all(path))
        for stream in night_of(path).streams:
            for _ in stream.chunks(30.0):
                pass


def indexes_of_all(path) -> np.ndarray:
    """Return the running numbers of the first stream, each block read."""
    reader = JournalReader(path)
    channel = next(iter(reader.streams))
    return np.concatenate([each.index for each in reader.blocks(channel)])


def test_checkpoints_of_another_kind_are_not_believed(tmp_path, through, monkeypatch):
    path = tmp_path / "night.mcap"
    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "ESTIMATE", 99)
        crash(eventful(path, 90))
    file = JournalFile(path)
    assert newest(file, file.size) is None
    same(JournalReader(path).directory, through(path).directory)


def test_a_night_that_no_survey_can_hold_is_still_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr("crampwatch.recording.journal.survey.MOST_PIECES", 30)
    path = tmp_path / "night.mcap"
    made = eventful(path, 60)
    made.close()
    with pytest.raises(RecordingError, match="more than 30 pieces"):
        JournalReader(path)
    monkeypatch.setattr("crampwatch.recording.journal.survey.MOST_PIECES", 1 << 20)
    assert len(indexes_of_all(path))


@pytest.mark.parametrize("halves", [1, 15, 90, 205])
@pytest.mark.parametrize("back_s", [0.0, 3.0, 25.0, 1e6])
def test_a_follower_begins_where_it_is_told_to(tmp_path, halves, back_s):
    path = tmp_path / "night.mcap"
    made = JournalWriter(path, HEADER)
    gone = made.open_stream(exg(stream="gone"))
    made.samples(gone, block(0, 10))
    channel = made.open_stream(exg())
    for half in range(halves):
        made.samples(channel, block(half * HALF, HALF))
        made.sync()
    follower = JournalFollower(path, back_s=back_s)
    assert follower.header == HEADER
    assert set(follower.streams) == {gone, channel}
    for half in range(halves, halves + 3):
        made.samples(channel, block(half * HALF, HALF))
        made.sync()
    seen = [
        item[1].index
        for item in follower.news()
        if isinstance(item, tuple) and item[0] == channel
    ]
    index = np.concatenate(seen)
    assert (np.diff(index) == 1).all()
    assert index[-1] == (halves + 3) * HALF - 1
    began = max(0, halves - round(2 * back_s))
    assert abs(index[0] - began * HALF) <= HALF
    assert not follower.ended
    made.close()
    assert list(follower.news()) == []
    assert follower.ended
    follower.close()
