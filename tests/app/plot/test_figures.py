"""Figures for papers show what the tables say, and nothing where nothing was recorded."""

from __future__ import annotations

import io
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

import crampwatch
from crampwatch.app.plot.style import ClockLocator
from crampwatch.app.report.looks import lane_of, look_of
from crampwatch.app.report.traces import course
from crampwatch.recording.model import ArraySource, Event, Night, Segment, Stream

START = datetime(2026, 1, 2, 22, 47, 11)  # noqa: DTZ001 - as a recorder without a zone tells it


def stream(values, *, label="EMG L GM", rate_hz=1000.0, starts=(0.0,), **more):
    runs = [np.asarray(run) for run in values]
    axes = more.get("axes", ())
    return Stream(
        label=label,
        kind=more.pop("kind", "emg"),
        rate_hz=rate_hz,
        unit=more.pop("unit", "uV"),
        segments=tuple(
            Segment(at, ArraySource(run.reshape(len(run), -1)))
            for at, run in zip(starts, runs, strict=True)
        ),
        gain=np.full(max(1, len(axes)), 0.5),
        offset=np.zeros(max(1, len(axes))),
        side=more.pop("side", "left"),
        **more,
    )


@pytest.fixture(scope="module")
def scored():
    night = crampwatch.open_recording("sample_data/recordings/simulated_night")
    return night, crampwatch.score_night(night)


def drawn_bands(axes):
    """Return what each labelled lane shows as (onset, duration) rows."""
    return {
        each.get_label(): [
            (path.vertices[:, 0].min(), np.ptp(path.vertices[:, 0]))
            for path in each.get_paths()
        ]
        for each in axes.collections
    }


def test_the_lanes_of_a_night_are_the_rows_of_its_events(scored):
    night, score = scored
    figure = crampwatch.plot.night(night, score)
    bands = drawn_bands(figure.axes[0])
    for kind in {lane_of(event) for event in score.events}:
        told = [(e.onset, e.duration) for e in score.events if lane_of(e) == kind]
        assert np.allclose(bands[look_of(kind).lane], told)


def test_a_simulated_night_says_so(scored):
    night, score = scored
    assert "SIMULATED" in crampwatch.plot.night(night, score).get_supxlabel()
    event = next(e for e in score.events if e.trial_type == "cramp")
    assert "SIMULATED" in crampwatch.plot.event(night, event).get_supxlabel()


def test_a_night_without_events_or_signals_has_its_lanes(scored):
    night, score = scored
    from dataclasses import replace

    empty = replace(score, events=(), overviews=(), legs=())
    figure = crampwatch.plot.night(night, empty)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["cramp?", "cramp"]


def test_an_event_is_drawn_sample_for_sample():
    values = np.random.default_rng(1).integers(-200, 200, 3000).astype(np.int16)
    night = Night((stream([values]),), start=START)
    figure = crampwatch.plot.event(
        night, Event(1.0, 0.5, "cramp", "left", "EMG L GM"), before_s=0.25, after_s=0.25
    )
    (line,) = (each for each in figure.axes[0].lines if each.get_label() == "EMG L GM")
    inside = values[750:1750] * np.float32(0.5)
    assert np.array_equal(line.get_xdata(), np.arange(750, 1750) / 1000.0)
    assert np.allclose(line.get_ydata(), inside - np.median(inside))


def test_an_event_shows_its_own_leg_first_and_names_a_signal_that_is_not_there():
    flat = np.zeros(2000, np.int16)
    night = Night(
        (
            stream([flat], label="EMG R GM", side="right"),
            stream([flat], label="EMG L TA"),
            stream([flat], label="EMG L GM"),
            stream([np.zeros((200, 3), np.int16)], label="ACC L", kind="acc", unit="g",
                   rate_hz=100.0, axes=("x", "y", "z")),
        ),
    )  # fmt: skip
    event = Event(0.5, 1.0, "possible_cramp", "left", "EMG L GM")
    rows = [axes.get_ylabel() for axes in crampwatch.plot.event(night, event).axes]
    assert [row.split("\n")[0] for row in rows] == ["EMG L GM", "EMG L TA", "ACC L"]
    with pytest.raises(ValueError, match=r"no signal 'EMG X'; there are EMG R GM"):
        crampwatch.plot.event(night, event, signals=["EMG X"])
    with pytest.raises(ValueError, match="no muscle or movement signal"):
        crampwatch.plot.event(Night(()), event)


@given(
    runs=st.lists(st.integers(1, 900), min_size=1, max_size=4),
    most=st.integers(10, 400),
    seed=st.integers(0, 9),
)
def test_a_line_keeps_every_peak_and_breaks_at_every_gap(runs, most, seed):
    rng = np.random.default_rng(seed)
    values = [rng.integers(-999, 999, size).astype(np.int16) for size in runs]
    starts = np.cumsum([0.0, *(size / 100.0 + 1.0 for size in runs[:-1])])
    signal = stream(values, rate_hz=100.0, starts=starts)
    times, drawn = course(signal, 0.0, float(starts[-1]) + 100.0, most)
    breaks = np.isnan(drawn[:, 0])
    assert breaks.sum() == len(runs) - 1
    assert np.nanmax(drawn) == max(run.max() for run in values) * np.float32(0.5)
    assert np.nanmin(drawn) == min(run.min() for run in values) * np.float32(0.5)
    assert (np.diff(times) >= 0).all()
    # two points a bin, at most one bin short of full in each run
    assert times.size <= max(most, 0) + 5 * len(runs)
    for at_s, size in zip(starts, runs, strict=True):
        silence = (times > at_s + size / 100.0) & (times < at_s + size / 100.0 + 1.0)
        assert not silence.any()


def test_a_line_outside_the_recording_is_empty():
    times, values = course(stream([np.ones(10, np.int16)]), 5.0, 6.0)
    assert times.shape == (0,)
    assert values.shape == (0, 1)


def test_intervals_are_those_of_the_summary(scored):
    _, score = scored
    told = score.standard.score.summary()["intervals"]["histogram"]
    axes = crampwatch.plot.intervals(score.standard)
    (stairs,) = axes.patches[-1:]
    assert list(stairs.get_data().values) == told["counts"]
    assert np.allclose(stairs.get_data().edges, told["edges_s"])


@given(low=st.floats(0, 40000), span=st.floats(0.01, 60000), into=st.integers(0, 86399))
def test_ticks_lie_at_round_times_of_the_clock(low, span, into):
    zero = START.replace(hour=into // 3600, minute=into // 60 % 60, second=into % 60)
    ticks = np.array(ClockLocator(zero).tick_values(low, low + span))
    assert len(ticks) <= 10
    if len(ticks) > 1:
        step = ticks[1] - ticks[0]
        assert np.allclose((ticks + into) / step, np.round((ticks + into) / step), atol=1e-3)


def test_the_clock_is_told_and_without_one_the_time_since_the_start(scored):
    night, score = scored
    axes = crampwatch.plot.night(night, score).axes[-1]
    figure = axes.figure
    figure.draw_without_rendering()
    assert [label.get_text() for label in axes.get_xticklabels()][:2] == ["22:30", "22:35"]
    assert axes.get_xlabel() == "time of day"
    from dataclasses import replace

    axes = crampwatch.plot.night(replace(night, start=None), score).axes[-1]
    assert axes.get_xlabel() == "time since the start"


def test_a_figure_fits_its_column_and_stays_small(scored):
    night, score = scored
    figure = crampwatch.plot.night(night, score, width_mm=88.0)
    assert figure.get_figwidth() * 25.4 == pytest.approx(88.0)
    out = io.StringIO()
    figure.savefig(out, format="svg")
    assert len(out.getvalue()) < 400_000


def test_a_figure_draws_into_one_that_is_given(scored):
    night, score = scored
    whole = Figure(figsize=(8, 4))
    left, right = whole.subfigures(1, 2)
    assert crampwatch.plot.night(night, score, figure=left) is left
    axes = right.add_subplot()
    assert crampwatch.plot.intervals(score.standard, ax=axes) is axes


def test_without_matplotlib_the_way_to_it_is_told():
    import subprocess
    import sys

    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "import crampwatch\n"
        "try:\n    crampwatch.plot\n"
        "except ImportError as error:\n    print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "figures need matplotlib: pip install 'crampwatch[plot]'"
