from dataclasses import replace

import numpy as np
import pytest

from crampwatch.app.report.tracks import MOST_CELLS, shrink
from crampwatch.recording.model import Event


def test_a_long_night_keeps_its_peaks_in_few_cells(made):
    overview = made.overview()
    overview.level[12345] = 77.0
    track = shrink(overview)
    assert track.time_s.size <= MOST_CELLS
    assert np.nanmax(track.high) == pytest.approx(overview.level.max())
    assert np.nanmin(track.low) == pytest.approx(overview.level.min())
    cell = int(np.argmax((track.time_s > 12345 * 0.5 - 7.2) & (track.high >= 77.0)))
    assert abs(track.time_s[cell] - 12345 * 0.5) <= 7.2


def test_a_short_recording_is_drawn_as_it_is(made):
    overview = made.overview(hours=0.1)
    track = shrink(overview)
    np.testing.assert_array_equal(track.high, overview.level)
    np.testing.assert_array_equal(track.mean, overview.level)
    np.testing.assert_allclose(track.time_s, overview.time_s + 0.25)


def test_nothing_is_drawn_over_a_gap(made):
    overview = made.overview(hours=0.2)
    kept = (overview.time_s < 200) | (overview.time_s >= 400)
    holed = replace(
        overview,
        time_s=overview.time_s[kept],
        level=overview.level[kept],
        resting=overview.resting[kept],
        valid=overview.valid[kept],
    )
    track = shrink(holed)
    inside = (track.time_s > 200) & (track.time_s < 400)
    assert inside.any()
    assert np.isnan(track.high[inside]).all()
    assert np.isfinite(track.high[~inside]).all()


def test_artefacts_do_not_set_the_height_but_cramps_do(made):
    cramp = Event(10300.0, 82.0, "cramp", "left", "EMG L GM")
    overview = made.overview(events=(cramp,))
    track = shrink(overview, [cramp])
    inside = (overview.time_s >= 10300) & (overview.time_s < 10382)
    assert overview.level[inside].max() < track.top < 400.0 <= track.peak


def test_stretches_that_could_not_be_scored_are_joined(made):
    track = shrink(made.overview(hours=1.0))
    assert len(track.blind) == 1
    assert track.blind[0] == pytest.approx((2880.0, 2952.0))


def test_an_empty_track_and_one_of_nan_are_drawn_empty(made):
    overview = made.overview(hours=0.1)
    nothing = replace(
        overview,
        time_s=np.zeros(0),
        level=np.zeros(0, np.float32),
        resting=np.zeros(0, np.float32),
        valid=np.zeros(0, bool),
    )
    assert shrink(nothing).time_s.size == 0
    unknown = replace(overview, level=np.full(overview.level.size, np.nan, np.float32))
    track = shrink(unknown)
    assert np.isnan(track.high).all()
    assert track.top > 0
    assert track.peak == 0
