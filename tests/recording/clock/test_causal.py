"""Device time to host time while packets arrive; all links are simulated."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated import Conditions, Link, simulate, windowed

from crampwatch.recording.clock import CausalClock


def live(link: Link, size: int = 500) -> np.ndarray:
    """Return host times as they would have been given, batch by batch."""
    clock = CausalClock()
    host = []
    for connection, device, arrival in link.connections():
        for at in range(0, len(device), size):
            part = slice(at, at + size)
            clock.add(device[part], arrival[part], connection=connection)
            host.append(clock.to_host(device[part]))
    return np.concatenate(host)


def test_never_backwards_and_right_to_half_a_millisecond_after_an_hour():
    link = simulate(Conditions(), seed=1)
    host = live(link)
    assert (np.diff(host) >= 0).all()
    late = link.true_s > link.true_s[0] + 3600.0
    off = (host - link.true_s)[late]
    assert np.percentile(np.abs(off - np.median(off)), 95) < 0.0005


@pytest.mark.parametrize("seed", range(3))
def test_sixty_reconnections_within_three_milliseconds(seed):
    link = simulate(Conditions(drift_ppm=40.0, reconnections=60), seed)
    host = live(link)
    assert (np.diff(host) >= 0).all()
    late = link.true_s > link.true_s[0] + 3600.0
    off = (host - link.true_s)[late]
    assert np.percentile(np.abs(off - np.median(off)), 95) < 0.003


@pytest.mark.parametrize(("reconnections", "bound_s"), [(0, 0.0005), (60, 0.003)])
def test_after_an_hour_equal_to_the_windowed_estimate_within_a_bound(reconnections, bound_s):
    link = simulate(Conditions(reconnections=reconnections), seed=2)
    apart = live(link) - windowed(link).to_host(link.device_s)
    late = link.true_s > link.true_s[0] + 3600.0
    assert np.abs(apart[late] - np.median(apart[late])).max() < bound_s


def test_right_within_a_few_milliseconds_from_the_first_seconds():
    link = simulate(Conditions(hours=0.1), seed=3)
    off = live(link, 25) - link.true_s
    since = link.true_s - link.true_s[0]
    assert np.abs(off[since > 3.0] - np.median(off)).max() < 0.005


def test_uncertainty_shrinks_then_grows_in_silence():
    link = simulate(Conditions(hours=1.0), seed=4)
    clock = CausalClock()
    assert clock.uncertainty_s(0.0) == np.inf
    with pytest.raises(ValueError, match="no packet"):
        clock.to_host(np.array([0.0]))
    stated = []
    for at in range(0, len(link.device_s), 5000):
        part = slice(at, at + 5000)
        clock.add(link.device_s[part], link.arrival_s[part])
        stated.append(clock.uncertainty_s(float(link.device_s[part][-1])))
    assert stated[-1] < stated[0] / 3
    assert clock.uncertainty_s(3600.0 * 4) > 10 * stated[-1]
    assert abs(clock.drift_ppm - 22.0) < 6.0


def test_a_restart_goes_on_from_where_time_was():
    link = simulate(Conditions(hours=0.5), seed=5)
    half = len(link.device_s) // 2
    clock = CausalClock()
    clock.add(link.device_s[:half], link.arrival_s[:half])
    before = clock.to_host(link.device_s[:half])
    fresh = link.device_s[half:] - link.device_s[half]
    clock.add(fresh, link.arrival_s[half:], connection=1, run=1)
    after = clock.to_host(fresh)
    assert after[0] >= before[-1]
    assert (np.diff(after) >= 0).all()
    off = after - link.true_s[half:]
    assert np.abs(off[len(off) // 2 :] - np.median(off)).max() < 0.002


def test_held_state_does_not_grow_with_the_night():
    clock = CausalClock()
    link = simulate(Conditions(hours=3.0, packet_hz=20.0), seed=6)
    sizes = []
    for night in range(12):
        clock.add(link.device_s + 11_000.0 * night, link.arrival_s + 11_000.0 * night)
        held = sum(len(part[0]) for part in clock._windows._held)
        sizes.append((held <= 20 * 61, len(clock._pieces)))
    assert all(small for small, _ in sizes)
    assert sizes[-1][1] == sizes[-2][1]


small = simulate(Conditions(hours=0.3, packet_hz=20.0, reconnections=3, stalls=5), seed=7)
whole = live(small, 1)


@given(st.lists(st.integers(0, len(small.device_s)), max_size=12))
def test_same_times_however_packets_are_cut(cuts):
    clock = CausalClock()
    host = []
    for connection, device, arrival in small.connections():
        edges = [0, *sorted(min(cut, len(device)) for cut in cuts), len(device)]
        for a, b in pairwise(edges):
            clock.add(device[a:b], arrival[a:b], connection=connection)
            host.append(clock.to_host(device[a:b]))
    np.testing.assert_array_equal(np.concatenate(host), whole)


@given(st.floats(-1e6, 1e6))
def test_shifting_the_host_shifts_the_result(shift):
    moved = Link(small.device_s, small.arrival_s + shift, small.true_s, small.connection)
    np.testing.assert_allclose(live(moved) - shift, whole, atol=2e-6)


@given(
    st.lists(
        st.tuples(st.floats(0, 1e6), st.floats(-1e6, 1e6), st.integers(0, 2)),
        min_size=1,
        max_size=60,
    )
)
def test_whatever_is_fed_time_never_goes_back(rows):
    clock = CausalClock()
    latest, device = -np.inf, 0.0
    for step, arrival, connection in rows:
        device += step
        clock.add(np.array([device]), np.array([arrival]), connection=connection)
        host = float(clock.to_host(np.array([device]))[0])
        assert host >= latest
        assert np.isfinite(clock.uncertainty_s(device))
        latest = host
