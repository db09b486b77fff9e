"""The last minutes of a signal: extremes of bins, gaps, memory that does not grow."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crampwatch.app.monitor.bins import Bins
from crampwatch.app.monitor.playout import BEHIND_S, Playout
from crampwatch.app.monitor.terminal import bars
from crampwatch.app.monitor.window import Scale, nice


def put(bins, times, values, hold_s):
    bins.put(np.asarray(times, float), np.asarray(values, np.float32)[:, None], hold_s)


@settings(max_examples=40)
@given(
    st.integers(1, 400),
    st.sampled_from([50.0, 200.0, 1000.0]),
    st.lists(st.integers(1, 60), max_size=8),
    st.floats(0.0, 1000.0),
)
def test_bins_hold_the_extremes_however_the_samples_come(n, rate_hz, cuts, begin_s):
    rng = np.random.default_rng(n)
    values = rng.normal(size=n).astype(np.float32)
    times = begin_s + np.arange(n) / rate_hz
    bins = Bins(0.02, 50_000)
    edges = np.unique(np.clip(np.cumsum([0, *cuts, n]), 0, n))
    for first, stop in pairwise(edges):
        put(bins, times[first:stop], values[first:stop], 1.0 / rate_hz)
    first, stop = int(times[0] / 0.02) - 1, int(times[-1] / 0.02) + 3
    low, high = bins.read(first, stop)
    assert np.nanmin(low) == values.min()
    assert np.nanmax(high) == values.max()
    # no hole between two samples, also where a bin is shorter than a sample
    there = np.flatnonzero(np.isfinite(low[:, 0]))
    assert np.array_equal(there, np.arange(there[0], there[-1] + 1))
    together, _ = bins.read(first // 10, stop // 10 + 1, 10)
    assert np.nanmin(together) == values.min()


def test_a_gap_stays_a_gap_and_the_oldest_goes():
    bins = Bins(0.1, 100)
    put(bins, [0.05, 0.15], [1, 2], 0.02)
    put(bins, [0.55], [3], 0.02)
    assert np.isnan(bins.read(2, 5)[0]).all()
    put(bins, [10.45], [4], 0.02)
    assert np.isnan(bins.read(0, 5)[0]).all()
    assert bins.read(5, 6)[0][0, 0] == 3
    put(bins, [0.15], [9], 0.02)
    assert np.isnan(bins.read(1, 2)[0]).all()
    assert bins.read(104, 105)[1][0, 0] == 4


def test_what_is_no_number_is_left_out():
    bins = Bins(0.1, 100)
    put(bins, [0.05, 0.06, 0.07], [np.nan, 2, np.inf], 0.01)
    assert bins.read(0, 1)[0][0, 0] == bins.read(0, 1)[1][0, 0] == 2


@pytest.mark.parametrize("pace", [1.0, 20.0])
def test_the_picture_moves_evenly_though_the_journal_grows_in_steps(pace):
    playout = Playout()
    heads = []
    for tick in range(400):
        real_s = tick * 0.125
        newest_s = np.floor(real_s / 0.5) * 0.5 * pace
        heads.append(playout.look(newest_s, real_s))
        assert heads[-1] <= newest_s
    steps = np.diff(heads[200:])
    assert (steps > 0).all()
    assert steps.max() < 2.0 * 0.125 * pace
    assert newest_s - heads[-1] < 3.0 * BEHIND_S * pace
    assert playout.look(newest_s, real_s + 1.0, over=True) == newest_s


def test_a_past_that_was_caught_up_with_is_soon_forgotten():
    playout = Playout()
    for tick in range(80):
        real_s = tick * 0.125
        newest_s = min(1.0, real_s / 2.0) * 900.0 + np.floor(real_s / 0.5) * 0.5
        head_s = playout.look(newest_s, real_s)
        assert newest_s - head_s <= 80.0
    assert newest_s - head_s < 3.0


def test_a_silent_night_stands_still():
    playout = Playout()
    playout.look(10.0, 0.0)
    for tick in range(100):
        assert playout.look(10.0, 0.125 * tick) == 10.0


def test_a_scale_grows_at_once_and_shrinks_late():
    scale = Scale("emg")
    assert scale.fit(130.0)
    assert scale.half == 200.0
    assert not scale.fit(60.0)
    assert scale.fit(2.0)
    assert scale.half == 10.0
    assert not scale.fit(float("nan"))
    assert [nice(v) for v in (0.9, 1.0, 1.1, 3.0, 7.0)] == [1.0, 1.0, 2.0, 5.0, 10.0]


def test_bars_show_quiet_and_gap_apart():
    assert bars(np.array([0.0, np.nan, 0.5, 1.0, 2.0]), 1.0, 1) == "▁ ▄██"
    assert bars(np.array([0.25, 1.0]), 1.0, 2) == " █\n▄█"
