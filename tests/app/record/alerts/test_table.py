"""`alerts.tsv`: nothing that was told is lost, whatever ends the program."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from crampwatch.app.record.alerts.alert import Alert, AlertKind, Level
from crampwatch.app.record.alerts.limits import Decided
from crampwatch.app.record.alerts.table import COLUMNS, AlertTable, read_alerts
from crampwatch.recording.model import Event


def decided(sensor="left-calf") -> Decided:
    alert = Alert(AlertKind.CRAMP, Level.URGENT, 10.0, 21.5, sensor, "look", "Crampwatch")
    return Decided(alert, Event(10.0, 11.0, "cramp", "left", "EMG L GM", 0.93))


def test_a_line_is_on_the_disk_at_once(tmp_path) -> None:
    table = AlertTable(tmp_path)
    table.put(decided(), "bell", "told", 22.25)
    text = (tmp_path / "alerts.tsv").read_text("utf-8").splitlines()
    assert text[0].split("\t") == list(COLUMNS)
    row = dict(zip(COLUMNS, text[1].split("\t"), strict=True))
    assert row == {
        "onset": "10.000", "decided": "21.500", "told_at": "22.250", "latency_s": "0.750",
        "kind": "cramp suspected", "level": "urgent", "sensor": "left-calf", "side": "left",
        "channel": "EMG L GM", "probability": "0.93", "way": "bell", "result": "told",
    }  # fmt: skip
    table.close()


def test_a_torn_line_costs_itself_only(tmp_path) -> None:
    table = AlertTable(tmp_path)
    table.put(decided(), "bell", "told", 22.0)
    table.put(decided(), "mqtt", "told", 22.0)
    table.close()
    path = tmp_path / "alerts.tsv"
    path.write_bytes(path.read_bytes()[:-40])
    table = AlertTable(tmp_path)
    table.put(decided(None), "haptic", "failed: no\tband\nhere", 23.0)
    table.close()
    rows = read_alerts(tmp_path)
    assert [(row.way, row.told, row.sensor) for row in rows] == [
        ("bell", True, "left-calf"), ("haptic", False, None),
    ]  # fmt: skip


def test_a_night_without_alerts_has_none(tmp_path) -> None:
    assert read_alerts(tmp_path) == []


@given(st.binary(max_size=400))
def test_no_file_is_too_strange(tmp_path_factory, data) -> None:
    folder = tmp_path_factory.mktemp("night")
    head = "\t".join(COLUMNS).encode() + b"\n" if data[:1] > b"\x80" else b""
    (folder / "alerts.tsv").write_bytes(head + data)
    for row in read_alerts(folder):
        assert math.isnan(row.onset) or row.onset <= math.inf
