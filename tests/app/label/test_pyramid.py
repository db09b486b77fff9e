"""The overview tells no lies: no peak is lost, no gap is bridged, at any zoom."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crampwatch.app.label import cache
from crampwatch.app.label.cache import night_views
from crampwatch.app.label.pyramid import BASE, Pyramid, build
from crampwatch.app.label.signals import Filtered, Plain
from crampwatch.recording.errors import RecordingError

RUNS = st.lists(
    st.tuples(st.integers(0, 900), st.integers(1, 700)), min_size=1, max_size=5
)  # gap before, length


def stream_from(made, runs, rate_hz=100.0, seed=0):
    rng = np.random.default_rng(seed)
    at, parts = 0, []
    for gap, length in runs:
        at += gap
        parts.append((at / rate_hz, rng.integers(-1000, 1000, length).astype(np.int16)))
        at += length
    return made.stream(parts, rate_hz), at


def pyramid_of(signal, folder):
    folder.mkdir(exist_ok=True)
    build(signal, folder, "x-")
    return Pyramid.load(signal, folder, "x-")


@settings(max_examples=40)
@given(RUNS, st.integers(1, 60), st.floats(0, 1), st.floats(0, 1))
def test_every_window_shows_the_extremes_of_its_samples(
    tmp_path_factory, made, runs, n_bins, one, other
):
    stream, n = stream_from(made, runs)
    signal = Plain(stream)
    assert len(signal) == n
    pyramid = pyramid_of(signal, tmp_path_factory.mktemp("p"))
    everything = signal.read(0, n)
    start, end = sorted((one * n / 100.0, other * n / 100.0))
    end = max(end, start + 0.05)
    shown = pyramid.stretch(start, end, n_bins)
    first, stop = int(np.ceil(start * 100)), min(int(end * 100), n)
    inside = everything[first:stop]
    if np.isfinite(inside).any():
        assert np.nanmin(shown.low) <= np.nanmin(inside)
        assert np.nanmax(shown.high) >= np.nanmax(inside)
    if len(shown.time_s) < 2:
        return
    width = (shown.time_s[1] - shown.time_s[0]) * 100.0
    for time, low, high in zip(shown.time_s, shown.low[:, 0], shown.high[:, 0], strict=True):
        begin = round(time * 100.0 - (0.0 if shown.raw else width / 2))
        own = everything[begin : begin + round(width)]
        if np.isfinite(own).any():
            assert (low, high) == (np.nanmin(own), np.nanmax(own))
        else:
            assert np.isnan(low)
            assert np.isnan(high)


def test_a_gap_is_never_bridged_however_far_one_looks(made, tmp_path):
    rng = np.random.default_rng(1)
    parts = [(0.0, rng.integers(-9, 9, 60_000)), (1200.0, rng.integers(-9, 9, 60_000))]
    signal = Plain(made.stream(parts))
    pyramid = pyramid_of(signal, tmp_path)
    for n_bins in (20, 100, 1000, 20_000):
        shown = pyramid.stretch(0.0, 1800.0, n_bins)
        reach = 1800.0 / n_bins
        hole = (shown.time_s > 600.0 + reach) & (shown.time_s < 1200.0 - reach)
        assert hole.any()
        assert np.isnan(shown.low[hole]).all()
        assert np.isfinite(shown.low[shown.time_s < 600.0 - reach]).all()


def test_one_sample_stands_out_of_a_whole_night(made, tmp_path):
    values = np.zeros(500_000, np.int16)
    values[317_123] = 77
    pyramid = pyramid_of(Plain(made.stream([(0.0, values)])), tmp_path)
    for n_bins in (3, 40, 1400):
        shown = pyramid.stretch(0.0, 5000.0, n_bins)
        assert np.nanmax(shown.high) == 77
        assert abs(shown.time_s[int(np.nanargmax(shown.high))] - 3171.23) <= 5000.0 / n_bins


def test_a_window_takes_about_as_many_values_as_the_screen_has_columns(made, tmp_path):
    signal = Plain(made.stream([(0.0, np.zeros(2_000_000, np.int16))]))
    pyramid = pyramid_of(signal, tmp_path)
    for width in (20_000.0, 5_000.0, 900.0, 60.0):
        assert 300 <= len(pyramid.stretch(100.0, 100.0 + width, 500).time_s) <= 1100
    close = pyramid.stretch(500.0, 502.0, 500)
    assert close.raw
    assert len(close.time_s) in range(200, 206)


def test_bins_do_not_move_while_the_window_does(made, tmp_path):
    rng = np.random.default_rng(2)
    signal = Plain(made.stream([(0.0, rng.integers(-99, 99, 400_000))]))
    pyramid = pyramid_of(signal, tmp_path)
    one, other = pyramid.stretch(100.0, 2100.0, 700), pyramid.stretch(103.7, 2103.7, 700)
    shared = np.intersect1d(one.time_s, other.time_s)
    assert len(shared) > 600
    here, there = np.isin(one.time_s, shared), np.isin(other.time_s, shared)
    assert np.array_equal(one.low[here], other.low[there])


def test_what_is_no_number_is_a_gap(made, tmp_path):
    values = np.ones(1000, np.float32)
    values[100:200] = np.nan
    values[300:400] = np.inf
    values[500] = np.nan
    signal = Plain(made.stream([(0.0, values)]))
    assert np.isnan(signal.read(0, 1000)).sum() == 201
    shown = pyramid_of(signal, tmp_path).stretch(0.0, 10.0, 50)
    assert np.nanmax(shown.high) == 1.0


def test_axes_stay_apart(made, tmp_path):
    values = np.stack([np.full(5000, 1), np.full(5000, 2), np.full(5000, 3)], 1)
    stream = made.stream([(0.0, values)], kind="acc", axes=("x", "y", "z"))
    shown = pyramid_of(Plain(stream), tmp_path).stretch(0.0, 50.0, 20)
    assert np.array_equal(np.unique(shown.low, axis=0), [[1.0, 2.0, 3.0]])


def test_the_filtered_signal_is_the_same_in_every_window_and_keeps_its_gaps(made):
    rng = np.random.default_rng(3)
    n = 200 * 1000
    t = np.arange(n) / 1000.0
    raw = 400.0 + 50.0 * np.sin(2 * np.pi * 40.0 * t) + rng.normal(0, 1, n)
    parts = [(0.0, raw[:80_000]), (80.3, raw[80_300:])]
    signal = Filtered(made.stream(parts, 1000.0))
    whole = signal.read(0, len(signal))
    assert np.array_equal(signal.read(31_111, 45_678), whole[31_111:45_678], equal_nan=True)
    known = whole[np.isfinite(whole)]
    assert abs(float(known.mean())) < 1.0
    assert float(np.abs(known).max()) < 70.0
    assert float(known.std()) == pytest.approx(50.0 / np.sqrt(2), rel=0.05)
    hole = np.flatnonzero(np.isnan(whole[:, 0])) / signal.rate_hz
    assert hole.min() == pytest.approx(80.0, abs=0.01)
    assert hole.max() == pytest.approx(80.3, abs=0.01)


def test_a_stream_of_a_year_is_refused(made):
    stream = made.stream([(0.0, [1, 2]), (3.2e7, [3, 4])])
    with pytest.raises(RecordingError, match="cut the recording"):
        Plain(stream)


@pytest.fixture
def place(made, tmp_path):
    folder = tmp_path / "night"
    folder.mkdir()
    file = folder / "night.edf"
    file.write_bytes(b"x" * 1000)
    stream = made.stream([(0.0, np.arange(50_000) % 1000)])
    return made.night([stream]), folder, file


def test_the_overview_is_made_once(place, monkeypatch):
    night, folder, file = place
    night_views(night, night.streams, [file], folder)
    home = folder / cache.FOLDER
    assert len(list(home.iterdir())) == 1
    monkeypatch.setattr(cache, "build", None)
    (views,) = night_views(night, night.streams, [file], folder)
    assert views.plain.stretch(0.0, 500.0, 100).high.max() == 999.0
    assert views.filtered is not None


def test_another_recording_gets_another_overview_and_the_old_one_goes(place):
    night, folder, file = place
    night_views(night, night.streams, [file], folder)
    (old,) = (folder / cache.FOLDER).iterdir()
    file.write_bytes(b"y" * 1000)
    night_views(night, night.streams, [file], folder)
    (new,) = (folder / cache.FOLDER).iterdir()
    assert new.name != old.name


@pytest.mark.parametrize("damage", ["cut", "missing", "json", "shape"])
def test_a_damaged_overview_is_made_anew(place, damage):
    night, folder, file = place
    night_views(night, night.streams, [file], folder)
    (home,) = (folder / cache.FOLDER).iterdir()
    victim = home / "0-plain-level0.npy"
    if damage == "cut":
        victim.write_bytes(victim.read_bytes()[:-100])
    elif damage == "missing":
        victim.unlink()
    elif damage == "json":
        (home / "about.json").write_text("{", "utf-8")
    else:
        np.save(victim, np.zeros((3, 1, 2), np.float32))
    (views,) = night_views(night, night.streams, [file], folder)
    assert views.plain.stretch(0.0, 500.0, 100).high.max() == 999.0
    assert json.loads((home / "about.json").read_text("utf-8"))["base"] == BASE


def test_a_night_that_cannot_be_written_uses_the_users_cache(place, tmp_path, monkeypatch):
    night, folder, file = place
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "own"))
    monkeypatch.setattr(cache.Path, "home", lambda: tmp_path / "own")
    # a file in the place of the folder: also root cannot write there
    (folder / cache.FOLDER).write_text("in the way", "utf-8")
    (views,) = night_views(night, night.streams, [file], folder)
    assert views.plain.stretch(0.0, 500.0, 100).high.max() == 999.0
    made_there = [name for _, _, names in os.walk(tmp_path / "own") for name in names]
    assert "about.json" in made_there
