"""What was put into a simulated night and nobody would mark."""

from __future__ import annotations

import json

import pytest

from crampwatch.app.train.simulated import simulated_night
from crampwatch.models.nights import read_nights
from crampwatch.models.nights.labelled import unmarked_events
from crampwatch.recording.model import Event
from crampwatch.sample_data.simulator import simulate_night, write_night


def test_what_begins_with_a_mark_is_marked():
    truth = [Event(100.001, 5.0, "LM")]
    happenings = [("leg_movement", 100.00052, 5.0), ("tone_spell", 100.1, 60.0)]
    (only,) = unmarked_events(happenings, truth)
    assert (only.onset, only.duration, only.trial_type) == (100.1, 60.0, "unmarked")
    assert only.extra["cause"] == "tone_spell"


@pytest.mark.parametrize("seed", range(11, 16))
def test_in_a_simulated_night_only_the_background_is_unmarked(seed):
    night = simulated_night(f"sim:mixed?seed={seed}&hours=4")
    plan = simulate_night("mixed", seed, hours=4).plan
    names = {event.extra["cause"] for event in night.unmarked}
    assert names <= {"tone_spell", "bed_partner", "sweat", "fasciculations", "rbd"}
    assert "tone_spell" in names
    assert len(night.unmarked) < len(plan.happenings)


def test_a_written_night_tells_the_same(tmp_path):
    write_night("mixed", tmp_path / "night", 11, hours=0.1)
    (written,) = read_nights(tmp_path / "night")
    direct = simulated_night("sim:mixed?seed=11&hours=0.1")
    assert [(e.extra["cause"], round(e.onset, 3)) for e in written.unmarked] == [
        (e.extra["cause"], round(e.onset, 3)) for e in direct.unmarked
    ]


@pytest.mark.parametrize(
    "happenings",
    [None, 7, "x", [1, "x", {}], [{"name": "tone", "onset": "x", "duration": 1}]],
)
def test_what_is_no_list_of_happenings_is_passed_over(tmp_path, happenings):
    written = write_night("rest", tmp_path / "night", 1, hours=0.02)
    facts = json.loads(written.provenance.read_text())
    facts["happenings"] = happenings
    written.provenance.write_text(json.dumps(facts))
    (night,) = read_nights(tmp_path / "night")
    assert night.unmarked == ()
