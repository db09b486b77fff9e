"""What tells whose a recording is goes; samples, clock times and known marks stay."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.recording import Event, RecordingError, open_recording
from crampwatch.recording.anonymize import anonymize
from crampwatch.recording.anonymize_edf import is_technical
from crampwatch.recording.writers.bids import Place, write_bids
from crampwatch.recording.writers.edf import EdfSignal, write_edf

START = datetime(2025, 10, 26, 1, 59, 58)  # noqa: DTZ001
MARKS = (
    Event(1.0, 0.0, "marker", extra={"text": "Phoned Dr. Kowalski, 0171 555"}),
    Event(2.0, 30.0, "sleep_N2"),
    Event(4.0, 1.5, "LM", "left", "EMG L TA"),
    Event(5.0, 1.0, "LM", "left", "EMG Kowalski"),
    Event(6.0, 0.5, "BAD_gap"),
)
SECRETS = ("kowalski", "jadwiga", "pesel", "7788123", "0171", "2025", "26.10.25", "oct-2025")


def secret_file(path, start=START, bits=16):
    signals = [
        EdfSignal("EMG L TA", "uV", -3276.8, 3276.7, -32768, 32767, 200, "Sensor 7788123"),
        EdfSignal("EMG Kowalski", "uV", -3276.8, 3276.7, -32768, 32767, 200, "", "HP:10Hz"),
        EdfSignal("SpO2", "%", 0, 100, 0, 1000, 10, "", "by Jadwiga"),
    ]  # fmt: skip
    rng = np.random.default_rng(4)
    blocks = [
        [rng.integers(-900, 900, 2000), rng.integers(-9, 9, 2000), rng.integers(0, 999, 100)]
    ]
    write_edf(
        path, signals, blocks, start=start, record_s=1, annotations=MARKS, bits=bits,
        patient="PESEL-44051401458 F 14-MAY-1944 Jadwiga_Kowalski",
        recording="A17 Dr_Nowak Band_7788123",
    )  # fmt: skip
    return path


def everything(folder):
    """Return all names and bytes below a folder, as text in lower case."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    assert files
    names = " ".join(str(file.relative_to(folder)) for file in files)
    return (names + "".join(file.read_bytes().decode("latin-1") for file in files)).lower()


@pytest.mark.parametrize(("bits", "suffix"), [(16, "edf"), (24, "bdf")])
def test_nothing_tells_whose_the_file_is(tmp_path, bits, suffix):
    source = secret_file(tmp_path / f"Kowalski-2025-10-26.{suffix}", bits=bits)
    done = anonymize(source, tmp_path / "out")
    assert done.files == ("README.md", f"night-01.{suffix}")
    text = everything(tmp_path / "out")
    assert [secret for secret in SECRETS if secret in text] == []


def test_samples_clock_time_and_known_marks_stay(tmp_path):
    source = secret_file(tmp_path / "a.edf")
    anonymize(source, tmp_path / "out")
    before, after = open_recording(source), open_recording(tmp_path / "out" / "night-01.edf")
    for one, other in zip(before.streams, after.streams, strict=True):
        for first, second in zip(one.segments, other.segments, strict=True):
            assert first.start_s == second.start_s
            np.testing.assert_array_equal(
                first.source.read(0, 10**6), second.source.read(0, 10**6)
            )
        assert (one.gain, one.unit) == (other.gain, other.unit)
    assert after.start == datetime(1985, 1, 2, 1, 59, 58)  # noqa: DTZ001
    seen = [(e.onset, e.duration, e.trial_type, e.side, e.channel) for e in after.events]
    assert seen == [
        (1.0, 0.0, "marker", None, None),
        (2.0, 30.0, "sleep_N2", None, None),
        (4.0, 1.5, "LM", "left", "EMG L TA"),
        (5.0, 1.0, "LM", "left", None),
    ]
    assert after.streams[0].label == "EMG L TA"
    assert before.streams[0].gaps == after.streams[0].gaps


def test_days_between_nights_stay(tmp_path):
    nights = tmp_path / "nights"
    nights.mkdir()
    for day in (24, 26, 31):
        secret_file(nights / f"{day}.edf", datetime(2025, 10, day, 22))  # noqa: DTZ001
    anonymize(nights, tmp_path / "out")
    starts = [open_recording(file).start for file in sorted((tmp_path / "out").glob("*.edf"))]
    assert [start.strftime("%d.%m.%Y %H") for start in starts] == [
        "02.01.1985 22",
        "04.01.1985 22",
        "09.01.1985 22",
    ]


def test_a_shift_of_ones_own(tmp_path):
    source = secret_file(tmp_path / "a.edf")
    anonymize(source, tmp_path / "out", shift_days=-365)
    start = open_recording(tmp_path / "out" / "night-01.edf").start
    assert start == datetime(2024, 10, 26, 1, 59, 58)  # noqa: DTZ001
    with pytest.raises(RecordingError, match="1985 to 2084"):
        anonymize(source, tmp_path / "far", shift_days=-50_000)
    assert not (tmp_path / "far").exists()


def test_marks_of_a_night_folder_go_along_without_their_words(tmp_path):
    folder = tmp_path / "Jadwiga"
    folder.mkdir()
    secret_file(folder / "a.edf")
    (folder / "events.tsv").write_text(
        "onset\tduration\ttrial_type\tside\tchannel\tprobability\tconfirmation\ttext\tnote\n"
        "2\t30\tcramp\tleft\tEMG L TA\t0.9\tconfirmed\tJadwiga cried\t7788123\n"
        "50\t0\tvisit Kowalski\tn/a\tn/a\tn/a\tn/a\tn/a\tn/a\n"
    )
    (folder / "diary.json").write_text('{"name": "Jadwiga"}')
    done = anonymize(folder, tmp_path / "out")
    assert done.left_out == ("diary.json",)
    text = everything(tmp_path / "out")
    assert [secret for secret in SECRETS if secret in text] == []
    rows = (tmp_path / "out" / "events.tsv").read_text().splitlines()
    assert rows[1:] == [
        "2\t30\tcramp\tleft\tEMG L TA\t0.9\tconfirmed",
        "50\t0\tmarker\tn/a\tn/a\tn/a\tn/a",
    ]


def test_a_dataset_gets_new_names_throughout(tmp_path, make):
    events = (Event(1.0, 5.0, "cramp", "left"), MARKS[0])
    night = make.night(events=events, start=START, devices=("Band 7788123",))
    root = tmp_path / "in"
    write_bids(root, night, Place("Kowalski", "20251026"), found=events[:1])
    participants = "participant_id\tage\tsex\tpesel\nsub-Kowalski\t93\tF\t44051401458\n"
    (root / "participants.tsv").write_text(participants)
    (root / "notes.txt").write_text("Jadwiga Kowalski")
    (root / "sourcedata" / "Jadwiga").mkdir(parents=True)
    secret_file(root / "sourcedata" / "Jadwiga" / "Kowalski_emg.edf")
    done = anonymize(root, tmp_path / "out")
    assert done.left_out == ("notes.txt", "sourcedata/Jadwiga/Kowalski_emg.edf")
    text = everything(tmp_path / "out")
    assert [secret for secret in SECRETS if secret in text] == []
    people = (tmp_path / "out" / "participants.tsv").read_text().splitlines()
    assert people == ["participant_id\tage\tsex", "sub-01\t89\tF"]
    back = open_recording(tmp_path / "out")
    assert len(back.streams) == 3
    assert back.start == datetime(1985, 1, 2, 1, 59, 58)  # noqa: DTZ001


def test_a_simulated_night_stays_simulated(tmp_path):
    path = tmp_path / "a.edf"
    signal = EdfSignal("EMG L TA", "uV", -3276.8, 3276.7, -32768, 32767, 200)
    write_edf(path, [signal], [[np.zeros(200, np.int16)]], start=START, record_s=1,
              recording="SIMULATED X SIMULATED_by_Crampwatch")  # fmt: skip
    anonymize(path, tmp_path / "out")
    assert "SIMULATED" in open_recording(tmp_path / "out" / "night-01.edf").devices[0]


def test_what_is_left_over_stops_it(tmp_path, monkeypatch):
    """A copy that still holds a name is thrown away."""
    from crampwatch.recording import anonymize_job as module

    def careless(source, target, shift):
        target.write(source.read_bytes())
        return cleaned(source, target_of_nobody, shift)

    cleaned, target_of_nobody = module.clean_edf, (tmp_path / "nobody").open("w+b")
    monkeypatch.setattr(module, "clean_edf", careless)
    with target_of_nobody, pytest.raises(RecordingError, match="would still hold"):
        anonymize(secret_file(tmp_path / "a.edf"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_empty_is_refused(tmp_path):
    source = secret_file(tmp_path / "a.edf")
    with pytest.raises(RecordingError, match="not empty"):
        anonymize(source, tmp_path)


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_where_there_is_no_recording_it_says_so(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(RecordingError):
        anonymize(tmp_path / name, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("label", ["EMG L GM", "ACC R shank X", "C3-A2", "SpO2", "EOG LOC-M2"])
def test_labels_of_signals_stay(label):
    assert is_technical(label)


@pytest.mark.parametrize("label", ["EMG Smith", "Kowalski", "EMG 7788123", "", "Jean-Luc"])
def test_labels_that_may_name_somebody_go(label):
    assert not is_technical(label)


@given(
    texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)),
    patient=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60),
)
def test_any_text_can_be_taken_out(tmp_path_factory, texts, patient):
    folder = tmp_path_factory.mktemp("any")
    events = [Event(n / 7, 0.0, "marker", extra={"text": t}) for n, t in enumerate(texts)]
    signal = EdfSignal("EMG L TA", "uV", -3276.8, 3276.7, -32768, 32767, 20)
    write_edf(
        folder / "a.edf", [signal], [[np.zeros(100, np.int16)]], start=START, record_s=1,
        annotations=events, patient=patient,
    )  # fmt: skip
    anonymize(folder / "a.edf", folder / "out")
    kept = open_recording(folder / "out" / "night-01.edf").events
    before = open_recording(folder / "a.edf").events
    assert [event.onset for event in kept] == [event.onset for event in before]
    known = {json.dumps(dict(event.extra)) for event in kept if event.trial_type == "marker"}
    assert known <= {'{"text": "marker"}', '{"text": "x"}', "{}"}
