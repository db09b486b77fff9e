"""A journal without what tells whose it is: raw and clock times stay, all else goes."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from crampwatch.recording import RecordingError, open_recording
from crampwatch.recording.anonymize import anonymize
from crampwatch.recording.anonymize_journal import journal_texts, same_journal_samples
from crampwatch.recording.journal import (
    JournalHeader,
    JournalStream,
    JournalWriter,
    Note,
    SampleBlock,
)
from crampwatch.recording.journal.reader import JournalReader

WALL_S = 1_790_000_000.0
START_S = 5_000.0
SECRETS = ("Kowalski", "C0:FF:EE", "SN4711", "Berlin", "0.1.0-kow", "Peterstr", "2026")
MODELS = {"cyton": "OpenBCI Cyton"}


def exg(**changes) -> JournalStream:
    told = {
        "sensor": "left-calf",
        "stream": "exg",
        "kind": "emg",
        "columns": ("ch1_uV", "ch2_Kowalski"),
        "unit": "uV",
        "rate_hz": 250.0,
        "gain": (0.5, 0.5),
        "offset": (0.0, 0.0),
        "calibrated": True,
        "raw_limits": (-32768, 32767),
        "device_clock": True,
        "side": "left",
        "muscles": ("GM", "Kowalski"),
        "placement": "calf of Kowalski",
        "driver": "cyton",
        "settings": {"address": "C0:FF:EE:11:22:33", "serial": "SN4711"},
        "title": "Kowalski's Cyton SN4711",
    }
    return JournalStream(**{**told, **changes})


def block(first: int, count: int, connection: int = 1) -> SampleBlock:
    index = np.arange(first, first + count)
    arrival_s = START_S + 1.0 + (index // 10 * 10 + 9) / 250.0 + 0.004 * (index // 10 % 3)
    raw = np.random.default_rng(first).integers(-3000, 3000, (count, 2)).astype(np.int32)
    return SampleBlock(index, 7.0 + index / 250.0, arrival_s, raw, 1.0, connection)


def secret_journal(path: Path, *, close: bool = True, wall_s: float = WALL_S) -> Path:
    """Write a night of two sensors that tells a name wherever a text fits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = JournalHeader(
        wall_s, START_S, START_S, "Europe/Berlin", 7200, "crampwatch 0.1.0-kow",
        {"host": "Kowalski-laptop"},
    )  # fmt: skip
    writer = JournalWriter(path, header)
    channels = [
        writer.open_stream(exg()),
        writer.open_stream(exg(sensor="Kowalski's band", side="right", driver="homemade",
                               title="", stream="Peterstr 5")),
    ]  # fmt: skip
    say = [
        Note("recorder", START_S, None, {
            "event": "start", "versions": {"crampwatch": "0.1.0-kow"},
            "sensors": {"Kowalski's band": "ble:C0:FF:EE:11:22:33"}}),
        Note("wall", START_S, None, {"wall_s": wall_s, "elapsed_s": START_S}),
        Note("link", START_S, "left-calf", {
            "state": "streaming", "reason": "found C0:FF:EE:11:22:33", "attempt": 1,
            "fault": None, "connection": 1}),
        Note("device", START_S, "left-calf", {"kind": "serial", "value": 4711.0,
                                              "text": "SN4711"}),
        Note("marker", START_S + 9.0, None, {"text": "Kowalski woke", "source": "key",
                                             "wall_s": wall_s + 9.0}),
        Note("marker", START_S + 10.0, None, {"text": "a cramp", "source": "key"}),
        Note("gap", START_S + 5.0, "Kowalski's band", {
            "stream": "Peterstr 5", "generation": 1, "index": 1000, "lost": 250,
            "lost_low": 250, "lost_high": None, "reason": "counter"}),
        Note("calibration", START_S + 2.0, None, {
            "phase": "rest", "start_s": START_S + 2.0, "end_s": START_S + 4.0,
            "sensor": "Kowalski's band", "remark": "Kowalski moved"}),
        Note("diagnosis", START_S, None, {"text": "Kowalski"}),
    ]  # fmt: skip
    for note in say:
        writer.note(note)
    for half in range(60):
        writer.samples(channels[0], block(half * 125, 125))
        if not 8 <= half < 10:
            writer.samples(channels[1], block(half * 125, 125, 1 + (half >= 10)))
        writer.sync()
    if close:
        writer.close()
    else:
        writer._release()
    return path


def everything(folder: Path) -> str:
    """Return the texts of a folder: names of files, tables, and all that a journal says."""
    said = []
    for file in folder.rglob("*"):
        said.append(file.name)
        if file.suffix == ".mcap":
            said += journal_texts(file)
            reader = JournalReader(file)
            said += [json.dumps(asdict(s), default=str) for s in reader.streams.values()]
            said += [json.dumps(dict(note.data)) for note in reader.notes()]
            reader.close()
            said.append(file.read_bytes().decode("latin-1"))
        elif file.is_file():
            said.append(file.read_bytes().decode("latin-1"))
    return "\n".join(said)


@pytest.mark.parametrize("close", [True, False], ids=["closed", "cut off"])
def test_nothing_tells_whose_the_night_is(tmp_path, close):
    source = secret_journal(tmp_path / "Kowalski 2026" / "night.mcap", close=close)
    before = everything(source.parent)
    assert [secret for secret in SECRETS[:-1] if secret not in before] == []
    done = anonymize(source.parent, tmp_path / "out", models=MODELS)
    assert done.files == ("README.md", "night.mcap")
    text = everything(tmp_path / "out")
    assert [secret for secret in SECRETS if secret in text] == []


def test_raw_numbers_times_and_losses_stay(tmp_path):
    source = secret_journal(tmp_path / "night.mcap")
    anonymize(source, tmp_path / "out", models=MODELS)
    copy = tmp_path / "out" / "night.mcap"
    assert same_journal_samples(source, copy)
    before, after = open_recording(source), open_recording(copy)
    assert after.start.strftime("%d.%m.%Y") == "02.01.1985"
    assert after.start.replace(tzinfo=None).time() == before.start.replace(tzinfo=None).time()
    assert [s.label for s in after.streams if s.kind == "emg"] == ["EMG L GM", "EMG R GM"]
    assert {s.sensor for s in after.streams} == {"left-calf", "sensor-2"}
    for one, other in zip(before.streams, after.streams, strict=True):
        assert (one.rate_hz, one.unit, one.side) == (other.rate_hz, other.unit, other.side)
        lengths = [[gap.duration_s for gap in each.gaps] for each in (one, other)]
        assert lengths[0] == pytest.approx(lengths[1], abs=1e-6)
        for first, second in zip(one.segments, other.segments, strict=True):
            assert first.start_s == pytest.approx(second.start_s, abs=1e-6)
            np.testing.assert_array_equal(
                first.source.read(0, 10**6), second.source.read(0, 10**6)
            )
    assert after.devices == ("left-calf: OpenBCI Cyton", "sensor-2: unknown sensor")
    assert [e.extra.get("text") for e in after.events if e.trial_type == "marker"] == [
        None, "a cramp",
    ]  # fmt: skip
    assert {s.label: [n for n in s.notes if "lost" in n] for s in after.streams if s.side}[
        "EMG R GM"
    ] == [n for n in before.streams[2].notes if "lost" in n]


def test_a_damaged_journal_is_copied_but_for_the_damage(tmp_path):
    source = secret_journal(tmp_path / "night.mcap")
    data = bytearray(source.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    source.write_bytes(data)
    before = [stream.n_samples for stream in open_recording(source).streams]
    anonymize(source, tmp_path / "out")
    after = [stream.n_samples for stream in open_recording(tmp_path / "out").streams]
    assert 0.7 * sum(before) < sum(after) < sum(before)
    assert source.read_bytes() == data


def test_days_between_nights_stay_and_what_was_found_is_not_taken_for_marks(tmp_path):
    nights = tmp_path / "nights"
    for night, days in (("a", 0), ("b", 3)):
        secret_journal(nights / night / "night.mcap", wall_s=WALL_S + 86_400.0 * days)
        table = nights / night / "events.tsv"
        table.write_text("onset\tduration\ttrial_type\tchannel\n5\t9\tcramp\tEMG L GM\n")
    (nights / "a" / "provenance.json").write_text('{"program": "crampwatch"}')
    done = anonymize(nights, tmp_path / "out")
    assert done.files == (
        "README.md",
        "night-01/desc-detector_events.json",
        "night-01/desc-detector_events.tsv",
        "night-01/night.mcap",
        "night-02/events.json",
        "night-02/events.tsv",
        "night-02/night.mcap",
    )
    assert done.left_out == ("a/provenance.json",)
    starts = [open_recording(tmp_path / "out" / f"night-0{n}").start for n in (1, 2)]
    assert (starts[1] - starts[0]).total_seconds() == pytest.approx(3 * 86_400.0)


def test_a_text_that_would_be_left_stops_it(tmp_path, monkeypatch):
    source = secret_journal(tmp_path / "night.mcap")
    monkeypatch.setattr(
        "crampwatch.recording.anonymize_notes.Cleaning.note", lambda _, note: note
    )
    with pytest.raises(RecordingError, match=r"would be left|would still hold"):
        anonymize(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_sensor_whose_file_is_one_of_several_stays_beside_the_others(tmp_path, repository):
    [edf] = (repository / "sample_data" / "recordings" / "simulated_night").glob("*.edf")
    nights = tmp_path / "in"
    nights.mkdir()
    for sensor in ("left-calf", "Kowalski"):
        (nights / f"monday_recording-{sensor}.edf").write_bytes(edf.read_bytes())
    done = anonymize(nights, tmp_path / "out")
    assert done.files == (
        "README.md",
        "night-01_recording-left-calf.edf",
        "night-01_recording-sensor-1.edf",
    )
    assert len(open_recording(tmp_path / "out").streams) == 6
