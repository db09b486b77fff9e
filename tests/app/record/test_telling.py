"""What a terminal is told: in order, and without ever waiting for it."""

from __future__ import annotations

from threading import Event

from crampwatch.app.record.telling import MOST_WAITING, Telling


def test_everything_is_told_in_order() -> None:
    told, telling = [], Telling()
    for number in range(200):
        telling.put(lambda number=number: told.append(number))
    telling.drain()
    assert told == list(range(200))


def test_a_terminal_that_fails_is_tried_again() -> None:
    told, telling = [], Telling()

    def fail() -> None:
        raise OSError("gone")

    telling.put(fail)
    telling.put(lambda: told.append(1))
    telling.drain()
    assert told == [1]


def test_a_terminal_that_hangs_costs_bounded_memory_and_no_time() -> None:
    telling, begun, hangs, told = Telling(), Event(), Event(), []
    telling.put(lambda: (begun.set(), hangs.wait()))
    begun.wait()
    for number in range(10 * MOST_WAITING):
        telling.put(lambda number=number: told.append(number))
    assert telling._waiting.qsize() <= MOST_WAITING
    hangs.set()
    telling.drain()
    assert told == list(range(MOST_WAITING))


def test_nothing_told_needs_no_thread() -> None:
    telling = Telling()
    telling.drain()
    assert telling._thread is None
