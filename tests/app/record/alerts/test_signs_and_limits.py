"""What is worth an alert, and how often it is told."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.app.live.growing import Chunk, Step
from crampwatch.app.live.watching import Watched
from crampwatch.app.record.alerts.alert import AlertKind, Level
from crampwatch.app.record.alerts.limits import PLAIN, Limits
from crampwatch.app.record.alerts.settings import DEFAULTS, NAMES, AlertSettings
from crampwatch.app.record.alerts.signs import Sign, Signs
from crampwatch.detection.result import Notice
from crampwatch.recording.journal.notes import Note
from crampwatch.recording.model import Event, Stream

RATE_HZ = 100.0


def settings(**said) -> AlertSettings:
    return AlertSettings.model_validate({"on": True, "bell": False, **said})


def stream(sensor="left-calf", label="EMG L GM") -> Stream:
    one = np.ones(1)
    return Stream(label, "emg", RATE_HZ, "uV", (), one, 0 * one, side="left", sensor=sensor)


STREAMS = (stream(), stream("right-calf", "EMG R GM"))


def step(now_s, *, sensors=(0, 1), part=1.0, notes=(), notices=()):
    count = int(0.5 * RATE_HZ * part)
    chunks = [Chunk(n, 0, 0.0, 0, np.zeros((count, 1), np.int32)) for n in sensors]
    told = Step(now_s, now_s, tuple(chunks), tuple((now_s, note) for note in notes))
    return Watched(told, tuple(notices))


class Night:
    """Lets half seconds pass and keeps the signs."""

    def __init__(self, **said):
        self.signs = Signs(settings(**said), ("left-calf", "right-calf"))
        self.now_s = 0.0
        self.found: list[Sign] = []

    def go(self, seconds, marred=None, **more):
        for _ in range(int(2 * seconds)):
            self.now_s += 0.5
            self.found += self.signs.took(step(self.now_s, **more), STREAMS)
            self.found += self.signs.passed(self.now_s, marred or {})
        return self

    def note(self, of, **data):
        self.now_s += 0.5
        told = step(self.now_s, notes=[Note(of, 0.0, "left-calf", data)])
        self.found += self.signs.took(told, STREAMS)
        return self

    def cramp(self, onset, seconds, kind="cramp", side="left"):
        event = Event(onset, seconds, kind, side, "EMG L GM", 0.9)
        told = step(self.now_s, notices=[Notice(event, self.now_s, ongoing=True)])
        self.found += self.signs.took(told, STREAMS)
        return self

    @property
    def kinds(self):
        return [(sign.kind, sign.sensor) for sign in self.found]


def test_a_quiet_night_tells_nothing() -> None:
    assert Night().go(1200).note("battery", kind="battery", value=80.0).kinds == []


def test_a_link_is_lost_once_and_back_once_it_is_steady() -> None:
    night = Night().go(30).go(61, sensors=(1,))
    assert night.kinds == [(AlertKind.LINK, "left-calf")]
    assert night.found[0].at_s == 30.0
    night.go(300, sensors=(1,)).go(3)
    assert len(night.found) == 1
    night.go(10)
    assert night.kinds[1:] == [(AlertKind.BACK, "left-calf")]


def test_a_sensor_that_never_came_is_told() -> None:
    assert Night().go(61, sensors=(0,)).kinds == [(AlertKind.LINK, "right-calf")]


def test_a_short_silence_is_not_told() -> None:
    night = Night()
    for _ in range(10):
        night.go(60).go(20, sensors=(1,))
    assert AlertKind.LINK not in {kind for kind, _ in night.kinds}
    assert (AlertKind.DATA, "left-calf") in night.kinds


def test_a_loss_over_the_last_minutes_is_told_by_its_part() -> None:
    assert Night().go(600, part=0.9).kinds == []
    kinds = Night().go(600, part=0.6).kinds
    assert set(kinds) == {(AlertKind.DATA, "left-calf"), (AlertKind.DATA, "right-calf")}


def test_the_silence_that_was_told_is_no_loss_besides() -> None:
    night = Night().go(200).go(200, sensors=(1,)).go(600)
    assert [kind for kind, _ in night.kinds] == [AlertKind.LINK, AlertKind.BACK]


def test_an_electrode_that_the_sensor_says_is_off() -> None:
    night = Night().go(10).note("device", kind="leads_off").go(59)
    assert night.kinds == []
    night.go(2)
    assert night.kinds == [(AlertKind.ELECTRODE, "left-calf")]
    assert night.found[0].at_s == 10.5
    assert night.note("device", kind="leads_on").go(1).kinds[1:] == [
        (AlertKind.BACK, "left-calf")
    ]


def test_an_electrode_that_only_the_signal_tells_of() -> None:
    marred = {"right-calf": {"EMG R GM": 0.95, "EMG R TA": 0.0}}
    night = Night().go(10).go(62, marred=marred)
    assert night.kinds == [(AlertKind.ELECTRODE, "right-calf")]
    assert "EMG R GM" in night.found[0].words


def test_a_battery_is_told_when_it_is_low_and_as_it_falls() -> None:
    night = Night()
    for value in (30, 16, 15, 14, 15, 14, 11, 9.9, 9, 50, 14):
        night.note("battery", kind="battery", value=float(value))
    assert [sign.words.rpartition("at ")[2] for sign in night.found] == ["15 %", "10 %", "14 %"]


def test_a_cramp_is_told_once_however_it_goes_on() -> None:
    night = Night().go(100).cramp(80, 10, "possible_cramp").cramp(80, 11).cramp(80, 40)
    night.cramp(84, 50)
    assert night.kinds == [(AlertKind.CRAMP, "left-calf")]
    night.cramp(300, 12)
    assert len(night.found) == 2


def test_a_full_disk_and_a_recorder_that_hangs() -> None:
    signs = Signs(settings(), ())
    assert [s.kind for s in signs.disk(1.0, 4e8)] == [AlertKind.DISK]
    assert not list(signs.disk(2.0, 4e8))
    assert not list(signs.grew(100.0, 80.0))
    assert [(s.kind, s.at_s) for s in signs.grew(200.0, 95.0)] == [(AlertKind.DATA, 105.0)]
    assert not list(signs.grew(201.0, 96.0))
    assert [s.kind for s in signs.grew(202.0, 0.1)] == [AlertKind.BACK]


def sign(kind=AlertKind.LINK, sensor="left-calf") -> Sign:
    return Sign(kind, 1.0, sensor, "left-calf: no samples for 60 s")


def test_alerts_of_one_kind_and_sensor_keep_their_distance() -> None:
    limits = Limits(settings(link={"again": "10min"}))
    assert limits.decide(sign(), 0.0).held_back == ""
    assert limits.decide(sign(sensor="right-calf"), 1.0).held_back == ""
    assert limits.decide(sign(), 599.0).held_back
    assert limits.decide(sign(), 601.0).held_back == ""


def test_a_night_has_a_cap() -> None:
    limits = Limits(settings(link={"again": "1s", "most": 3}))
    told = [limits.decide(sign(), 10.0 * n).held_back for n in range(5)]
    assert [bool(each) for each in told] == [False, False, False, True, True]


def test_what_a_process_before_told_counts() -> None:
    limits = Limits(settings())
    limits.was_told(AlertKind.LINK, "left-calf", 100.0)
    assert limits.decide(sign(), 200.0).held_back


def test_a_kind_that_is_off_is_nothing() -> None:
    assert Limits(settings(link=False)).decide(sign(), 0.0) is None


@pytest.mark.parametrize("kind", AlertKind)
def test_no_text_holds_a_detail_unless_asked(kind) -> None:
    plain = Limits(settings()).decide(sign(kind), 0.0).alert
    assert "left" not in plain.text
    assert "cramp" not in plain.text
    if kind is not AlertKind.BACK:
        assert plain.text == PLAIN
    asked = Limits(settings(detail=True)).decide(sign(kind), 0.0).alert
    assert asked.text == "left-calf: no samples for 60 s"


def test_every_kind_has_its_row_in_the_table() -> None:
    assert set(NAMES) == set(AlertKind)
    assert set(NAMES.values()) == set(DEFAULTS)
    for kind in AlertKind:
        assert settings().rule(kind).level in Level


def test_alerts_are_off_unless_asked() -> None:
    assert not AlertSettings().on


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["battery", "device", "link", "gap"]),
            st.dictionaries(
                st.sampled_from(["kind", "value", "text"]),
                st.one_of(
                    st.none(), st.text(), st.floats(), st.just("battery"), st.lists(st.none())
                ),
            ),
        )
    )
)
def test_no_note_is_too_strange(notes) -> None:
    night = Night()
    for kind, data in notes:
        told = step(night.now_s, notes=[Note(kind, math.nan, "left-calf", data)])
        list(night.signs.took(told, STREAMS))
        list(night.signs.passed(night.now_s, {}))
