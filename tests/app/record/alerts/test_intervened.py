"""A night in which alerts got out is marked, however it is opened."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from crampwatch.app.record.alerts.alert import Alert, AlertKind, Level
from crampwatch.app.record.alerts.intervened import alerts_told
from crampwatch.app.record.alerts.limits import Decided
from crampwatch.app.record.alerts.table import AlertTable
from crampwatch.recording.journal import (
    JournalHeader,
    JournalStream,
    JournalWriter,
    Note,
    SampleBlock,
)
from crampwatch.recording.readers import open_recording


def night(folder: Path, *, alert: bool = False) -> Path:
    folder.mkdir()
    path = folder / "night.mcap"
    writer = JournalWriter(path, JournalHeader(1_790_000_000.0, 100.0))
    stream = JournalStream(
        "left-calf", "exg", "emg", ("ch1_uV",), "uV", 100.0, (1.0,), (0.0,), side="left",
        muscles=("GM",), device_clock=True,
    )  # fmt: skip
    index = np.arange(1000)
    times = index / 100.0
    raw = np.zeros((1000, 1), np.int32)
    writer.samples(writer.open_stream(stream), SampleBlock(index, times, 100.0 + times, raw))
    if alert:
        told = {"alert": "cramp suspected", "level": "urgent", "decided_s": 4.0}
        writer.note(Note("alert", 104.0, "left-calf", told))
        writer.note(Note("alert", 105.0, None, {"alert": "of a later version"}))
    writer.close()
    return path


def put(folder: Path, *results: str) -> None:
    table = AlertTable(folder)
    for number, result in enumerate(results):
        alert = Alert(
            AlertKind.CRAMP, Level.URGENT, 1.0, 3.0 + number // 2, "left-calf", "look", "t"
        )
        table.put(Decided(alert), f"way {number}", result, 5.0)
    table.close()


def told(path: Path):
    return alerts_told(path, open_recording(path))


def test_a_night_without_alerts_is_left_alone(tmp_path) -> None:
    path = night(tmp_path / "night")
    assert told(path) is None
    assert told(path.parent) is None


def test_one_alert_by_two_ways_is_one(tmp_path) -> None:
    path = night(tmp_path / "night")
    put(path.parent, "told", "told", "told")
    for each in (path, path.parent):
        found = told(each)
        assert found is not None
        assert found.summary() == {
            "told": 2, "first_s": 3.0, "kinds": {"cramp suspected": 2},
        }  # fmt: skip
        assert "intervened" in found.sentence(None)


def test_what_never_got_out_meddled_with_nothing(tmp_path) -> None:
    path = night(tmp_path / "night")
    put(path.parent, "failed: nobody answers", "held back: told 3 s before")
    assert told(path.parent) is None


def test_a_journal_alone_knows_of_its_alerts(tmp_path) -> None:
    found = told(night(tmp_path / "night", alert=True))
    assert found is not None
    assert (found.count, found.first_s, found.file) == (1, 4.0, None)


def test_another_recording_beside_a_table_is_not_meant(tmp_path) -> None:
    path = night(tmp_path / "night")
    put(path.parent, "told")
    other = path.with_name("other.mcap")
    other.write_bytes(path.read_bytes())
    assert told(other) is None
