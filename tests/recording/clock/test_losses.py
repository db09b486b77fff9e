"""Losses as counts with bounds, and the measured rate."""

from __future__ import annotations

import numpy as np
import pytest
from simulated import Conditions, simulate, windowed

from crampwatch.firmware_bridge.drivers import Gap
from crampwatch.recording.clock import loss_of, rate_of


def test_counts_and_bounds_add_up():
    gaps = [
        Gap("exg", 100, 5, 5, 5, "counter"),
        Gap("exg", 300, 512, 0, 1024, "arrival"),
        Gap("exg", 500, 40, 8, 48, "arrival"),
    ]
    loss = loss_of(gaps, received=9443)
    assert (loss.lost, loss.low, loss.high, loss.gaps) == (557, 13, 1077, 3)
    assert loss.share == pytest.approx(0.0557)
    assert loss.by_reason == {"counter": 5, "arrival": 552}
    assert not loss.exact
    assert str(loss) == "about 557 samples lost (at least 13, at most 1077)"


def test_sent_again_is_not_lost():
    gaps = [
        Gap("exg", 100, 50, 50, 50, "counter"),
        Gap("exg", 100, -30, -30, -30, "resent"),
    ]
    loss = loss_of(gaps, received=980)
    assert (loss.lost, loss.gaps, loss.exact) == (20, 1, True)
    assert str(loss) == "20 of 1000 samples lost"


def test_a_restart_leaves_the_count_open():
    loss = loss_of([Gap("exg", 1, 70, 0, None, "restart")], received=10)
    assert loss.high is None
    assert "at most an unknown number" in str(loss)


def test_nothing_sampled():
    loss = loss_of([], received=0)
    assert (loss.share, loss.exact) == (0.0, True)


def test_rate_is_measured_against_the_host():
    link = simulate(Conditions(hours=1.0, drift_ppm=40.0, walk_ppm=0.0), seed=1)
    mapping = windowed(link)
    at = np.linspace(0, len(link.device_s) - 1, 300).astype(int)
    index = np.round(link.device_s[at] * 250.0).astype(np.int64)
    rate = rate_of(index, link.device_s[at], mapping)
    true = (index[-1] - index[0]) / (link.true_s[at[-1]] - link.true_s[at[0]])
    assert rate.low_hz <= true <= rate.high_hz
    assert rate.hz == pytest.approx(true, rel=1e-6)
    wide = rate_of(index, link.device_s[at], mapping, uncertain=256)
    assert wide.high_hz - wide.low_hz > 2 * 256 / 3600.0
    assert rate_of(index[:1], link.device_s[:1], mapping) is None
