"""A stream on the grid of the night's clock, against scipy and against the true signal."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.recording.writers.grid import Gridded

TONES = ((37.0, 1000.0, 0.3), (181.3, 700.0, 1.0), (413.0, 400.0, 2.0))


def tones(at_s):
    return sum(size * np.sin(2 * np.pi * hz * at_s + phase) for hz, size, phase in TONES)


def sampled(make, start_s, count, rate_hz):
    values = tones(start_s + np.arange(count) / rate_hz)
    return make.stream("EMG L GM", [(start_s, values)], rate_hz, raw_limits=None)


def test_samples_on_the_grid_are_taken_as_they_are(make):
    values = make.noise(1000)
    grid = Gridded(make.stream("EMG L GM", [(0.25, values), (2.0, values)]), 1000.0)
    assert grid.exact
    np.testing.assert_array_equal(grid.read(250, 1250), values)
    np.testing.assert_array_equal(grid.read(2000, 3000), values)
    assert grid.holes(3500) == [(0, 250), (1250, 2000), (3000, 3500)]


def test_a_hole_holds_the_last_value_and_the_beginning_the_first(make):
    values = make.noise(1000)
    grid = Gridded(make.stream("EMG L GM", [(0.25, values), (2.0, values)]), 1000.0)
    assert set(grid.read(0, 250)[:, 0]) == {values[0, 0]}
    assert set(grid.read(1250, 2000)[:, 0]) == {values[-1, 0]}
    assert set(grid.read(3000, 3300)[:, 0]) == {values[-1, 0]}


@pytest.mark.parametrize("rate_hz", [999.93, 1000.0, 1000.4, 1003.0])
def test_a_drifting_clock_is_undone(make, rate_hz):
    """-80 dB of what a converter on the night's clock would have seen."""
    grid = Gridded(sampled(make, 0.0123, 8000, rate_hz), 1000.0)
    run = grid.runs[0]
    found = grid.read(run.first, run.after)[:, 0]
    true = tones(np.arange(run.first, run.after) / 1000.0)
    inner = slice(30, -30)
    assert np.abs(found - true)[inner].max() < 1e-4 * np.abs(true).max()


def test_equals_the_polyphase_filter_of_scipy(make):
    made = sampled(make, 0.0, 4000, 1000.0)
    grid = Gridded(made, 1024.0)
    samples = made.segments[0].source.read(0, 4000)[:, 0]
    theirs = scipy.signal.resample_poly(samples, 128, 125, window=("kaiser", 9.0))
    ours = grid.read(0, 4000)[:, 0]
    inner = slice(100, 3900)
    assert np.abs(ours - theirs[:4000])[inner].max() < 0.02 * np.abs(theirs).max()
    true = tones(np.arange(4000) / 1024.0)
    assert np.abs(ours - true)[inner].max() < np.abs(theirs[:4000] - true)[inner].max()


def test_a_lower_rate_takes_out_what_it_cannot_hold(make):
    at_s = np.arange(20_000) / 2000.0
    values = 1000 * np.sin(2 * np.pi * 50 * at_s) + 1000 * np.sin(2 * np.pi * 700 * at_s)
    grid = Gridded(make.stream("EMG L GM", [(0.0, values)], 2000.0), 1000.0)
    found = grid.read(0, 10_000)[:, 0]
    true = 1000 * np.sin(2 * np.pi * 50 * np.arange(10_000) / 1000.0)
    assert np.abs(found - true)[60:-60].max() < 2.0


def test_a_level_stays_what_it_is_at_the_edges_too(make):
    grid = Gridded(make.stream("EMG L GM", [(0.0004, np.full(500, 1234.0))], 999.5), 1000.0)
    np.testing.assert_allclose(grid.read(0, len(grid)), 1234.0, rtol=1e-12)


def test_nothing_is_extrapolated_by_more_than_half_a_period(make):
    grid = Gridded(make.stream("EMG L GM", [(0.0123, make.noise(500))], 999.5), 1000.0)
    [run] = grid.runs
    assert run.first / 1000 >= 0.0123 - 0.0005
    assert (run.after - 1) / 1000 <= 0.0123 + 499 / 999.5 + 0.0005


@pytest.mark.parametrize(("late", "holes"), [(0.0, 0), (0.4, 0), (0.9, 0), (2.4, 1), (-0.7, 0)])
def test_a_seam_without_a_missing_sample_is_no_hole(make, late, holes):
    """Runs of a drifting clock follow each other to a part of a sample."""
    values = make.noise(1000)
    for begin in np.arange(0.0, 0.01, 0.0007):
        second = begin + (1000 + late) / 999.5
        grid = Gridded(
            make.stream("EMG L GM", [(begin, values), (second, values)], 999.5), 1000.0
        )
        first, last = grid.runs[0].first, grid.runs[-1].after
        assert len([hole for hole in grid.holes(last) if hole[0] > first]) == holes


@given(cuts=st.lists(st.integers(0, 3200), max_size=12))
def test_values_do_not_depend_on_the_pieces(make, cuts):
    grid = Gridded(
        make.stream(
            "EMG L GM", [(0.1003, make.noise(1000)), (2.0007, make.noise(900, 1))], 999.7
        ),
        1000.0,
    )
    whole = grid.read(0, 3200)
    edges = sorted({0, 3200, *cuts})
    pieces = [grid.read(a, b) for a, b in pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


def test_segments_that_overlap_do_not_count_twice(make):
    grid = Gridded(
        make.stream("EMG L GM", [(0.0, make.noise(1000)), (0.9996, make.noise(1000, 1))]),
        1000.0,
    )
    edges = [edge for run in grid.runs for edge in (run.first, run.after)]
    assert edges == sorted(edges)


def test_one_missing_sample_is_a_hole(make):
    values = make.noise(1000)
    grid = Gridded(make.stream("EMG L GM", [(0.0, values), (1.001, values)]), 1000.0)
    assert grid.exact
    assert grid.holes(2001) == [(1000, 1001)]
