"""A table of contractions made by hand, and a model that learned from it in a second."""

from __future__ import annotations

import numpy as np
import pytest

from crampwatch.detection.cramps.candidates import Candidate
from crampwatch.detection.cramps.features.catalogue import FEATURES
from crampwatch.detection.settings import Settings
from crampwatch.models.artefact.model import catalogue_digest, detector_settings
from crampwatch.models.table import CrampFacts, NightFacts, Rows, TrainingTable
from crampwatch.models.training import TrainingSettings, train
from crampwatch.models.training.fitting import FittingSettings

NAMES = tuple(feature.name for feature in FEATURES)
QUICK = FittingSettings(trees=15, bags=1, edges=15)
TELLING = {"continuity": 2.5, "antagonist": -2.0, "movement": -2.0, "duration_s": 1.0}


def make_table(
    persons=6,
    nights=2,
    cramps=2,
    others=12,
    seed=0,
    families=("standard",),
    **facts,
):
    """Return a table in which cramps differ from the rest in a few features, with overlap."""
    rng = np.random.default_rng(seed)
    columns, found, about = [], [], []
    for person in range(persons):
        for _ in range(nights):
            number = len(about)
            about.append(
                NightFacts(
                    **{
                        "id": f"night-{number}",
                        "person": f"person-{person}",
                        "source": "simulated",
                        "group": "mixed",
                        "family": families[person % len(families)],
                        "held_out": False,
                        "hours": 8.0,
                        "valid_hours": 8.0,
                        "sensors": "1 x EMG GM 1000 Hz uV",
                        "format": "EDF+C",
                        **facts,
                    }
                )
            )
            for place in range(cramps + others):
                cramp = place < cramps
                onset, duration = 600.0 * place, 40.0 if cramp else 15.0
                if cramp:
                    found.append(CrampFacts(number, onset, duration, "left", "EMG L GM", True))
                values = rng.standard_normal(len(NAMES))
                for name, move in TELLING.items():
                    values[NAMES.index(name)] += move * (1 if cramp else -1) / 2
                columns += [
                    (number, onset, duration, cut, cramp, len(found) - 1, values)
                    for cut in (np.nan, 10.0)
                ]
    count = len(columns)
    label = np.array([row[4] for row in columns], np.int8)
    values = np.array([row[6] for row in columns], np.float32)
    values[:, NAMES.index("reference")] = np.nan
    values[rng.random(values.shape) < 0.05] = np.nan

    def text(one):
        out = np.empty(count, dtype=object)
        out[:] = one
        return out

    mimic = text("nothing")
    mimic[label == 0] = "posture_shift"
    return TrainingTable(
        features=NAMES,
        catalogue=catalogue_digest(),
        settings=detector_settings(Settings()),
        nights=tuple(about),
        cramps=tuple(found),
        rows=Rows(
            night=np.array([row[0] for row in columns], np.int32),
            onset_s=np.array([row[1] for row in columns]),
            duration_s=np.array([row[2] for row in columns]),
            cut_s=np.array([row[3] for row in columns]),
            side=text("left"),
            muscle=text("GM"),
            channel=text("EMG L GM"),
            label=label,
            left_out=text(""),
            mimic=mimic,
            cramp=np.array([row[5] if row[4] else -1 for row in columns], np.int32),
            values=values,
        ),
    )


def make_candidate(onset=100.0, duration=40.0, cut=None, channel="EMG L GM", **values):
    side = {"L": "left", "R": "right"}.get(channel.split()[1])
    known = dict.fromkeys(NAMES, float("nan"))
    return Candidate(
        onset, duration, side, channel.split()[-1], channel, cut, {**known, **values}
    )


def quick(**changes):
    return TrainingSettings(**{"fitting": QUICK, **changes})


@pytest.fixture(scope="session")
def table():
    return make_table()


@pytest.fixture(scope="session")
def training(table):
    return train(table, quick())


@pytest.fixture(scope="session")
def model(training):
    return training.model


@pytest.fixture(scope="session")
def tables():
    """Return what makes a table."""
    return make_table


@pytest.fixture(scope="session")
def candidate():
    """Return what makes a candidate."""
    return make_candidate


@pytest.fixture(scope="session")
def settings():
    """Return what makes quick settings of a training."""
    return quick


@pytest.fixture(scope="session")
def cramp(candidate):
    """Return a contraction that has all that the table's cramps have."""
    return candidate(continuity=3.0, antagonist=-3.0, movement=-3.0, duration_s=2.0)


@pytest.fixture(scope="session")
def shift(candidate):
    """Return a contraction that has nothing of a cramp."""
    return candidate(
        duration=15.0, continuity=-3.0, antagonist=3.0, movement=3.0, duration_s=-2.0
    )
