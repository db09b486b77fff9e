"""Device time to host time from the whole night; all links are simulated."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import Conditions, Link, errors_s, simulate, windowed

from crampwatch.recording.clock import SAMPLING_PPM, Mapping, WindowedClock

NIGHT_S = 9 * 3600.0


@pytest.mark.parametrize("drift_ppm", [-40.0, 20.0, 40.0])
def test_nine_hours_within_a_fifth_of_a_millisecond(drift_ppm):
    link = simulate(Conditions(drift_ppm=drift_ppm), seed=1)
    assert np.percentile(errors_s(windowed(link), link), 95) < 0.0002


def test_as_good_at_250_packets_a_second():
    link = simulate(Conditions(packet_hz=250.0, interval_s=0.015), seed=1)
    assert np.percentile(errors_s(windowed(link), link), 95) < 0.0002


@pytest.mark.parametrize("seed", range(3))
def test_sixty_reconnections_within_two_milliseconds(seed):
    link = simulate(Conditions(drift_ppm=40.0, reconnections=60), seed)
    assert np.percentile(errors_s(windowed(link), link), 95) < 0.002


def test_far_better_than_one_line_through_the_night():
    link = simulate(Conditions(), seed=2)
    slope, start = np.polyfit(link.device_s, link.arrival_s - link.device_s, 1)
    line = link.device_s * (1 + slope) + start - link.true_s
    one = np.percentile(np.abs(line - np.median(line)), 95)
    assert np.percentile(errors_s(windowed(link), link), 95) < one / 20


def test_one_packet_a_second():
    link = simulate(Conditions(packet_hz=1.0), seed=1)
    assert np.percentile(errors_s(windowed(link), link), 95) < 0.002


@pytest.mark.parametrize(
    "conditions",
    [
        Conditions(packet_hz=50.0, interval_s=0.020),
        Conditions(packet_hz=50.0, interval_s=0.020, drift_ppm=-15.0),
        Conditions(packet_hz=100.0, interval_s=0.030, drift_ppm=8.0, reconnections=60),
    ],
)
def test_radio_that_polls_in_step_is_recognised_and_its_error_stated(conditions):
    link = simulate(conditions, seed=1)
    mapping = windowed(link)
    off = errors_s(mapping, link)
    assert np.percentile(off, 95) < 0.005
    assert np.mean(off < 2 * mapping.uncertainty_s(link.device_s)) > 0.9


@pytest.mark.parametrize("reconnections", [0, 60])
def test_uncertainty_covers_the_error(reconnections):
    link = simulate(Conditions(reconnections=reconnections), seed=3)
    mapping = windowed(link)
    covered = errors_s(mapping, link) < 2 * mapping.uncertainty_s(link.device_s)
    assert np.mean(covered) > 0.85


def test_drift_is_measured():
    link = simulate(Conditions(swing_ppm=0.0, warm_ppm=0.0, walk_ppm=0.0), seed=1)
    drift = windowed(link).drift_ppm(link.device_s)
    assert np.abs(drift - 20.0).max() < 0.5


def test_sampling_without_a_clock_half_a_percent_off():
    link = simulate(Conditions(drift_ppm=5000.0), seed=1)
    mapping = windowed(link, SAMPLING_PPM)
    assert np.percentile(errors_s(mapping, link), 95) < 0.001


def test_burst_after_a_long_stall_does_not_bend_the_line():
    link = simulate(Conditions(hours=2.0), seed=4)
    held = (link.true_s > 4000.0) & (link.true_s < 4180.0)
    arrival = np.where(held, np.maximum(link.arrival_s, 4180.0), link.arrival_s)
    late = Link(link.device_s, np.maximum.accumulate(arrival), link.true_s, link.connection)
    assert errors_s(windowed(late), late).max() < 0.001


def test_hours_of_silence_widen_the_uncertainty_and_hold_the_error():
    whole = simulate(Conditions(), seed=5)
    heard = (whole.true_s < 9000.0) | (whole.true_s > 20_000.0)
    mapping = windowed(whole.only(heard))
    off = errors_s(mapping, whole)
    stated = mapping.uncertainty_s(whole.device_s)
    assert stated[~heard].max() > 5 * np.median(stated[heard])
    assert np.mean(off < 2 * stated) > 0.9
    assert off[~heard].max() < 0.03


def test_restart_of_the_device_begins_a_run_and_keeps_the_drift():
    link = simulate(Conditions(hours=2.0), seed=6)
    again = link.true_s > 4600.0
    since = np.searchsorted(again, True)
    clock = WindowedClock()
    clock.add(link.device_s[~again], link.arrival_s[~again], connection=0, run=0)
    fresh = link.device_s[again] - link.device_s[since]
    clock.add(fresh, link.arrival_s[again], connection=1, run=1)
    mapping = clock.mapping()
    assert len(mapping.runs) == 2
    host = mapping.to_host(fresh, run=1)
    off = host - link.true_s[again]
    assert np.ptp(off) < 0.001
    assert abs(mapping.drift_ppm(fresh[:1], run=1)[0] - 22.0) < 6.0
    with pytest.raises(ValueError, match="which run"):
        mapping.to_host(fresh)
    with pytest.raises(ValueError, match="no packet of run 7"):
        mapping.to_host(fresh, run=7)


def test_silent_step_of_the_device_clock_is_found_and_told():
    link = simulate(Conditions(hours=2.0), seed=7)
    step = np.where(link.true_s > 5000.0, 0.7, 0.0)
    mapping = windowed(Link(link.device_s + step, link.arrival_s, link.true_s, link.connection))
    assert len(mapping.runs) == 2
    assert len(mapping.found) == 1
    off = mapping.to_host(link.device_s + step) - link.true_s
    away = np.abs(link.true_s - 5000.0) > 60.0
    assert np.ptp(off[away]) < 0.015


@pytest.mark.parametrize("by", [-0.02, 0.02, 0.04])
def test_step_of_the_latency_is_told_and_does_not_move_the_line(by):
    link = simulate(Conditions(hours=3.0), seed=1)
    arrival = link.arrival_s + np.where(link.true_s > 6000.0, by, 0.0)
    stepped = Link(link.device_s, np.maximum.accumulate(arrival), link.true_s, link.connection)
    mapping = windowed(stepped)
    assert errors_s(mapping, stepped).max() < 0.003
    assert len(mapping.found) == 1
    assert "latency of the radio stepped" in mapping.found[0]


def test_packets_sent_again_tell_nothing():
    link = simulate(Conditions(hours=1.0), seed=8)
    again = np.arange(40_000, 45_000)
    order = np.concatenate((np.arange(60_000), again, np.arange(60_000, len(link.device_s))))
    arrival = np.maximum.accumulate(link.arrival_s[order])
    clock = WindowedClock()
    clock.add(link.device_s[order], arrival)
    mapping = clock.mapping()
    assert mapping.late == len(again)
    assert errors_s(mapping, link).max() < 0.002


def test_nothing_arrived():
    mapping = WindowedClock().mapping()
    assert mapping.runs == ()
    with pytest.raises(ValueError, match="no packet arrived"):
        mapping.to_host(np.array([1.0]))


def test_one_packet():
    clock = WindowedClock()
    clock.add(np.array([5.0]), np.array([105.0]))
    mapping = clock.mapping()
    np.testing.assert_allclose(mapping.to_host(np.array([5.0, 6.0])), [105.0, 106.0], atol=1e-3)
    assert mapping.uncertainty_s(np.array([3600.0 * 5]))[0] > 0.5


def test_unknown_arrivals_are_passed_over():
    link = simulate(Conditions(hours=0.2), seed=9)
    arrival = link.arrival_s.copy()
    arrival[::3] = np.nan
    clock = WindowedClock()
    clock.add(link.device_s, arrival)
    assert errors_s(clock.mapping(), link).max() < 0.002


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="one row each"):
        WindowedClock().add(np.zeros(3), np.zeros(2))


small = simulate(Conditions(hours=0.15, packet_hz=20.0, reconnections=3, stalls=5), seed=10)


@settings(max_examples=30)
@given(st.lists(st.integers(0, len(small.device_s)), max_size=12))
def test_same_result_however_packets_are_cut(cuts):
    expected = windowed(small)
    clock = WindowedClock()
    for connection, device, arrival in small.connections():
        edges = [0, *sorted(min(cut, len(device)) for cut in cuts), len(device)]
        for a, b in pairwise(edges):
            clock.add(device[a:b], arrival[a:b], connection=connection)
    assert _same(clock.mapping(), expected)


@settings(max_examples=30)
@given(st.lists(st.integers(0, len(small.device_s)), min_size=1, max_size=40))
def test_a_clock_that_hands_over_what_it_knows_goes_on_and_is_resumed_the_same(cuts):
    clock, lows, kept = WindowedClock(), np.empty((0, 10)), None
    begin = 0
    for connection, device, arrival in small.connections():
        edges = sorted({0, len(device), *(min(max(c - begin, 0), len(device)) for c in cuts)})
        for a, b in pairwise(edges):
            clock.add(device[a:b], arrival[a:b], connection=connection)
            kept = clock.hand_over()
            lows = np.concatenate((lows[: kept.first], kept.lows))
            assert kept.windows == len(lows)
        begin += len(device)
    with pytest.raises(ValueError, match="handed over"):
        clock.mapping()
    again = WindowedClock.resume(replace(kept, first=0, lows=lows))
    begin = 0
    for connection, device, arrival in small.connections():
        rest = slice(max(0, int(kept.opening.seen) - begin), None)
        again.add(device[rest], arrival[rest], connection=connection)
        begin += len(device)
    assert _same(again.mapping(), windowed(small))


@settings(max_examples=30)
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_shifting_a_clock_shifts_the_result(device_shift, host_shift):
    plain = windowed(small).to_host(small.device_s)
    moved = windowed(
        Link(
            small.device_s + device_shift,
            small.arrival_s + host_shift,
            small.true_s,
            small.connection,
        )
    ).to_host(small.device_s + device_shift)
    np.testing.assert_allclose(moved - host_shift, plain, atol=2e-6)


@settings(max_examples=30)
@given(st.floats(-60.0, 60.0))
def test_a_faster_device_is_as_well_known(ppm):
    plain = windowed(small).to_host(small.device_s)
    faster = small.device_s * (1 + ppm * 1e-6)
    clock = windowed(Link(faster, small.arrival_s, small.true_s, small.connection))
    np.testing.assert_allclose(clock.to_host(faster), plain, atol=2e-3)


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.floats(-1e9, 1e9),
            st.floats(-1e9, 1e9),
            st.integers(0, 2),
            st.integers(0, 2),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_whatever_is_fed_time_never_goes_back(rows):
    clock = WindowedClock()
    for device, arrival, connection, run in rows:
        clock.add(np.array([device]), np.array([arrival]), connection=connection, run=run)
    mapping = clock.mapping()
    for run in {run.number for run in mapping.runs}:
        asked = np.linspace(-2e9, 2e9, 101)
        try:
            host = mapping.to_host(asked, run)
        except ValueError:
            continue
        assert np.isfinite(host).all()
        assert (np.diff(host) >= 0).all()
        assert np.isfinite(mapping.uncertainty_s(asked, run)).all()


def _same(one: Mapping, other: Mapping) -> bool:
    return len(one.runs) == len(other.runs) and all(
        np.array_equal(a.host_s, b.host_s) and np.array_equal(a.error_s, b.error_s)
        for a, b in zip(one.runs, other.runs, strict=True)
    )
