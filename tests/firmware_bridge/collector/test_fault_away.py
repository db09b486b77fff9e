"""Sensors that are out of reach for hours: one gap in the night, and then it goes on."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest
from fast_time import LoopClock, run_fast
from scripted import WELL, Chords, Script, World, failing

from crampwatch.firmware_bridge.collector import Collector, Counts, Fan
from crampwatch.firmware_bridge.drivers import find_driver
from crampwatch.firmware_bridge.links import Link
from crampwatch.firmware_bridge.transports import Fault
from crampwatch.recording.journal import JournalHeader, JournalWriter
from crampwatch.recording.journal.night import night_of
from crampwatch.recording.journal.reader import JournalReader

THERE_S = 300.0


class Away(World):
    """A sensor that is out of reach from five minutes on, for as long as told."""

    def __init__(self, away_s: float) -> None:
        super().__init__(Chords())
        self._lost_s = self.clock.monotonic() + THERE_S
        self._back_s = self._lost_s + away_s

    def connect(self):
        now_s = self.clock.monotonic()
        if now_s < self._lost_s:
            self.scripts = [Script(lost_s=self._lost_s - now_s)]
        elif now_s < self._back_s:
            self.scripts = [failing(Fault.NOT_FOUND, "out of reach")]
        else:
            self.scripts = [WELL]
        self.sensor = Chords()
        return super().connect()


async def recorded(folder: Path, away_s: dict[str, float], seconds: float) -> Counts:
    clock = LoopClock()
    header = JournalHeader(clock.wall(), clock.monotonic(), clock.awake_or_not())
    writer = JournalWriter(folder / "night.mcap", header)
    collector = Collector(writer, clock, sync_every_s=0.01)
    counts = Counts(clock, away_s)
    worlds = {name: Away(each) for name, each in away_s.items()}
    fan = Fan(counts, collector)
    info = find_driver("chords-serial")
    links = [
        Link(name, info, {"fs": "50"}, world.connect, fan, clock=clock)
        for name, world in worlds.items()
    ]
    tasks = [asyncio.create_task(link.run()) for link in links]
    for _ in range(int(seconds)):
        await asyncio.sleep(1.0)
        collector.tick()
    for link in links:
        await link.stop()
    await asyncio.gather(*tasks)
    collector.close()
    assert collector.error is None
    assert all(world.well_used for world in worlds.values())
    return counts


def test_both_gone_for_three_hours_and_back_is_one_gap_of_three_hours(tmp_path: Path) -> None:
    away_s = 3 * 3600.0
    both = {"left-calf": away_s, "right-calf": away_s}
    run_fast(recorded(tmp_path, both, 2 * THERE_S + away_s))
    night = night_of(tmp_path / "night.mcap")
    for stream in night.streams:
        [gap] = [each for each in stream.gaps if each.duration_s > 10.0]
        assert gap.duration_s == pytest.approx(away_s, abs=60.0)
        last = stream.segments[-1]
        assert len(last) / stream.rate_hz == pytest.approx(THERE_S, abs=60.0)
    reader = JournalReader(tmp_path / "night.mcap")
    waits = [note for note in reader.notes(["link"]) if note.data["state"] == "waiting"]
    reader.close()
    assert len(waits) < 2 * away_s / 20.0


def test_one_gone_for_good_costs_the_other_nothing(tmp_path: Path) -> None:
    counts = run_fast(recorded(tmp_path, {"left-calf": 0.0, "right-calf": math.inf}, 900.0))
    left, right = counts.sensors["left-calf"], counts.sensors["right-calf"]
    assert left.samples / 50.0 == pytest.approx(900.0, abs=10.0)
    assert right.samples / 50.0 == pytest.approx(THERE_S, abs=10.0)
    night = night_of(tmp_path / "night.mcap")
    assert night.duration_s == pytest.approx(900.0, abs=10.0)
