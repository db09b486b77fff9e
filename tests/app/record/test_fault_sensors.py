"""Sensors that go and come, programs that fail around them: the rest of the night is there."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from recorders import Lines, notes, reason, samples

from crampwatch.app.record.session import record_night
from crampwatch.app.record.sources import resolve
from crampwatch.firmware_bridge.collector import Collector, Counts
from crampwatch.firmware_bridge.drivers.sensors.cyton import Cyton
from crampwatch.firmware_bridge.host_clock import HostClock
from crampwatch.firmware_bridge.transports.transport import Fault, TransportError
from crampwatch.firmware_bridge.virtual import VirtualTransport
from crampwatch.recording import open_recording

LEFT, RIGHT = "left-calf=sim:cyton", "right-calf=sim:myo"


def settings(*devices: str, **said):
    return resolve({"speed": 400, "keep_awake": False, **said}, devices, None, {})


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch):
    """Let sensors be out of reach between two times after the first look at them, seconds."""
    spans: dict[str, tuple[float, float]] = {}
    begun: list[float] = []
    receive, open_ = VirtualTransport.receive, VirtualTransport.open

    def is_away(transport: VirtualTransport) -> bool:
        now_s = transport._clock.monotonic()
        begun.append(now_s)
        start_s, end_s = spans.get(transport.sensor.name, (math.inf, math.inf))
        return start_s <= now_s - begun[0] < end_s

    async def opened(transport, notify=()):
        if is_away(transport):
            raise TransportError(Fault.NOT_FOUND, "out of reach")
        await open_(transport, notify)

    async def received(transport):
        if is_away(transport):
            raise TransportError(Fault.LOST, "the connection is lost")
        return await receive(transport)

    monkeypatch.setattr(VirtualTransport, "open", opened)
    monkeypatch.setattr(VirtualTransport, "receive", received)
    return spans


def test_one_sensor_gone_for_good_costs_the_other_nothing(tmp_path: Path, away) -> None:
    away["myo"] = (60.0, math.inf)
    night, view = tmp_path / "night", Lines()
    outcome = record_night(settings(LEFT, RIGHT, **{"for": "4min"}), night, view)
    assert outcome.reason == "its time was over"
    found = samples(night)
    left = found["left-calf", "exg", 1]
    assert (np.diff(left) == 1).all()
    assert len(left) / 250.0 == pytest.approx(240.0, abs=12.0)
    right = max(len(index) for key, index in found.items() if key[0] == "right-calf")
    assert 0.0 < right / 200.0 < 70.0
    told = [line for line in view.lines if "right-calf" in line and "lost" in line]
    assert len(told) == 1


def test_what_watches_may_fail_with_every_packet(tmp_path: Path, monkeypatch) -> None:
    def fails(*_):
        raise MemoryError

    monkeypatch.setattr(Counts, "round_trip", fails)
    took = Counts.took

    def sometimes(self, link, packets, decoded):
        took(self, link, packets, decoded)
        raise MemoryError

    monkeypatch.setattr(Counts, "took", sometimes)
    night = tmp_path / "night"
    outcome = record_night(settings(LEFT, **{"for": "2min"}), night, Lines())
    assert outcome.reason == "its time was over"
    left = samples(night)["left-calf", "exg", 1]
    assert (np.diff(left) == 1).all()
    assert len(left) / 250.0 == pytest.approx(120.0, abs=12.0)
    assert (night / "recorder.log").read_text("utf-8").count("Counts: MemoryError()") == 1


def test_memory_that_is_short_for_a_moment_costs_that_moment(tmp_path, monkeypatch) -> None:
    took, calls = Collector.took, iter(range(1 << 30))

    def short(self, link, packets, decoded):
        if next(calls) % 40 == 30:
            raise MemoryError
        took(self, link, packets, decoded)

    monkeypatch.setattr(Collector, "took", short)
    night = tmp_path / "night"
    outcome = record_night(settings(LEFT, **{"for": "2min"}), night, Lines())
    assert outcome.reason == "its time was over"
    left = samples(night)["left-calf", "exg", 1]
    lost = int((np.diff(left) - 1).sum())
    assert 0 < lost < 0.1 * len(left)
    assert len(open_recording(night).of_kind("emg")[0].gaps) > 0


def test_a_driver_that_raises_now_and_then_costs_what_it_raised_on(tmp_path, monkeypatch):
    feed, calls = Cyton.feed, iter(range(1 << 30))

    def poisoned(self, packets):
        if next(calls) % 700 == 300:
            raise IndexError("index 7 is out of bounds")
        return feed(self, packets)

    monkeypatch.setattr(Cyton, "feed", poisoned)
    night = tmp_path / "night"
    outcome = record_night(settings(LEFT, **{"for": "3min"}), night, Lines())
    assert outcome.reason == "its time was over"
    count = sum(len(index) for key, index in samples(night).items() if key[1] == "exg")
    assert count / 250.0 > 150.0
    assert reason(night) == "its time was over"


class Stepping(HostClock):
    """The clocks of a computer that sleeps for an hour, or whose clock is set."""

    slept_s: float = 0.0
    stepped_s: float = 0.0
    at_s: float = 60.0

    def __init__(self, loop) -> None:
        self._loop = loop
        self._begin_s = loop.time()

    def monotonic(self) -> float:
        return self._loop.time()

    def awake_or_not(self) -> float:
        return self._loop.time() + self._after(self.slept_s)

    def wall(self) -> float:
        return 1.79e9 + self._loop.time() + self._after(self.slept_s + self.stepped_s)

    def _after(self, jump_s: float) -> float:
        return jump_s if self._loop.time() - self._begin_s >= self.at_s else 0.0


def test_an_hour_of_sleep_is_a_gap_of_an_hour_and_the_link_is_made_anew(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("crampwatch.app.record.session.LoopClock", Stepping)
    monkeypatch.setattr(Stepping, "slept_s", 3600.0)
    night, view = tmp_path / "night", Lines()
    record_night(settings(LEFT, **{"for": "62min"}), night, view)
    assert any("slept for 60 min" in line for line in view.lines)
    [stream, *_] = open_recording(night).of_kind("emg")
    [gap] = [each for each in stream.gaps if each.duration_s > 60.0]
    assert gap.duration_s == pytest.approx(3600.0, abs=10.0)
    assert stream.end_s - stream.start_s == pytest.approx(3720.0, abs=15.0)


@pytest.mark.parametrize("step_s", [3600.0, -3600.0, -2.0, 86_400.0])
def test_a_step_of_the_wall_clock_ends_nothing_and_moves_no_sample(
    tmp_path: Path, monkeypatch, step_s: float
) -> None:
    monkeypatch.setattr("crampwatch.app.record.session.LoopClock", Stepping)
    monkeypatch.setattr(Stepping, "stepped_s", step_s)
    night = tmp_path / "night"
    outcome = record_night(settings(LEFT, **{"for": "3min"}), night, Lines())
    assert outcome.recorded_s == pytest.approx(180.0, abs=12.0)
    opened = open_recording(night)
    [stream, *_] = opened.of_kind("emg")
    assert not stream.gaps
    assert stream.end_s - stream.start_s == pytest.approx(180.0, abs=12.0)
    assert [note.data["state"] for note in notes(night, "link")] == ["stopped"]
