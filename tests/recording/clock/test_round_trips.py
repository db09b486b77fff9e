"""Round trips bound the constant latency; all links are simulated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated import Conditions, simulate, windowed

from crampwatch.recording.clock import Mapping, RoundTrip, constant_of

link = simulate(Conditions(hours=0.5), seed=1)
mapping = windowed(link)
truth = float(np.median(link.true_s - mapping.to_host(link.device_s)))


def trips(count, there_s, back_s, seed=0):
    """Return round trips whose shortest ways take as long as given."""
    rng = np.random.default_rng(seed)
    at = np.linspace(10.0, len(link.device_s) - 1, count).astype(int)
    more = rng.exponential(0.01, (2, count))
    more[:, count // 2] = 0.0
    sent = link.true_s[at] - there_s - more[0]
    received = link.true_s[at] + back_s + more[1]
    return [
        RoundTrip(float(a), float(b), float(c))
        for a, b, c in zip(sent, received, link.device_s[at], strict=True)
    ]


def test_equal_ways_give_the_constant_to_a_millisecond():
    constant = constant_of(trips(100, 0.006, 0.006), mapping)
    assert constant.seconds == pytest.approx(truth, abs=0.001)
    assert constant.agree
    assert constant.trips == 100


@given(st.floats(0.0, 0.05), st.floats(0.0, 0.05), st.integers(1, 40))
def test_unequal_ways_stay_within_the_bounds(there, back, count):
    constant = constant_of(trips(count, there, back), mapping)
    assert constant.low_s <= truth <= constant.high_s
    assert constant.low_s <= constant.seconds <= constant.high_s


def test_error_is_at_most_half_the_shortest_round_trip():
    constant = constant_of(trips(100, 0.020, 0.002), mapping)
    assert constant.shortest_s == pytest.approx(0.022, abs=1e-6)
    margin = 2 * float(mapping.uncertainty_s(link.device_s).max())
    assert abs(constant.seconds - truth) <= constant.shortest_s / 2 + margin
    assert constant.high_s - constant.low_s <= constant.shortest_s + 2 * margin


def test_one_that_fits_no_constant_is_told():
    good = trips(20, 0.005, 0.005)
    bad = RoundTrip(good[3].sent_s + 1.0, good[3].received_s + 1.05, good[3].device_s)
    constant = constant_of([*good, bad], mapping)
    assert not constant.agree
    assert constant.low_s <= truth <= constant.high_s


def test_impossible_ones_are_passed_over():
    nan = float("nan")
    assert constant_of([RoundTrip(2.0, 1.0, 5.0), RoundTrip(nan, 1.0, 5.0)], mapping) is None
    assert constant_of([], mapping) is None
    assert constant_of(trips(3, 0.01, 0.01), Mapping(())) is None
