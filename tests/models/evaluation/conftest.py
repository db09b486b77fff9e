"""Truths and finds made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from crampwatch.detection import Settings
from crampwatch.detection.cramps.features.catalogue import FEATURES
from crampwatch.models.artefact import Model, Scorer
from crampwatch.models.artefact.curve import line
from crampwatch.models.artefact.linear import Linear, Scale
from crampwatch.models.artefact.model import catalogue_digest, detector_settings
from crampwatch.models.evaluation.decide import decide, true_cramps
from crampwatch.models.evaluation.movements import count_movements
from crampwatch.models.evaluation.tally import Judged, NightTally, TrueCramp
from crampwatch.recording.model import Event


def make_event(onset, duration, kind="cramp", side="left", probability=None, **extra):
    return Event(float(onset), float(duration), kind, side, None, probability, extra)


def make_tally(
    truth=(),
    found=(),
    name="night",
    person=None,
    group="mixed",
    hours=8.0,
    candidates=(),
    without_after=None,
    **facts,
):
    cramps = tuple(
        TrueCramp(e.onset, e.duration, e.side, 0.0, {k: str(v) for k, v in e.extra.items()})
        for e in true_cramps(truth)
    )
    named = [e for e in found if e.trial_type.endswith("cramp")]
    values = {
        "id": name,
        "person": person,
        "source": "simulated",
        "group": group,
        "held_out": False,
        "about": {"family": "standard"},
        "duration_s": hours * 3600,
        "valid_s": hours * 3600,
        "cramps": cramps,
        "final": decide(truth, named),
        "without_after": None if without_after is None else decide(truth, without_after),
        "movements": count_movements(truth, found),
        "candidates": tuple(Judged(*row) for row in candidates),
        **facts,
    }
    return NightTally(**values)


@pytest.fixture(scope="session")
def event():
    return make_event


@pytest.fixture(scope="session")
def tally():
    return make_tally


@pytest.fixture
def two_nights(event, tally):
    """Two nights whose every figure can be counted on the fingers.

    Six true cramps: of 8, 15, 30, 90 s in the first, of 15 and 60 s in the second.
    """
    first_truth = (
        event(1000, 8),
        event(2000, 15),
        event(3000, 30),
        event(4000, 90),
        event(5000, 20, "large_movement", "both", cause="walking"),
        event(6000, 10, "large_movement", "both", cause="posture_shift"),
        event(6500, 10, "large_movement", "both", cause="posture_shift"),
        *(event(7000 + 20 * n, 2, "PLM") for n in range(5)),
        event(9000, 3, "LM", "right"),
    )
    first_found = (
        event(1000, 8, "possible_cramp"),
        event(3001, 29, "cramp"),
        event(4010, 40, "cramp"),
        event(4060, 25, "possible_cramp"),
        event(5001, 18, "cramp"),
        event(6500, 10, "possible_cramp"),
        event(6002, 1, "LM"),
        *(event(7000.2 + 20 * n, 2, "PLM") for n in range(4)),
        event(9000, 3, "LM", "right"),
    )
    second_truth = (event(100, 15, "cramp", "right"), event(900, 60, "cramp", "right"))
    second_found = (
        event(897, 66, "cramp", "right"),
        event(1100, 30, "possible_cramp", "right"),
        event(20000, 30, "cramp", "left"),
    )
    return [
        tally(first_truth, first_found, "first", person="anna"),
        tally(second_truth, second_found, "second", person="ben", group="cramp"),
    ]


@pytest.fixture(scope="session")
def model():
    """Return a model that goes by duration alone, and by half of it without what follows."""

    def scorer(weight):
        names = tuple(feature.name for feature in FEATURES)
        weights = np.array([weight * (name == "duration_s") for name in names])
        knots = np.tile([0.0, 100.0], (len(names), 1))
        scale = Scale(knots, np.array([0.0, 100.0]))
        member = Linear(scale, weights, np.zeros(len(names)), -2.0)
        known = np.full(len(names), np.nan)
        return Scorer(names, (member,), (1.0,), line(1.0, 0.0), 0.8, 0.4, known)

    settings = detector_settings(Settings())
    return Model(scorer(0.1), scorer(0.05), "simulated", 0.1, catalogue_digest(), settings)
