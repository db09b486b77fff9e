"""A journal gives all that is not damaged, and names the rest; nothing it holds is believed."""

from __future__ import annotations

import random
import tracemalloc
import zlib

import numpy as np
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journals import HALF, HEADER, indexes, journal

from crampwatch.recording import RecordingError, open_recording
from crampwatch.recording.journal.follow import JournalFollower
from crampwatch.recording.journal.header import VERSION, header_to_text
from crampwatch.recording.journal.night import night_of
from crampwatch.recording.journal.reader import JournalReader
from crampwatch.recording.journal.records import MAGIC, chunk_bytes, descriptions, opening
from crampwatch.recording.journal.recover import recover
from crampwatch.recording.journal.scan import ChunkAt, JournalFile, scan

SECONDS = 20


@pytest.fixture(scope="module")
def torn(tmp_path_factory):
    """A journal as a crash leaves it."""
    return journal(tmp_path_factory.mktemp("torn") / "night.mcap", 2 * SECONDS)


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """A journal that was closed cleanly."""
    return journal(tmp_path_factory.mktemp("closed") / "night.mcap", 2 * SECONDS, close=True)


def chunks(path) -> list[ChunkAt]:
    file = JournalFile(path)
    found = [each for each in scan(file) if isinstance(each, ChunkAt)]
    file.close()
    return found


def missing(path) -> np.ndarray:
    return np.setdiff1d(np.arange(SECONDS * 2 * HALF), indexes(path))


@pytest.mark.parametrize("number", range(12))
def test_a_tail_torn_anywhere_costs_that_half_second(tmp_path, torn, number):
    last = chunks(torn)[-1]
    cut = random.Random(number).randrange(last.offset + 1, last.offset + last.length)
    path = tmp_path / "night.mcap"
    path.write_bytes(torn.read_bytes()[:cut])
    assert len(missing(path)) == HALF
    assert JournalReader(path).damage[-1].torn


@pytest.mark.parametrize("kind", ["zeroed", "flipped", "cut out"])
@pytest.mark.parametrize("number", range(8))
def test_a_damaged_block_costs_the_chunks_it_touches(tmp_path, torn, kind, number):
    rng = random.Random(number)
    data = bytearray(torn.read_bytes())
    first = chunks(torn)[2].offset
    at = rng.randrange(first, len(data) - 600)
    if kind == "zeroed":
        data[at : at + 512] = bytes(512)
    elif kind == "flipped":
        data[at] ^= 1 << rng.randrange(8)
    else:
        del data[at : at + 100]
    path = tmp_path / "night.mcap"
    path.write_bytes(data)
    assert 0 < len(missing(path)) <= 2 * HALF
    night = night_of(path)
    assert any("damaged" in note for note in night.notes) or "cut off" in str(night.notes)


@pytest.mark.parametrize("number", range(6))
def test_after_a_clean_stop_damage_costs_little_more_than_a_second(tmp_path, closed, number):
    found = chunks(closed)
    rng = random.Random(number)
    at = rng.randrange(found[1].offset, found[-2].offset)
    data = bytearray(closed.read_bytes())
    data[at : at + 16] = bytes(16)
    path = tmp_path / "night.mcap"
    path.write_bytes(data)
    with pytest.raises(RecordingError, match="crampwatch recover"):
        indexes(path)
    done = recover(path)
    assert (done.needed, done.damaged) == (True, 1)
    assert 0 < len(missing(path)) <= 3 * 2 * HALF
    assert "could not be read" in str(night_of(path).notes)


def test_a_damaged_beginning_hides_no_later_sample(tmp_path, torn):
    data = bytearray(torn.read_bytes())
    third = chunks(torn)[2].offset
    data[len(MAGIC) : third] = bytes(third - len(MAGIC))
    path = tmp_path / "night.mcap"
    path.write_bytes(data)
    with pytest.raises(RecordingError, match="nothing of it is left"):
        night_of(path)
    long = journal(tmp_path / "long.mcap", 2 * 61)
    data = bytearray(long.read_bytes())
    third = chunks(long)[3].offset
    data[len(MAGIC) : third] = bytes(third - len(MAGIC))
    long.write_bytes(data)
    found = indexes(long)
    assert (found == np.arange(2 * HALF, 2 * 61 * HALF)).all()
    assert recover(long).samples == len(found)
    assert (indexes(long) == found).all()


def test_recovering_keeps_every_sample_and_leaves_one_file(tmp_path, torn):
    path = tmp_path / "night.mcap"
    path.write_bytes(torn.read_bytes())
    (tmp_path / ".night.mcap.part").write_bytes(b"the rest of a crash")
    done = recover(tmp_path)
    assert (done.samples, done.lost_bytes) == (2 * SECONDS * HALF, 0)
    assert JournalReader(path).indexed
    assert not len(missing(path))
    assert [each.name for each in tmp_path.iterdir()] == ["night.mcap"]
    assert not recover(path).needed


def test_other_programs_can_read_it(closed):
    from mcap.reader import make_reader

    with closed.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        messages = list(reader.iter_messages())
    assert summary.statistics.message_count == len(messages)
    assert {channel.topic for channel in summary.channels.values()} == {
        "notes",
        "left-calf/exg",
    }


def test_a_follower_sees_each_sample_once_and_waits_for_the_torn_end(tmp_path, torn):
    data = torn.read_bytes()
    path = tmp_path / "night.mcap"
    path.write_bytes(data[:100])
    follower = JournalFollower(path)
    seen: list[int] = []
    for end in [*range(100, len(data), 3001), len(data)]:
        path.write_bytes(data[:end])
        for each in follower.news():
            if isinstance(each, tuple):
                seen += each[1].index.tolist()
    follower.close()
    assert seen == list(range(2 * SECONDS * HALF))
    assert follower.header is not None


def read_all(path) -> str:
    """Read a whole night and return what went wrong."""
    try:
        for stream in open_recording(path).streams:
            for _ in stream.chunks(10.0):
                pass
    except RecordingError as error:
        return str(error)
    return ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_change_of_bytes_breaks_the_reader(tmp_path, torn, closed, data):
    content = bytearray(data.draw(st.sampled_from([torn, closed])).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(8, len(content) - 1))
        size = data.draw(st.integers(1, 40))
        content[at : at + size] = data.draw(st.binary(max_size=size))
    path = tmp_path / "night.mcap"
    path.write_bytes(content)
    assert "\n" not in read_all(path)


@given(st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_foreign_bytes_behind_the_magic_are_refused_in_one_line(tmp_path, content):
    path = tmp_path / "night.mcap"
    path.write_bytes(MAGIC + content)
    with pytest.raises(RecordingError) as caught:
        open_recording(path)
    assert "\n" not in str(caught.value)


def hostile(content: bytes, claimed: int | None = None) -> bytes:
    chunk = bytearray(chunk_bytes(content, 0, 0))
    if claimed is not None:
        chunk[25:33] = claimed.to_bytes(8, "little")
    return bytes(chunk)


def test_chunks_that_claim_or_unpack_to_much_stay_in_bounded_memory(tmp_path):
    bomb = bytes(200 << 20)
    packed = zstandard.compress(bomb, 1)
    crc = zlib.crc32(bomb)
    del bomb
    chunk = bytearray(chunk_bytes(b"", 0, 0))
    del chunk[-(len(chunk) - 53) :]
    chunk[1:9] = (44 + len(packed)).to_bytes(8, "little")
    chunk[25:33] = (200 << 20).to_bytes(8, "little")
    chunk[33:37] = crc.to_bytes(4, "little")
    chunk[45:53] = len(packed).to_bytes(8, "little")
    path = tmp_path / "night.mcap"
    path.write_bytes(opening(HEADER) + bytes(chunk) + packed + hostile(b"x", 1 << 62))
    tracemalloc.start()
    with pytest.raises(RecordingError, match="nothing of it is left"):
        open_recording(path)
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert highest < 5_000_000


def test_a_later_version_is_refused_with_the_way_out(tmp_path):
    told = descriptions(HEADER, ())
    text = header_to_text(HEADER)
    later = text.replace(f'"version":{VERSION}', f'"version":{VERSION + 8}')
    assert len(later) == len(text)
    path = tmp_path / "night.mcap"
    content = told.replace(text.encode(), later.encode())
    path.write_bytes(opening(HEADER) + chunk_bytes(content, 0, 0))
    with pytest.raises(RecordingError, match=r"later version.*update crampwatch"):
        open_recording(path)
