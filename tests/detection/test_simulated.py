"""Simulated nights scored: their cramps are found, and nothing else is called one."""

from __future__ import annotations

import pytest

from crampwatch.detection import score_night
from crampwatch.detection.movements.arbitration import share
from crampwatch.sample_data.simulator import simulate_night

CRAMPS = ("cramp", "possible_cramp")


@pytest.mark.parametrize("seed", [1, 3, 8])
def test_simulated_cramps_are_found_once(seed):
    made = simulate_night("cramp", seed, hours=0.5)
    found = [e for e in score_night(made.night).events if e.trial_type in CRAMPS]
    true = [e for e in made.truth if e.trial_type == "cramp" and e.duration >= 20]
    for cramp in true:
        hits = [e for e in found if e.side == cramp.side and share(e, cramp) > 0.5]
        assert len(hits) == 1
        assert (
            hits[0].trial_type == "cramp"
            or "TA" in str(cramp.channel)
            or (hits[0].duration < 20.0)
        )
    for event in found:
        marks = [e for e in made.truth if e.trial_type == "cramp"]
        assert any(share(event, e) > 0.2 for e in marks)


@pytest.mark.parametrize("scenario", ["plm", "posture", "artefacts"])
@pytest.mark.parametrize("seed", [2, 5])
def test_simulated_nights_without_a_cramp_have_none(scenario, seed):
    made = simulate_night(scenario, seed, hours=0.5)
    score = score_night(made.night)
    found = [e for e in score.events if e.trial_type in CRAMPS]
    assert [e for e in found if e.trial_type == "cramp"] == []
    for event in found:
        # Stretching the foot for ten seconds with the leg still looks the same.
        causes = [e.extra["cause"] for e in made.truth if share(event, e) > 0.5]
        assert causes == ["stretch"]


def test_simulated_series_are_found_movement_by_movement():
    made = simulate_night("plm", 4, hours=0.5)
    found = [e for e in score_night(made.night).events if e.trial_type in ("LM", "PLM")]
    true = [e for e in made.truth if e.trial_type in ("LM", "PLM")]
    hit = [t for t in true if any(share(f, t) > 0.2 and f.side == t.side for f in found)]
    assert len(hit) >= 0.9 * len(true)
    assert len(found) <= 1.1 * len(true) + 1
