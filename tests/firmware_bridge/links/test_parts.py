"""Pauses, resends, watch and reactions, each by itself."""

from __future__ import annotations

import asyncio

import pytest
from fast_time import LoopClock, run_fast
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.firmware_bridge.links import LinkPolicy
from crampwatch.firmware_bridge.links.backoff import Backoff
from crampwatch.firmware_bridge.links.conversations.resends import (
    MOST_ASKED,
    PATIENCE_S,
    Resends,
)
from crampwatch.firmware_bridge.links.reactions import REACTIONS
from crampwatch.firmware_bridge.links.suspend import SuspendWatch
from crampwatch.firmware_bridge.transports import Fault

POLICY = LinkPolicy()


def test_every_fault_has_its_reaction_and_only_an_end_ends():
    assert set(REACTIONS) == set(Fault)
    assert [fault for fault, each in REACTIONS.items() if each.ends] == [Fault.ENDED]


@given(st.integers(0, 2**32), st.text(), st.lists(st.booleans(), max_size=50))
def test_a_pause_never_exceeds_the_cap(seed, name, slow):
    backoff = Backoff(POLICY, name, seed)
    for each in slow:
        pause_s = backoff.pause(slow=each)
        assert 0 < pause_s <= POLICY.backoff_cap_s * (1 + POLICY.backoff_jitter)


def test_two_links_do_not_call_together():
    left, right = Backoff(POLICY, "left", 0), Backoff(POLICY, "right", 0)
    assert all(left.pause() != right.pause() for _attempt in range(20))


def test_suspend_is_noticed_once_and_short_sleeps_are_not():
    async def main():
        clock = LoopClock()
        watch = SuspendWatch(clock, 3.0)
        clock.suspend(2)
        first = watch.slept()
        clock.suspend(600)
        await asyncio.sleep(5)
        return first, watch.slept(), watch.slept()

    assert run_fast(main()) == (0.0, pytest.approx(600), 0.0)


def asked(resends, missing, seconds, start_s=0.0):
    """Return what is asked for, with its time, while nothing is answered."""
    steps = range(int(seconds / 0.25))
    found = [(start_s + step / 4, resends.due(start_s + step / 4, missing)) for step in steps]
    return [(at_s, wanted) for at_s, wanted in found if wanted is not None]


def test_what_is_not_answered_is_asked_for_a_few_times_and_given_up():
    resends = Resends()
    found = asked(resends, [(0, 100, 50)], 60)
    assert [at_s for at_s, _wanted in found] == [0, PATIENCE_S, 2 * PATIENCE_S]
    assert len(found) == MOST_ASKED
    assert resends.given_up == 50


def test_a_hole_that_is_not_answered_does_not_hold_up_the_others():
    resends = Resends()
    found = asked(resends, [(0, 100, 50), (1, 900, 5)], 60)
    assert [wanted for _at_s, wanted in found] == [(0, 100, 50), (1, 900, 5)] * MOST_ASKED


def test_an_answer_that_comes_slowly_is_waited_for():
    resends = Resends()
    found = []
    for step in range(240):
        left = max(0, 6000 - 25 * step)
        wanted = resends.due(step / 4, [(0, 10_000 - left, left)] if left else [])
        found += [wanted] if wanted else []
    assert found == [(0, 4000, 6000)]


def test_what_remains_of_an_answered_hole_is_asked_for_again():
    resends = Resends()
    assert resends.due(0.0, [(0, 0, 100)]) == (0, 0, 100)
    rest = [(0, 40, 10)]
    assert [wanted for _at_s, wanted in asked(resends, rest, 30, 0.25)] == [
        rest[0]
    ] * MOST_ASKED


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 10_000), st.integers(1, 500)), max_size=30
    )
)
def test_it_comes_to_rest_whatever_is_missing(missing):
    resends = Resends()
    asked(resends, missing, 4 * PATIENCE_S * MOST_ASKED * (len(missing) + 1))
    assert asked(resends, missing, 30, 1e6) == []
