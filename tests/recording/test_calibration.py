"""Calibrations among the events of a night, and in files."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.recording.annotations.calibration import (
    CAUSES,
    LIFT,
    PRESS,
    REST,
    TAP,
    WHOLE,
    calibration_of,
    is_calibration,
)
from crampwatch.recording.annotations.edf_text import from_text, to_text
from crampwatch.recording.annotations.tsv import read_events, write_events
from crampwatch.recording.anonymize import anonymize
from crampwatch.recording.journal.calibration import calibration_events, calibration_remarks
from crampwatch.recording.journal.notes import Note
from crampwatch.recording.model import ArraySource, Event, Night, Segment, Stream
from crampwatch.recording.readers import open_recording
from crampwatch.recording.writers.bids import Place, write_bids


def part(start: float, end: float, cause: str, side: str | None = None) -> Event:
    return Event(start, end - start, "artifact", side, extra={"cause": cause})


PARTS = (
    part(2.0, 70.0, WHOLE),
    part(3.0, 23.0, REST),
    part(26.0, 29.0, PRESS, "left"),
    part(33.0, 36.0, LIFT, "right"),
    part(40.0, 45.0, TAP, "left"),
    part(60.0, 68.0, TAP),
)


def night() -> Night:
    rng = np.random.default_rng(1)
    raw = np.rint(rng.standard_normal((500 * 80, 1)) * 30.0).astype(np.int16)
    stream = Stream(
        "EMG L GM", "emg", 500.0, "uV", (Segment(0.0, ArraySource(raw)),),
        np.full(1, 0.1), np.zeros(1), side="left", placement="GM", calibrated=True,
    )  # fmt: skip
    return Night((stream,), start=datetime(2026, 1, 5, 23, 0, tzinfo=UTC), events=PARTS)


def test_parts_are_one_calibration() -> None:
    found = calibration_of([Event(1.0, 0.0, "marker"), *PARTS])
    assert found.spans == ((2.0, 70.0),)
    assert found.rest == ((3.0, 23.0),)
    assert [(h.cause, h.side, h.start_s, h.end_s) for h in found.held] == [
        (PRESS, "left", 26.0, 29.0),
        (LIFT, "right", 33.0, 36.0),
    ]
    assert (found.start_s, found.end_s, found.length_s) == (2.0, 70.0, 68.0)
    assert found.share(60.0, 80.0) == 0.5
    assert (found.share(70.0, 70.0), found.share(2.0, 2.0)) == (0.0, 1.0)


def test_a_night_without_one_has_none() -> None:
    assert calibration_of([Event(1.0, 5.0, "artifact", extra={"cause": "clipped"})]) is None


def test_parts_without_a_whole_are_joined_and_a_second_one_is_another() -> None:
    found = calibration_of([*PARTS[1:5], part(1000.0, 1005.0, TAP)])
    assert found.spans == ((3.0, 45.0), (1000.0, 1005.0))


@pytest.mark.parametrize("event", PARTS)
def test_an_annotation_of_edf_says_the_part_and_the_leg(event: Event) -> None:
    text = to_text(event)
    assert text.startswith("calibration")
    assert from_text(event.onset, event.duration, text) == event


def test_a_dataset_brings_it_back_with_names_and_without(tmp_path: Path) -> None:
    write_bids(tmp_path / "named", night(), Place("01"))
    anonymize(tmp_path / "named", tmp_path / "clean")
    for root in ("named", "clean"):
        (table,) = (tmp_path / root).rglob("*_events.tsv")
        assert calibration_of(read_events(table)) == calibration_of(PARTS)
        (file,) = [*(tmp_path / root).rglob("*.edf"), *(tmp_path / root).rglob("*.bdf")]
        assert calibration_of(open_recording(file).events) == calibration_of(PARTS)


def test_a_table_of_events_brings_it_back(tmp_path: Path) -> None:
    write_events(tmp_path / "events.tsv", PARTS)
    assert calibration_of(read_events(tmp_path / "events.tsv")) == calibration_of(PARTS)


def note(phase: str, start_s: float, end_s: float, **told) -> Note:
    data = {"phase": phase, "start_s": start_s, "end_s": end_s, **told}
    return Note("calibration", end_s, None, data)


def test_notes_of_a_journal_become_its_parts() -> None:
    told = [
        Note("link", 1.0, "left-calf", {"state": "streaming"}),
        note("whole", 102.0, 190.0, planned=True),
        note("rest", 103.0, 123.0),
        note("reference", 126.0, 129.0, act="press", side="left"),
        note("reference", 133.0, 136.0, act="lift", side="right"),
        note("tap", 140.0, 145.0, side="left", sensor="left-calf"),
        note("tap", 160.0, 168.0),
        note("whole", 102.0, 170.0, outcome="done"),
    ]
    events = calibration_events(told, lambda at_s: at_s - 100.0)
    assert sorted(events, key=lambda e: (e.onset, e.end)) == sorted(
        PARTS, key=lambda e: (e.onset, e.end)
    )


def test_a_recording_that_was_cut_off_keeps_out_all_that_was_planned() -> None:
    told = [note("whole", 102.0, 190.0, planned=True), note("rest", 103.0, 123.0)]
    events = calibration_events(told, lambda at_s: at_s - 100.0)
    assert calibration_of(events).spans == ((2.0, 90.0),)


def test_what_a_tap_told_of_names_is_told_once() -> None:
    told = [
        note("tap", 1.0, 2.0, remark="exchanged"),
        note("tap", 3.0, 4.0, remark="exchanged"),
    ]
    assert calibration_remarks([*told, note("tap", 5.0, 6.0)]) == ["exchanged"]


values = st.one_of(
    st.none(),
    st.floats(),
    st.text(max_size=8),
    st.integers(),
    st.booleans(),
    st.lists(st.none()),
)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["phase", "start_s", "end_s", "act", "side", "remark"]),
            st.one_of(values, st.sampled_from(["rest", "reference", "tap", "whole", "press"])),
        )
    )
)
def test_hostile_notes_tell_nothing_or_something_sane(told) -> None:
    notes = [Note("calibration", 0.0, None, data) for data in told]
    for event in calibration_events(notes, lambda at_s: at_s):
        assert is_calibration(event)
        assert math.isfinite(event.onset)
    assert all(isinstance(each, str) for each in calibration_remarks(notes))


def test_every_cause_is_told_apart_in_texts() -> None:
    texts = {to_text(part(0.0, 1.0, cause)) for cause in CAUSES}
    assert len(texts) == len(CAUSES)
