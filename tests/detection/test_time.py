"""Event times are exact to the sample grid, at hour eight as in the first minute."""

from __future__ import annotations

import numpy as np
import pytest

from crampwatch.detection import score_night
from crampwatch.detection.signal.grid import make_grid
from crampwatch.recording.model import Segment

RATES = [100, 128, 250, 256, 500, 512, 1000, 1024, 999.7]
HOURS = 8


def _hours_with_bursts(lab, rate, start_s=0.0):
    """A lazy night: one tile of rest, the same bursts in the first and the last minutes."""
    tile_n = make_grid(rate, "final").block
    tile = lab.raw(lab.carrier(tile_n / rate, rate, 3)[:tile_n], lab.step)
    total = int(HOURS * 3600 * rate) // tile_n * tile_n
    seconds = 1.7
    wave = lab.raw(30.0 * lab.carrier(seconds, rate, 9), lab.step)[:, 0]
    offsets = [round(7.3 * rate), tile_n // 2, round(23.11 * rate)]
    early = sorted(number * tile_n + at for number in (6, 8, 10) for at in offsets)
    late = [total - 20 * tile_n + at for at in early]
    source = lab.tiled(tile, total, dict.fromkeys([*early, *late], wave))
    stream = lab.stream(rate, (Segment(start_s, source),))
    return lab.night(stream), early, late, wave.size


@pytest.mark.parametrize("rate", RATES)
def test_edges_at_hour_eight_are_those_of_the_first_minutes(lab, rate):
    start_s = 12.345
    night, early, late, length = _hours_with_bursts(lab, rate, start_s)
    spans = lab.moves(score_night(night))
    assert len(spans) == len(early) + len(late)
    edges = np.array(spans)
    samples = (edges - start_s) * rate
    on_grid = np.round(samples)
    assert np.abs(samples - on_grid).max() < 1e-4
    errors = on_grid - np.array([[at, at + length] for at in [*early, *late]])
    assert np.abs(errors).max() / rate <= (0.03 if rate > 100 else 0.04)
    first, last = errors[: len(early)], errors[len(early) :]
    np.testing.assert_array_equal(first, last)


def test_time_goes_on_across_gaps(lab):
    rate, wave = 999.7, 1.5
    starts = [0.0, 400.123, 2000.5, 25_000.75]
    parts = [lab.muscle(300.0, (100.0, wave, 25.0), rate=rate, seed=4) for _ in starts]
    score = score_night(lab.night(lab.emg(*parts, rate=rate, starts=starts)))
    spans = np.array(lab.moves(score)) - np.array(starts)[:, None]
    assert np.abs(spans - [100.0, 100.0 + wave]).max() < 0.03
    np.testing.assert_allclose(spans * rate, np.round(spans * rate), atol=1e-4)
    np.testing.assert_allclose(spans, np.broadcast_to(spans[0], spans.shape), atol=1e-6)
    assert score.duration_s == pytest.approx(25_000.75 + 300.0, abs=2 / rate)


@pytest.mark.parametrize("rate", [100, 128, 250, 256, 500, 512, 999.7, 1000, 1024, 2048, 4000])
def test_crisp_bursts_are_found_to_30_ms_whatever_their_phase(lab, rate):
    rng = np.random.default_rng(6)
    acts = [(20.0 + 6.0 * i + float(rng.random()), 1.0 + i % 3, 30.0) for i in range(40)]
    spans = lab.moves(
        score_night(lab.night(lab.emg(lab.muscle(300.0, *acts, rate=rate), rate=rate)))
    )
    true = np.array(
        [[round(on * rate) / rate, round((on + d) * rate) / rate] for on, d, _ in acts]
    )
    errors = np.array(spans) - true
    assert np.quantile(np.abs(errors), 0.9) < 0.0301
    assert np.abs(np.median(errors, axis=0)).max() < (0.003 if rate >= 200 else 0.021)


def test_all_lengths_are_whole_samples():
    for rate in [*RATES, 2048, 4000, 77.7]:
        for mode in ("final", "live"):
            grid = make_grid(rate, mode)
            assert grid.hop % grid.decimation == 0
            assert grid.left % grid.hop == grid.right % grid.hop == 0
            assert grid.cell == grid.hop * grid.cell_hops
            assert grid.n_fft >= grid.left + grid.block + grid.right
            assert grid.n_fft % grid.decimation == 0
            assert grid.cell_s == pytest.approx(0.5, rel=0.05)


def test_tracks_carry_the_time_of_their_cells(lab):
    night, *_ = _hours_with_bursts(lab, 100)
    track = score_night(night).overviews[0]
    steps = np.arange(track.time_s.size)
    np.testing.assert_array_equal(track.time_s, steps * (track.cell_s * 100) / 100)


def test_a_number_that_is_none_beside_an_edge_leaves_the_edge_of_the_envelope(lab):
    """A change of variance has no place where there is no variance."""
    values = lab.muscle(60.0, (20.0, 2.0, 30.0))
    values[round(22.9 * 500)] = np.nan
    ((onset, end),) = lab.moves(score_night(lab.night(lab.emg(values))))
    assert onset == pytest.approx(20.0, abs=0.03)
    assert end == pytest.approx(22.0, abs=0.15)
