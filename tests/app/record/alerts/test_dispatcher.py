"""Each alert by every way, and no way waits for another."""

from __future__ import annotations

import threading
import time

from crampwatch.app.record.alerts import dispatcher as module
from crampwatch.app.record.alerts.alert import Alert, AlertKind, Level, NightStatus
from crampwatch.app.record.alerts.dispatcher import MOST_WAITING, Dispatcher
from crampwatch.app.record.alerts.limits import Decided
from crampwatch.recording.errors import CrampwatchError

LONG_S = 30.0


def decided(number=0) -> Decided:
    alert = Alert(AlertKind.CRAMP, Level.URGENT, 0.0, float(number), None, "look", "Crampwatch")
    return Decided(alert)


class Way:
    def __init__(self, name, fails=0, opens=0):
        self.name, self.fails, self.opens = name, fails, opens
        self.told, self.states, self.closed = [], [], False
        self.open_calls = 0

    def open(self):
        self.open_calls += 1
        if self.open_calls <= self.opens:
            raise CrampwatchError("nobody answers")

    def tell(self, alert):
        if self.fails:
            self.fails -= 1
            raise CrampwatchError("no luck")
        self.told.append(alert)

    def status(self, night):
        self.states.append(night)

    def close(self):
        self.closed = True


class Results:
    def __init__(self):
        self.rows, self.said = [], []
        self._news = threading.Condition()

    def heard(self, told, way, result, _at_s):
        with self._news:
            self.rows.append((told.alert.decided_s, way, result))
            self._news.notify_all()

    def say(self, text):
        self.said.append(text)

    def wait(self, count):
        with self._news:
            assert self._news.wait_for(lambda: len(self.rows) >= count, LONG_S)


def made(monkeypatch, *ways):
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.02)
    results = Results()
    return Dispatcher(ways, results.heard, results.say), results


def test_every_way_tells_every_alert_in_order(monkeypatch) -> None:
    ways = Way("bell"), Way("mqtt")
    dispatch, results = made(monkeypatch, *ways)
    for number in range(5):
        dispatch.tell(decided(number))
    results.wait(10)
    dispatch.close(LONG_S)
    for way in ways:
        assert [alert.decided_s for alert in way.told] == [0.0, 1.0, 2.0, 3.0, 4.0]
        assert way.closed
    assert {result for *_, result in results.rows} == {"told"}


def test_a_way_that_hangs_holds_up_no_other(monkeypatch) -> None:
    class Hangs(Way):
        free = threading.Event()

        def tell(self, _alert):
            self.free.wait(LONG_S)

    slow, quick = Hangs("slow"), Way("quick")
    dispatch, results = made(monkeypatch, slow, quick)
    began = time.monotonic()
    for number in range(MOST_WAITING + 5):
        dispatch.tell(decided(number))
    assert time.monotonic() - began < LONG_S / 2
    results.wait(MOST_WAITING + 5 + 4)
    assert len(quick.told) + sum(w == "quick" and r != "told" for _, w, r in results.rows) == 21
    given_up = [row for row in results.rows if row[1] == "slow"]
    assert given_up
    assert {result for *_, result in given_up} == {"failed: too many wait"}
    slow.free.set()
    dispatch.close(LONG_S)


def test_a_way_that_fails_is_said_once_and_tried_again(monkeypatch) -> None:
    way = Way("apprise", fails=4)
    dispatch, results = made(monkeypatch, way)
    dispatch.tell(decided())
    results.wait(1)
    assert results.rows == [(0.0, "apprise", "told")]
    assert results.said == ["alerts by apprise: no luck"]
    dispatch.close(LONG_S)


def test_a_way_that_cannot_be_opened_yet_is_opened_later(monkeypatch) -> None:
    way = Way("mqtt", opens=3)
    dispatch, results = made(monkeypatch, way)
    dispatch.tell(decided())
    results.wait(1)
    assert results.rows == [(0.0, "mqtt", "told")]
    assert results.said == ["alerts by mqtt: nobody answers"]
    dispatch.close(LONG_S)


def test_an_alert_that_is_too_late_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr(module, "TOO_LATE_S", dict.fromkeys(Level, 0.05))
    way = Way("mqtt", fails=10**9)
    dispatch, results = made(monkeypatch, way)
    dispatch.tell(decided())
    results.wait(1)
    assert results.rows == [(0.0, "mqtt", "failed: no luck")]
    dispatch.close(LONG_S)


def test_a_fault_of_the_program_in_a_way_ends_nothing(monkeypatch) -> None:
    class Broken(Way):
        def tell(self, alert):
            if len(self.told) < 1:
                self.told.append(alert)
                raise ZeroDivisionError("of the way")

    way = Broken("bell")
    dispatch, results = made(monkeypatch, way)
    dispatch.tell(decided())
    results.wait(1)
    assert results.rows[0][2] == "told"
    assert "ZeroDivisionError" in results.said[0]
    dispatch.close(LONG_S)


def test_of_several_states_only_the_newest_matters(monkeypatch) -> None:
    way = Way("mqtt")
    dispatch, _ = made(monkeypatch, way)
    for second in range(100):
        dispatch.status(NightStatus(True, float(second)))
    dispatch.close(LONG_S)
    assert way.states[-1].elapsed_s == 99.0
