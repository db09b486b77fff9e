"""Memory is flat in the length of the night."""

from __future__ import annotations

import tracemalloc

from crampwatch.detection import score_night
from crampwatch.recording.model import Segment


def _peak(lab, hours):
    rate = 500.0
    tile = lab.raw(lab.muscle(60.0, (20.0, 2.0, 20.0), rate=rate), lab.step)
    source = lab.tiled(tile, round(hours * 3600 * rate))
    night = lab.night(lab.stream(rate, (Segment(0.0, source),)))
    tracemalloc.start()
    try:
        score_night(night)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_four_hours_need_little_more_than_one(lab):
    _peak(lab, 0.05)
    one, four = _peak(lab, 1.0), _peak(lab, 4.0)
    samples = 3 * 3600 * 500
    assert four - one < 0.5 * samples
    assert four < 1.5 * one
