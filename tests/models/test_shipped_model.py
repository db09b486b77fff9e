"""The model that comes with the program: what it is, and that it fits the detector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from crampwatch.detection.settings import Settings
from crampwatch.models.artefact import load_model, shipped_model
from crampwatch.models.table import read_table

WEIGHTS = Path(__file__).resolve().parents[2] / "models" / "weights"


@pytest.fixture(scope="module")
def model():
    path = shipped_model()
    assert path is not None
    return load_model(path)


def test_it_says_that_it_has_seen_simulated_nights_only(model):
    assert model.evidence == "simulated"
    assert model.score_name == "score (simulated)"
    card = (WEIGHTS / "cramp.md").read_text("utf-8")
    assert "SIMULATED ONLY" in card.splitlines()[2]


def test_it_was_trained_with_the_settings_and_features_of_this_detector(model):
    assert model.differences(Settings()) == []


def test_its_thresholds_ask_more_of_a_cramp_than_of_a_possible_one(model):
    for scorer in (model.final, model.causal):
        assert 0.0 < scorer.t_possible <= scorer.t_cramp < 1.0


def test_it_was_made_from_the_table_beside_it_and_judged_on_other_nights(model):
    table = read_table(WEIGHTS / "features.parquet")
    taught = {night.id for night in table.nights}
    assert taught == set((WEIGHTS / "nights.tsv").read_text("utf-8").split()[1:])
    judged = (WEIGHTS / "evidence.tsv").read_text("utf-8").split()[1:]
    assert len(judged) >= 150
    assert not taught & set(judged)
    assert not any(night.held_out for night in table.nights)
    assert all("held_out" in entry for entry in judged)


def test_it_tells_most_of_what_it_was_taught(model):
    table = read_table(WEIGHTS / "features.parquet")
    rows = table.rows
    known = rows.complete & (rows.label >= 0)
    columns = [table.features.index(name) for name in model.final.features]
    chance = model.final.probabilities(rows.values[known][:, columns].astype(np.float64))
    label = rows.label[known]
    assert np.median(chance[label == 1]) > 0.5 > 0.05 > np.median(chance[label == 0])
