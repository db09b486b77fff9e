"""LSL streams in and out, by the real library, on this computer only."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from typing import Any
from uuid import uuid4

import numpy as np
import pylsl
import pytest

from crampwatch.firmware_bridge import open_protocol as protocol
from crampwatch.firmware_bridge.drivers.model import Decoded, Driver
from crampwatch.firmware_bridge.drivers.registry import find_driver
from crampwatch.firmware_bridge.host_clock import SystemClock
from crampwatch.firmware_bridge.transports import Fault, TransportError
from crampwatch.firmware_bridge.transports.boards import lsl as lsl_module
from crampwatch.firmware_bridge.transports.boards.lsl import LslTransport
from crampwatch.firmware_bridge.transports.boards.lsl_outlet import LslOutlet

pytestmark = pytest.mark.system

CLOCK = SystemClock()
RATE = 250.0


class Sender:
    """Another program that sends a stream."""

    def __init__(
        self,
        units: list[str] | None = None,
        *,
        kind: str = "EMG",
        rate: float = RATE,
        form: str = "float32",
        channels: int = 3,
    ) -> None:
        self.name = f"leg {uuid4().hex[:8]}"
        info = pylsl.StreamInfo(self.name, kind, channels, rate, form, self.name)
        if units is not None:
            info.set_channel_units(units)
        self.outlet: Any = pylsl.StreamOutlet(info)
        self.start_s = pylsl.local_clock()

    def send(self, values: np.ndarray, first: int, *, late_s: float = 0.0) -> None:
        last_s = self.start_s + (first + len(values) - 1) / RATE + late_s
        self.outlet.push_chunk(values, last_s)

    def end(self) -> None:
        self.outlet = None


def run(play: Awaitable[None]) -> None:
    async def whole() -> None:
        await play

    asyncio.run(whole())
    assert not [each for each in threading.enumerate() if each.name.startswith("reads")]


async def fault_of(work: Awaitable[object]) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await work
    assert "\n" not in str(caught.value)
    return caught.value


async def samples_of(line: LslTransport, driver: Driver, count: int) -> Decoded:
    parts: list[Decoded] = []
    while sum(len(each) for part in parts for each in part.samples) < count:
        parts.append(driver.feed(await line.receive()))
    return Decoded.join(parts)


def joined(decoded: Decoded, what: str) -> np.ndarray:
    return np.concatenate([getattr(each, what) for each in decoded.samples])


def test_samples_come_with_the_senders_time_and_a_step_of_it_is_a_loss() -> None:
    async def play() -> None:
        sender = Sender(["microvolts"] * 3)
        values = np.random.default_rng(1).normal(0, 100, (1000, 3)).astype(np.float32)
        line = LslTransport(sender.name, clock=CLOCK)
        driver = find_driver("open-sensor").open()
        await line.open((protocol.FROM_DEVICE,))
        for first in range(0, 1000, 50):
            sender.send(values[first : first + 50], first, late_s=2.0 if first >= 500 else 0.0)
        asked_s = CLOCK.monotonic()
        await line.write(protocol.ask_time(round(asked_s * 1e6)))
        decoded = await samples_of(line, driver, 1000)
        (spec,) = driver.streams
        assert (spec.kind, spec.unit, spec.rate_hz) == ("emg", "uV", RATE)
        assert np.abs(spec.physical(joined(decoded, "raw")) - values).max() <= 2.0**-10
        assert not decoded.rejected
        (gap,) = decoded.gaps
        assert (gap.index, gap.lost) == (500, 500)
        device_s = joined(decoded, "device_s")
        assert device_s[-1] - device_s[0] == pytest.approx(999 / RATE + 2.0, abs=1e-4)
        (time,) = [each for each in decoded.events if each.kind == "time"]
        assert round(time.value * 1e6) == round(asked_s * 1e6)
        assert time.device_s >= sender.start_s
        sender.end()
        assert (await fault_of(line.receive())).fault is Fault.LOST
        await line.close()
        await line.close()

    run(play())


def test_what_cannot_be_read_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lsl_module, "RESOLVE_S", 0.3)

    async def play() -> None:
        missing = await fault_of(LslTransport("nobody", clock=CLOCK).open())
        assert missing.fault is Fault.NOT_FOUND
        quoted = await fault_of(LslTransport("a' or '1'='1", clock=CLOCK).open())
        assert quoted.fault is Fault.OTHER

    run(play())


def test_streams_that_are_no_samples_are_foreign() -> None:
    async def play() -> None:
        bare, marks = Sender(None), Sender(None, rate=0.0, channels=1)
        text = Sender(None, form="string", channels=1)
        refused = await fault_of(LslTransport(bare.name, clock=CLOCK).open())
        assert refused.fault is Fault.FOREIGN
        assert "unit=uV" in str(refused)
        for sender in (marks, text):
            refused = await fault_of(LslTransport(sender.name, clock=CLOCK).open())
            assert refused.fault is Fault.FOREIGN
        line = LslTransport(bare.name, clock=CLOCK, unit="mV", kind="ecg")
        driver = find_driver("open-sensor").open()
        await line.open()
        bare.send(np.full((10, 3), 0.5, np.float32), 0)
        decoded = await samples_of(line, driver, 10)
        assert driver.streams[0].kind == "ecg"
        assert (driver.streams[0].physical(joined(decoded, "raw")) == 500.0).all()
        await line.close()

    run(play())


class Link:
    """What an outlet sees of a link."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.driver = find_driver("open-sensor").open()


def test_live_samples_go_out_and_come_back_in() -> None:
    async def play() -> None:
        sender = Sender(["uV"] * 3)
        values = np.random.default_rng(2).normal(0, 100, (200, 3)).astype(np.float32)
        link = Link(f"left {uuid4().hex[:8]}")
        line = LslTransport(sender.name, clock=CLOCK)
        outlet = LslOutlet(clock=CLOCK)
        await line.open()
        sender.send(values[:100], 0)
        outlet.took(link, (), await samples_of(line, link.driver, 100))
        again = LslTransport(f"{link.name} emg", clock=CLOCK)
        driver = find_driver("open-sensor").open()
        await again.open()
        sender.send(values[100:], 100)
        outlet.took(link, (), await samples_of(line, link.driver, 100))
        decoded = await samples_of(again, driver, 100)
        (spec,) = driver.streams
        assert (spec.kind, spec.unit, spec.rate_hz) == ("emg", "uV", RATE)
        got = spec.physical(joined(decoded, "raw"))
        assert np.abs(got - values[100:]).max() <= 2 * 2.0**-10
        outlet.close()
        await again.close()
        await line.close()

    run(play())
