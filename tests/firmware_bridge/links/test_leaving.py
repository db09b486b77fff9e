"""Stopped, cancelled or failed at any moment: nothing stays open, nobody is left over."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from fast_time import run_fast
from scripted import HANGS, WELL, Chords, Notes, Script, World, failing, make_link, run_for

from crampwatch.firmware_bridge.drivers import Write
from crampwatch.firmware_bridge.links import LinkPolicy, LinkState
from crampwatch.firmware_bridge.transports import Fault, TransportError
from crampwatch.recording.errors import CrampwatchError

S = LinkState
EVENTFUL = [
    failing(Fault.NOT_FOUND),
    Script(lost_s=1.5, close_s=0.3, write_s=0.05),
    Script(quiet=(1, HANGS), write_s=0.05, close_s=0.3),
    WELL,
]
HASTY = LinkPolicy(batch_s=0.4, silent_s=1.0, grace_s=1.0)
TURNS = 320


def eventful(act, turn, scripts=EVENTFUL):
    """Do something to a running link at a turn of the loop; return how it went."""
    told = {}

    async def main():
        world, notes = World(Chords(), scripts), Notes()

        async def search():
            await asyncio.sleep(0.3)

        link = make_link(world, notes, search=search, policy=HASTY)
        running = asyncio.create_task(link.run())
        loop = asyncio.get_running_loop()

        def at_turn(number):
            if number == turn:
                act(loop, link, running)

        loop.each_turn = at_turn
        done, _ = await asyncio.wait([running], timeout=120)
        told.update(world=world, notes=notes, task=running, done=done)
        if not done:
            await link.stop()
            await running

    run_fast(main())
    return told


def cancel(_loop, _link, running):
    running.cancel()


def test_the_turns_reach_from_the_first_attempt_into_the_stream():
    told = eventful(cancel, TURNS)
    assert {S.SEARCHING, S.CONFIGURING, S.STREAMING, S.SILENT} <= set(told["notes"].states)


def test_cancelled_between_any_two_awaits():
    for turn in range(2, TURNS):
        told = eventful(cancel, turn)
        assert told["task"].cancelled(), turn
        assert told["world"].well_used, turn


def test_cancelled_twice():
    def act(loop, _link, running):
        running.cancel()
        loop.call_later(0.01, running.cancel)

    for turn in range(2, TURNS, 4):
        told = eventful(act, turn)
        assert told["task"].cancelled(), turn
        assert told["world"].well_used, turn


def test_stopped_between_any_two_awaits():
    stops = []

    def act(loop, link, _running):
        stops.append(loop.create_task(link.stop()))
        stops.append(loop.create_task(link.stop()))

    for turn in range(2, TURNS):
        told = eventful(act, turn)
        assert told["task"].exception() is None, turn
        assert told["world"].well_used, turn
        assert told["notes"].states[-1] is S.STOPPED, turn
    assert all(stop.done() for stop in stops)


def test_what_ignores_its_cancellation_does_not_hold_the_link():
    async def main():
        world, notes = World(Chords(), [Script(open_s=HANGS, close_s=HANGS)]), Notes()
        link = make_link(world, notes)
        running = asyncio.create_task(link.run())
        await asyncio.sleep(1)
        before = asyncio.get_running_loop().time()
        await link.stop()
        await running
        return asyncio.get_running_loop().time() - before, world

    took_s, world = run_fast(main())
    assert took_s <= 15
    assert world.well_used


def test_stopped_before_it_ran():
    async def main():
        world, notes = World(Chords()), Notes()
        link = make_link(world, notes)
        await link.stop()
        await link.run()
        await link.stop()
        return world, notes

    world, notes = run_fast(main())
    assert world.transports == []
    assert notes.states == [S.STOPPED]


def test_a_link_runs_once():
    async def main():
        world, notes = World(Chords()), Notes()
        link = make_link(world, notes)
        await run_for(link, 5)
        with pytest.raises(CrampwatchError, match="runs once"):
            await link.run()

    run_fast(main())


def test_stop_says_good_bye_even_to_a_sensor_that_does_not_listen():
    async def main():
        world, notes = World(Chords(), [replace(WELL, write_s=0.5)]), Notes()
        link = make_link(world, notes)
        running = asyncio.create_task(link.run())
        await notes.next(S.STREAMING)
        world.transports[-1].script = replace(WELL, write_s=HANGS)
        await link.stop()
        await running
        return world

    assert run_fast(main()).well_used


@pytest.mark.parametrize("what", ["took", "changed"])
def test_a_sink_that_fails_ends_run_loudly_and_leaves_nothing_open(what):
    async def main():
        world, notes = World(Chords()), Notes()

        def fail(*_given):
            raise TransportError(Fault.LOST, "the disk is full")

        setattr(notes, what, fail)
        link = make_link(world, notes)
        with pytest.raises(TransportError, match="the disk is full"):
            await link.run()
        await link.stop()
        return world, link

    world, link = run_fast(main())
    assert world.well_used
    assert link.state is S.STOPPED


def test_a_message_to_the_sensor_goes_out_between_the_others():
    async def main():
        world, notes = World(Chords()), Notes()
        link = make_link(world, notes)
        with pytest.raises(TransportError, match="not connected"):
            await link.send(Write(b"hello"))
        running = asyncio.create_task(link.run())
        await notes.next(S.STREAMING)
        await link.send(Write(b"hello"))
        world.transports[-1].script = replace(WELL, write_s=HANGS)
        with pytest.raises(TransportError, match="too long"):
            await link.send(Write(b"again"))
        await link.stop()
        await running
        return world

    assert b"hello" in run_fast(main()).written
