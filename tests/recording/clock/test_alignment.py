"""Sensors on one time line: what is known, and "offset unknown"."""

from __future__ import annotations

import pytest

from crampwatch.recording.clock import Constant, TapBetween, TapMatch, align


def constant(seconds, around, *, agree=True):
    return Constant(seconds, seconds - around, seconds + around, 50, 2 * around, agree)


def tap(first, second, offset, error=0.002):
    return TapBetween(first, second, TapMatch(offset, error, 3, 0.999))


def test_nothing_tells_the_offset():
    alignment = align({"left": None, "right": None})
    assert not alignment.between("left", "right").known
    assert str(alignment.between("left", "right")) == "offset unknown"
    assert alignment.placed["left"].source == "unknown"
    assert alignment.placed["right"].correction_s == 0.0
    assert alignment.notes == ("left: offset unknown", "right: offset unknown")


def test_one_sensor_needs_no_offset():
    alignment = align({"left": None})
    assert alignment.between("left", "left").known
    assert alignment.notes == ()


def test_round_trips_of_both():
    alignment = align({"left": constant(-0.010, 0.004), "right": constant(-0.025, 0.006)})
    offset = alignment.between("left", "right")
    assert offset.seconds == pytest.approx(-0.015)
    assert (offset.low_s, offset.high_s) == pytest.approx((-0.025, -0.005))
    assert {each.group for each in alignment.placed.values()} == {0}


def test_a_tap_alone_ties_two_to_each_other():
    alignment = align({"left": None, "right": None}, [tap("left", "right", 0.030)])
    offset = alignment.between("left", "right")
    assert offset.seconds == pytest.approx(-0.030)
    assert (offset.low_s, offset.high_s) == pytest.approx((-0.034, -0.026))
    assert alignment.placed["left"].source == "reference"
    assert alignment.placed["right"].source == "tap"
    assert alignment.notes == ()


def test_a_tap_passes_on_what_round_trips_of_one_told():
    alignment = align(
        {"left": None, "right": constant(-0.010, 0.004)}, [tap("left", "right", 0.030)]
    )
    left = alignment.placed["left"]
    assert left.correction_s == pytest.approx(0.020)
    assert (left.low_s, left.high_s) == pytest.approx((0.012, 0.028))
    assert (left.source, left.group) == ("tap", 0)


def test_a_chain_of_taps_and_a_stranger():
    taps = [tap("b", "c", 0.001), tap("a", "b", 0.002)]
    alignment = align({"a": None, "b": None, "c": None, "d": None}, taps)
    assert alignment.between("a", "c").seconds == pytest.approx(-0.003)
    assert not alignment.between("a", "d").known
    assert alignment.notes == ("d: offset unknown",)


def test_contradictions_are_told():
    alignment = align(
        {"left": constant(0.0, 0.002), "right": constant(0.0, 0.002, agree=False)},
        [tap("left", "right", 0.100)],
    )
    assert alignment.notes == (
        "right: its round trips do not fit one constant",
        "left, right: the tap contradicts what else is known",
    )


def test_a_tap_of_a_sensor_that_is_not_there():
    with pytest.raises(KeyError):
        align({"left": None}, [tap("left", "right", 0.0)])
