"""Faults of our own programs do not end a night: a decoder that fails is replaced."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
from fast_time import run_fast
from scripted import WELL, Chords, Notes, World, run_for

from crampwatch.firmware_bridge.drivers import Decoded, Driver, Samples, find_driver
from crampwatch.firmware_bridge.links import Link, LinkState

S = LinkState


class Poisoned(Driver):
    """Fails where a packet holds what it cannot bear."""

    streams = find_driver("chords-serial").open().streams
    bad: bytes | None = None

    def __init__(self, bad):
        self._bad = bad
        self._count = 0

    def feed(self, packets):
        if any(self._bad(packet.data) for packet in packets):
            raise IndexError("index 7 is out of bounds")
        first, self._count = self._count, self._count + len(packets)
        index = np.arange(first, self._count)
        raw = np.zeros((len(index), 6), np.int32)
        return Decoded((Samples("exg", raw, index, index / 10, np.zeros(len(index))),))

    def finish(self):
        raise ZeroDivisionError


def night(bad, seconds=60):
    async def main():
        world, notes = World(Chords(), [WELL]), Notes()
        info = replace(find_driver("chords-serial"), make=lambda _settings: Poisoned(bad))
        link = Link("left", info, {"fs": "50"}, world.connect, notes, clock=world.clock)
        running = asyncio.create_task(run_for(link, seconds))
        await running
        return notes, link, world

    return run_fast(main())


def test_a_decoder_that_fails_once_is_replaced_and_the_stream_goes_on():
    calls = iter(range(100_000))
    notes, link, world = night(lambda _data: next(calls) == 50)
    assert notes.states.count(S.CONNECTING) == 1
    assert link.generation == 2
    assert any("IndexError: index 7 is out of bounds" in line for line in notes.news)
    assert notes.packets  # also those that were not decoded
    assert world.well_used


def test_a_decoder_that_always_fails_is_told_once_and_tried_now_and_then():
    notes, _link, world = night(lambda _data: True, 300)
    assert sum("the decoder failed" in line for line in notes.news) == 1
    assert sum("the decoder fails" in line for line in notes.news) == 1
    assert 3 < notes.states.count(S.CONNECTING) < 20
    assert world.well_used
