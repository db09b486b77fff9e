"""What real nights do to a link, and what it does about it."""

from __future__ import annotations

import asyncio

import pytest
from fast_time import run_fast
from scripted import HANGS, WELL, Chords, Notes, Script, World, failing, make_link, run_for

from crampwatch.firmware_bridge.links import LinkPolicy, LinkState
from crampwatch.firmware_bridge.transports import Fault, TransportError

S = LinkState
POLICY = LinkPolicy()


def night(scripts, seconds=60.0, *, during=None, **more):
    """Return the sink and the world after some time with these connections."""

    async def main():
        world, notes = World(Chords(), scripts), Notes()
        link = make_link(world, notes, **more)
        jobs = [
            run_for(link, seconds) if len(scripts) == 1 else until_well(world, link, seconds)
        ]
        if during is not None:
            jobs.append(during(world, notes, link))
        await asyncio.gather(*jobs)
        return world, notes

    world, notes = run_fast(main())
    assert world.well_used
    assert notes.states[-1] is S.STOPPED
    return world, notes


async def until_well(world, link, most_s):
    """Run a link until the last connection has been streaming for a while."""
    running = asyncio.create_task(link.run())
    well_s = 0
    for _second in range(int(most_s)):
        await asyncio.sleep(1)
        last = bool(world.transports) and world.transports[-1].script is world.scripts[-1]
        well_s = well_s + 1 if last and link.state is S.STREAMING else 0
        if well_s > POLICY.settled_s + 2:
            break
    await link.stop()
    await running


def test_a_quiet_night_is_four_lines():
    world, notes = night([WELL])
    assert notes.states == [S.CONNECTING, S.CONFIGURING, S.STREAMING, S.STOPPED]
    assert world.written == [b"WHORU\n", b"START\n", b"STOP\n"]
    assert notes.count() == pytest.approx(59 * 50, abs=50)
    assert notes.lost() == 0


def test_a_broken_connection_is_made_anew_and_numbers_go_on():
    world, notes = night([Script(lost_s=20), Script(lost_s=20), WELL])
    assert notes.states.count(S.STREAMING) == 3
    index = notes.index()
    assert (index[1:] > index[:-1]).all()
    assert len(index) + notes.lost() == index[-1] - index[0] + 1
    assert len(world.transports) == 3


def test_connected_and_never_sends():
    _world, notes = night([Script(quiet=(0, HANGS)), WELL])
    silent = next(each for each in notes.changes if each.state is S.SILENT)
    assert silent.fault is Fault.NO_ANSWER
    assert "nothing comes" in silent.reason
    assert notes.states[-2] is S.STREAMING


def test_samples_stop_while_the_connection_stands():
    _world, notes = night([Script(quiet=(20, HANGS)), WELL])
    assert notes.states[2:5] == [S.STREAMING, S.SILENT, S.WAITING]
    silent = notes.changes[3]
    assert silent.at_s - 1020.7 == pytest.approx(POLICY.silent_s, abs=1)
    assert notes.states[-2] is S.STREAMING


def test_a_stall_that_catches_up_is_left_alone():
    _world, notes = night([Script(quiet=(20, 23))])
    assert notes.states.count(S.STREAMING) == 1


def test_rubbish_is_told_with_a_hint_at_speed_and_driver():
    _world, notes = night([Script(rubbish=(0, HANGS)), WELL])
    silent = next(each for each in notes.changes if each.state is S.SILENT)
    assert silent.fault is Fault.FOREIGN
    assert "speed (baud)" in silent.reason
    assert "driver" in silent.reason
    assert notes.states[-2] is S.STREAMING


def test_rubbish_in_the_middle_of_the_night():
    _world, notes = night([Script(rubbish=(20, HANGS)), WELL])
    assert notes.states[2:5] == [S.STREAMING, S.SILENT, S.WAITING]
    assert notes.states[-2] is S.STREAMING


@pytest.mark.parametrize(
    "fault", [Fault.NO_PERMISSION, Fault.NO_ADAPTER, Fault.ADAPTER_OFF, Fault.BUSY]
)
def test_what_only_a_person_can_mend_is_told_once(fault):
    _world, notes = night([failing(fault, "mend it so")] * 20 + [WELL], 700)
    told = [line for line in notes.news if "mend it so" in line]
    assert len(told) == 1
    assert notes.states[-2] is S.STREAMING
    assert notes.states.count(S.WAITING) == 20


def test_it_is_told_again_when_it_changes():
    scripts = [failing(Fault.ADAPTER_OFF, "off")] * 5 + [failing(Fault.NOT_FOUND, "gone")] * 5
    _world, notes = night([*scripts, WELL], 400)
    assert len(notes.news) == 4  # off, gone, streaming, stopped
    assert notes.news[0].startswith("off; trying again until it is switched on in ")
    assert notes.news[1].startswith("gone; looking for it again in ")
    assert notes.news[2:] == ["samples come", "stopped"]


def test_pauses_grow_to_the_cap_and_begin_small_after_a_steady_stream():
    scripts = [failing(Fault.NO_ANSWER)] * 12 + [Script(lost_s=60), failing(Fault.LOST), WELL]
    _world, notes = night(scripts, 600)
    pauses = [
        after.at_s - each.at_s
        for each, after in zip(notes.changes, notes.changes[1:], strict=False)
        if each.state is S.WAITING
    ]
    jitter, cap_s = POLICY.backoff_jitter, POLICY.backoff_cap_s
    assert max(pauses) <= cap_s * (1 + jitter)
    assert min(pauses[7:12]) >= cap_s * (1 - jitter)
    assert pauses[12] <= POLICY.backoff_first_s * (1 + jitter)
    assert [each.attempt for each in notes.changes if each.state is S.CONNECTING][11:15] == [
        12,
        13,
        1,
        2,
    ]


def test_a_stream_that_breaks_at_once_does_not_count_as_well():
    _world, notes = night([Script(lost_s=2)] * 30 + [WELL], 900)
    waits = [each for each in notes.changes if each.state is S.WAITING]
    assert waits[-1].at_s - waits[-2].at_s > POLICY.backoff_cap_s * (1 - POLICY.backoff_jitter)


def test_a_foreign_device_is_tried_now_and_then():
    _world, notes = night([failing(Fault.FOREIGN, "a toothbrush")] * 4 + [WELL], 600)
    waits = [each.at_s for each in notes.changes if each.state is S.WAITING]
    assert waits[2] - waits[1] > 20
    assert sum("toothbrush" in line for line in notes.news) == 1


def test_the_end_of_a_recording_ends_the_link():
    async def main():
        end = TransportError(Fault.ENDED, "the recording has come to its end")
        world, notes = World(Chords(), [Script(lost_s=5, lost_error=end)]), Notes()
        await make_link(world, notes).run()
        return world, notes

    world, notes = run_fast(main())
    assert notes.changes[-1].state is S.STOPPED
    assert "come to its end" in notes.changes[-1].reason
    assert world.well_used
    assert notes.index()[-1] - notes.index()[0] + 1 == notes.count()


def test_it_is_searched_anew_when_it_is_not_found_and_every_third_time():
    searched = []

    async def main(faults):
        async def search():
            searched.append(len(world.transports))

        world = World(Chords(), [*(failing(fault) for fault in faults), WELL])
        notes = Notes()
        await until_well(world, make_link(world, notes, search=search), 600)
        return notes

    run_fast(main([Fault.NOT_FOUND, Fault.NO_ANSWER]))
    assert searched == [1]
    searched.clear()
    notes = run_fast(main([Fault.NO_ANSWER] * 7))
    assert searched == [3, 6]
    assert notes.states.count(S.SEARCHING) == 2


def test_a_search_that_fails_is_one_more_failed_attempt():
    async def main():
        async def search():
            raise TransportError(Fault.ADAPTER_OFF, "switched off")

        world, notes = World(Chords(), [failing(Fault.NOT_FOUND)]), Notes()
        await run_for(make_link(world, notes, search=search), 600)
        return notes

    notes = run_fast(main())
    assert any("switched off" in line for line in notes.news)


def test_after_sleep_of_the_computer_the_connection_is_made_anew_at_once():
    async def lid(world, notes, link):
        await asyncio.sleep(30)
        world.clock.suspend(3600)

    _world, notes = night([WELL], during=lid)
    waiting = notes.changes[3]
    assert waiting.state is S.WAITING
    assert "slept for 60 min" in waiting.reason
    assert notes.changes[4].at_s == waiting.at_s
    assert notes.states[-2] is S.STREAMING


def test_sleep_of_the_computer_ends_a_pause():
    async def lid(world, notes, link):
        await asyncio.sleep(110)
        world.scripts[:] = [WELL]
        world.clock.suspend(3600)

    _world, notes = night([failing(Fault.NO_ANSWER)], 140, during=lid)
    streaming = next(each for each in notes.changes if each.state is S.STREAMING)
    assert streaming.at_s < 1113


def test_a_step_of_the_wall_clock_changes_nothing():
    async def summer_time(world, notes, link):
        await asyncio.sleep(30)
        world.clock.step_wall(3600)

    _world, notes = night([WELL], during=summer_time)
    assert notes.states.count(S.STREAMING) == 1


@pytest.mark.parametrize(
    "script",
    [
        Script(open_s=HANGS),
        Script(write_s=HANGS),
        Script(lost_s=20, close_s=HANGS),
        Script(open_error=OSError("no such device")),
        Script(open_error=ValueError("a fault of the transport")),
        Script(lost_s=15, lost_error=RuntimeError("a fault of the transport")),
        Script(write_error=TransportError(Fault.LOST, "broke while writing")),
        Script(write_error=OSError(5, "Input/output error")),
    ],
)
def test_transports_that_hang_or_fail_in_unheard_of_ways_do_not_end_the_night(script):
    async def main():
        world, notes = World(Chords(), [script, WELL]), Notes()
        await until_well(world, make_link(world, notes), 300)
        return world, notes

    world, notes = run_fast(main())
    assert world.well_used
    assert notes.states[-2:] == [S.STREAMING, S.STOPPED]


def test_a_factory_that_fails_is_one_more_failed_attempt():
    async def main():
        world, notes = World(Chords()), Notes()
        link = make_link(world, notes)
        left = [TransportError(Fault.NO_ADAPTER, "plug in a Bluetooth adapter")] * 3

        def connect():
            if left:
                raise left.pop()
            return world.connect()

        link._connect = connect
        await run_for(link, 60)
        return notes

    notes = run_fast(main())
    assert sum("plug in" in line for line in notes.news) == 1
    assert notes.states[-2] is S.STREAMING
