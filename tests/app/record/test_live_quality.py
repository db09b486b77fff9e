"""A word on every signal: what it says of rest, contractions, mains, clipping, and nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from crampwatch.app.record.live_quality import (
    CLIPPED,
    ENOUGH,
    FLAT,
    GOOD,
    JUDGED_EVERY_S,
    MAINS,
    NOISY,
    OFF,
    REMEMBERED,
    SEEN_S,
    LiveQuality,
)
from crampwatch.firmware_bridge.collector import SensorCount, StreamCount
from crampwatch.firmware_bridge.drivers.model import Decoded, Samples, StreamSpec
from crampwatch.firmware_bridge.links import LinkChange, LinkState

RATE = 1000.0
LIMITS = (-(2**23), 2**23 - 1)
STEP_UV = 0.02


def spec(**changes) -> StreamSpec:
    values = {
        "name": "exg",
        "kind": "emg",
        "columns": ("a", "b"),
        "unit": "uV",
        "rate_hz": RATE,
        "gain": np.full(2, STEP_UV),
        "offset": np.zeros(2),
        "calibrated": True,
        "raw_limits": LIMITS,
        **changes,
    }
    return StreamSpec(**values)


class Driver:
    def __init__(self, *streams: StreamSpec) -> None:
        self.streams = {each.name: each for each in streams}

    def stream(self, name: str) -> StreamSpec:
        return self.streams[name]


class Bench:
    """One sensor whose signals are made here."""

    def __init__(self, *streams: StreamSpec, muscles=("GM", "TA")) -> None:
        self.name, self.driver = "left", Driver(*(streams or (spec(),)))
        self.quality = LiveQuality({"left": muscles})
        self.count = SensorCount(LinkState.STREAMING, streams={"exg": StreamCount(RATE)})
        self.now_s = 0.0

    def send(self, raw, stream: str = "exg", pieces: int = 20) -> None:
        raw = np.asarray(raw, np.int32)
        for part in np.array_split(raw, pieces):
            if len(part):
                index = np.arange(len(part))
                run = Samples(stream, part, index, index / RATE, index / RATE)
                self.quality.took(self, (), Decoded((run,), (), (), ()))

    def word(self, raw, *, times: int = 1, **more) -> str:
        for _ in range(times):
            self.send(raw, **more)
            self.now_s += JUDGED_EVERY_S
            self.count.streams["exg"].last_s = self.now_s
            self.quality.judge({"left": self.count}, self.now_s)
        return self.count.quality


def rest(level_uv: float = 3.0, *, seconds: float = SEEN_S, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(0.0, level_uv, (int(seconds * RATE), 2)) / STEP_UV


def mains(level_uv: float, hz: float = 50.0) -> np.ndarray:
    time_s = np.arange(int(SEEN_S * RATE)) / RATE
    wave = np.sin(2 * np.pi * hz * time_s) + 0.3 * np.sin(2 * np.pi * 3 * hz * time_s)
    return level_uv * math.sqrt(2) * wave[:, None] / STEP_UV


def test_a_resting_muscle_is_good() -> None:
    assert Bench().word(rest()) == GOOD


def test_an_offset_and_a_slow_drift_change_nothing() -> None:
    drift = np.linspace(20_000, 30_000, int(SEEN_S * RATE))[:, None] / STEP_UV / 100
    assert Bench().word(rest() + drift) == GOOD


@pytest.mark.parametrize("hz", [50.0, 60.0, 49.8, 60.1])
def test_mains_that_drown_everything_are_told_with_the_muscle(hz: float) -> None:
    both = rest()
    both[:, 1] += mains(100.0, hz)[:, 0]
    assert Bench().word(both) == f"TA {MAINS}"


def test_mains_that_the_detector_takes_out_are_good() -> None:
    assert Bench().word(rest() + mains(6.0)) == GOOD


def test_a_strong_contraction_is_neither_noise_nor_mains() -> None:
    bench = Bench()
    bench.word(rest(), times=3)
    assert bench.word(rest(200.0, seed=2), times=ENOUGH) == GOOD


def test_a_muscle_that_is_never_quiet_is_noisy() -> None:
    bench = Bench()
    loud = rest(60.0)
    assert bench.word(loud, times=ENOUGH - 1) == GOOD
    assert bench.word(loud) == f"GM {NOISY}, TA {NOISY}"


def test_counts_are_never_called_noisy() -> None:
    bench = Bench(spec(unit="count", calibrated=False))
    assert bench.word(rest(60.0), times=2 * ENOUGH) == GOOD


def test_a_line_at_the_limit_is_off_and_touches_of_it_are_clipped() -> None:
    both = np.clip(rest(), *LIMITS)
    both[:, 0] = LIMITS[1]
    both[::20, 1] = LIMITS[0]
    assert Bench().word(both) == f"GM {OFF}, TA {CLIPPED}"


def test_a_line_that_never_moves_is_flat() -> None:
    both = rest()
    both[:, 0] = 17
    assert Bench().word(both) == f"GM {FLAT}"


def test_a_channel_without_a_muscle_is_not_looked_at() -> None:
    both = rest()
    both[:, 1] = 0
    assert Bench(muscles=("GM", "-")).word(both) == GOOD


def test_where_nobody_said_the_muscles_one_good_channel_is_enough() -> None:
    both = rest()
    both[:, 1] = 0
    assert Bench(muscles=None).word(both) == GOOD
    assert Bench(muscles=None).word(np.zeros_like(both)) == FLAT


def test_an_electrode_that_the_sensor_calls_off_is_off() -> None:
    bench = Bench()
    bench.count.loose = "channel 1"
    assert bench.word(rest()) == OFF


def test_nothing_is_said_of_too_little_or_of_long_ago() -> None:
    bench = Bench()
    assert bench.word(rest(seconds=0.5)) == ""
    assert bench.word(rest()) == GOOD
    bench.quality.judge({"left": bench.count}, bench.now_s + 60.0)
    assert bench.count.quality == ""
    bench.count.state = LinkState.WAITING
    assert bench.word(rest()) == ""


def test_a_break_of_the_link_begins_anew() -> None:
    bench = Bench()
    assert bench.word(np.full((4000, 2), LIMITS[1])) == f"GM {OFF}, TA {OFF}"
    change = LinkChange(bench.now_s, LinkState.WAITING, "away", 1)
    bench.quality.changed(bench, change)
    assert bench.word(rest(seconds=1.5)) == GOOD


def test_an_accelerometer_alone_is_good_unless_it_never_moves() -> None:
    accel = spec(name="accel", kind="acc", unit="g", raw_limits=None, rate_hz=100.0)
    bench = Bench(accel, muscles=None)
    still = np.full((400, 2), 5)
    assert bench.word(still, times=REMEMBERED - 1, stream="accel") == GOOD
    assert bench.word(still, stream="accel") == FLAT
    assert bench.word(rest(seconds=0.4), stream="accel") == GOOD


def test_no_more_than_the_last_seconds_are_kept() -> None:
    bench = Bench()
    for _ in range(50):
        bench.send(rest())
    (recent,) = bench.quality._streams.values()
    assert recent._count <= 2 * SEEN_S * RATE
    assert len(recent._runs) <= 42
