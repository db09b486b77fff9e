"""Whatever goes wrong, in whatever order: when the sensor is well again, samples come."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from fast_time import run_fast
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import HANGS, WELL, Chords, Notes, Script, World, make_link

from crampwatch.firmware_bridge.links import LinkPolicy, LinkState
from crampwatch.firmware_bridge.transports import Fault, TransportError

S = LinkState
POLICY = LinkPolicy()
FAULTS = [fault for fault in Fault if fault is not Fault.ENDED]

errors = st.one_of(
    st.sampled_from(FAULTS).map(lambda fault: TransportError(fault, f"it is {fault.value}")),
    st.sampled_from([OSError("gone"), RuntimeError("odd"), TimeoutError()]),
)
times = st.floats(0, 20)
spans = st.tuples(times, st.one_of(times, st.just(HANGS))).filter(
    lambda span: span[0] < span[1]
)
bad = st.one_of(
    st.builds(Script, open_error=errors, open_s=st.sampled_from([0, 0.2, 5, HANGS])),
    st.builds(Script, lost_s=times, lost_error=errors, close_s=st.sampled_from([0, 3, HANGS])),
    st.builds(Script, quiet=spans, lost_s=st.floats(10, 30)),
    st.builds(Script, rubbish=spans, lost_s=st.floats(10, 30)),
    st.builds(Script, write_error=errors),
    st.builds(Script, write_s=st.sampled_from([0.5, 3, HANGS]), lost_s=times),
)
mishaps = st.lists(
    st.tuples(st.floats(0, 60), st.sampled_from(["suspend", "wall"])), max_size=3
)


@settings(deadline=None, max_examples=30)
@given(st.lists(bad, max_size=5), mishaps)
def test_it_ends_streaming_with_nothing_open_and_no_long_pause(scripts, happen):
    async def main():
        world, notes = World(Chords(), [*(replace(each) for each in scripts), WELL]), Notes()
        link = make_link(world, notes)
        running = asyncio.create_task(link.run())
        for after_s, what in happen:
            await asyncio.sleep(after_s)
            if what == "suspend":
                world.clock.suspend(after_s * 10)
            else:
                world.clock.step_wall(-after_s * 10)
        # an attempt may last as long as its limits, a script as long as it says
        attempt_s = POLICY.open_s + 2 * POLICY.write_s + POLICY.close_s + 60
        most_s = (len(scripts) + 2) * (attempt_s + POLICY.backoff_cap_s * 1.2)
        for _second in range(round(most_s)):
            await asyncio.sleep(1)
            if world.transports[-1].script is WELL and link.state is S.STREAMING:
                break
        state = link.state
        await link.stop()
        await running
        return world, notes, state

    world, notes, state = run_fast(main())
    assert state is S.STREAMING
    assert world.well_used
    assert notes.states[-1] is S.STOPPED
    for each, after in zip(notes.changes, notes.changes[1:], strict=False):
        if each.state is S.WAITING:
            pause_s = after.at_s - each.at_s
            assert pause_s <= POLICY.backoff_cap_s * (1 + POLICY.backoff_jitter) + 1e-6
    index = notes.index()
    assert (index[1:] > index[:-1]).all()
