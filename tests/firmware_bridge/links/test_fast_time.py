"""The loop whose clock jumps: an hour takes no time, and nothing is left over unseen."""

from __future__ import annotations

import asyncio

import pytest
from fast_time import START_S, LeftOverError, LoopClock, run_fast


def test_an_hour_passes_at_once_and_to_the_microsecond():
    async def main():
        clock = LoopClock()
        await asyncio.sleep(3600)
        return clock.monotonic()

    assert run_fast(main()) == pytest.approx(START_S + 3600, abs=1e-6)


def test_timers_go_off_in_their_order():
    async def main():
        order = []

        async def wait(seconds):
            await asyncio.sleep(seconds)
            order.append(seconds)

        await asyncio.gather(*(wait(s) for s in (3.0, 0.5, 2.0, 0.5001)))
        return order

    assert run_fast(main()) == [0.5, 0.5001, 2.0, 3.0]


def test_suspend_shows_only_in_the_clock_that_counts_sleep():
    async def main():
        clock = LoopClock()
        before = clock.monotonic(), clock.awake_or_not(), clock.wall()
        clock.suspend(600)
        clock.step_wall(-3600)
        after = clock.monotonic(), clock.awake_or_not(), clock.wall()
        return [b - a for a, b in zip(before, after, strict=True)]

    assert run_fast(main()) == [0, 600, -3000]


def test_a_task_left_over_is_an_error():
    async def main():
        main.kept = asyncio.create_task(asyncio.sleep(10))

    with pytest.raises(LeftOverError, match="left over"):
        run_fast(main())


def test_waiting_for_what_never_comes_is_an_error():
    async def main():
        await asyncio.Event().wait()

    with pytest.raises(LeftOverError, match="nothing will ever happen"):
        run_fast(main())
