"""Upside Down Labs NPG Lite: three BioAmp channels over BLE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..framing.integers import int16
from ..framing.notifications import LONGEST, arrivals, battery_events, of_size
from ..framing.unwrap import Items, Unwrapper
from ..model import Commands, Decoded, Driver, Packet, Samples, StreamSpec, Write
from ..registry import DriverInfo
from ..settings import Setting, rate, whole

SERVICE = "4fafc201-1fb5-459e-8fcc-c5c9c331914b"
DATA = "beb5483e-36e1-4688-b7f5-ea07361b26a8"
CONTROL = "0000ff01-0000-1000-8000-00805f9b34fb"
ROUND = 256


class ChordsBle(Driver):
    """Notifications of whole samples, each ``counter, n x u16``, to samples.

    The counter repeats after half a second at 500 Hz; longer losses are counted from
    arrival times.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        channels: int = settings["channels"]
        self._rate: float = settings["fs"]
        self._size = 2 * channels + 1
        self.streams = (
            StreamSpec(
                "exg",
                "emg",
                tuple(f"ch{number}_counts" for number in range(1, channels + 1)),
                "count",
                self._rate,
                np.ones(channels),
                np.zeros(channels),
                raw_limits=(0, 4095),
                counter_modulus=ROUND,
            ),
        )
        self._sizes = range(self._size, LONGEST + 1, self._size)
        self._numbers = Unwrapper("exg", ROUND, self._rate)

    def feed(self, packets: Sequence[Packet]) -> Decoded:
        """See `Driver.feed`."""
        return self._decode(packets, final=False)

    def finish(self) -> Decoded:
        """See `Driver.finish`."""
        return self._decode((), final=True)

    def _decode(self, packets: Sequence[Packet], *, final: bool) -> Decoded:
        data = [packet for packet in packets if packet.channel.lower() == DATA]
        good, bad = of_size(data, self._sizes)
        rows = np.frombuffer(b"".join(packet.data for packet in good), np.uint8)
        rows = rows.reshape(-1, self._size)
        counts = [len(packet.data) // self._size for packet in good]
        items = Items(
            rows[:, 0].astype(np.int64),
            np.ones(len(rows), np.int64),
            np.repeat(arrivals(good), counts),
            np.zeros(len(rows)),
            np.zeros(len(rows), np.bool_),
            rows,
        )
        done = self._numbers.push(items, final=final)
        samples = Samples(
            "exg",
            int16(done.items.rows[:, 1:], ">u2"),
            done.first,
            done.first / self._rate,
            done.items.arrival_s,
        )
        events = tuple(battery_events(packets))
        return Decoded((samples,) if len(done) else (), done.gaps, tuple(bad), events)


def _commands(_settings: Mapping[str, Any]) -> Commands:
    return Commands(
        start=(Write(b"START", CONTROL),), stop=(Write(b"STOP", CONTROL),), notify=(DATA,)
    )


DRIVER = DriverInfo(
    name="chords-ble",
    title="Upside Down Labs NPG Lite (Chords BLE)",
    transport="ble",
    wired_to_body=False,
    source="upsidedownlabs Chords-Python and NPG-Lite firmware",
    settings=(
        Setting("channels", 3, whole(1, 16), "Channels in a sample."),
        Setting("fs", 500.0, rate, "Sampling rate, Hz: 500, or 250 with newer firmware."),
    ),
    make=ChordsBle,
    commands=_commands,
    battery_h=None,
    calibration="counts of a 12-bit converter: the scale depends on the front end",
    services=(SERVICE,),
    name_prefixes=("NPG",),
)
