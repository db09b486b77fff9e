"""A model for everybody, moved a little by one person's nights, or left as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crampwatch.models.artefact import load_model, save_model
from crampwatch.models.training import adapt
from crampwatch.recording.errors import CrampwatchError


@pytest.fixture(scope="module")
def own(tables):
    """Return nights of one person who is like the others."""
    return tables(persons=1, nights=4, seed=9)


def refusal(model, table):
    with pytest.raises(CrampwatchError) as error:
        adapt(model, table)
    assert "\n" not in str(error.value)
    return str(error.value)


def with_cramps_that_move(table):
    """Return the nights of somebody whose legs thrash in a cramp, and lie still else."""
    values = table.rows.values.copy()
    column = table.features.index("movement")
    values[:, column] = np.where(table.rows.label == 1, 2.0, -2.0)
    return replace(table, rows=replace(table.rows, values=values))


def test_somebody_unlike_the_others_gains(model, own):
    adaptation = adapt(model, with_cramps_that_move(own))
    facts = adaptation.model.about["adaptation"]["final"]
    assert adaptation.better
    assert facts["after"] < facts["before"]


def test_nights_that_teach_nothing_true_make_it_worse_and_that_is_said(model, own):
    rows = own.rows
    rng = np.random.default_rng(1)
    order = rng.permutation(len(rows) // 2)
    complete = np.flatnonzero(rows.complete)
    label = rows.label.copy()
    label[complete] = rows.label[complete][order]
    night = own.rows.night[complete] % 2 == 0
    label[complete[night]] = 1 - rows.label[complete][night]
    adaptation = adapt(model, replace(own, rows=replace(rows, label=label)))
    facts = adaptation.model.about["adaptation"]
    assert adaptation.better == (facts["final"]["after"] < facts["final"]["before"])


def test_an_adaptation_is_read_back_from_its_file(model, own, cramp, shift, tmp_path):
    adapted = adapt(model, own).model
    save_model(adapted, tmp_path / "own.skops")
    read = load_model(tmp_path / "own.skops")
    np.testing.assert_array_equal(
        read.probabilities([cramp, shift]), adapted.probabilities([cramp, shift])
    )
    assert read.final.personal is not None


def test_few_nights_move_it_little(model, own, cramp, shift):
    adapted = adapt(model, own).model
    moved = adapted.final.log_odds(adapted.final.values([cramp, shift]))
    before = model.final.log_odds(model.final.values([cramp, shift]))
    assert np.sign(moved).tolist() == np.sign(before).tolist()


def test_real_nights_on_a_simulated_model_are_mixed_evidence(model, own):
    nights = tuple(replace(night, source="real") for night in own.nights)
    assert adapt(model, replace(own, nights=nights)).model.evidence == "mixed"
    assert adapt(model, own).model.evidence == "simulated"


def test_nights_of_two_persons_are_refused(model, table):
    assert "persons" in refusal(model, table)


def test_one_night_is_too_little(model, tables):
    assert "one night is too little" in refusal(model, tables(persons=1, nights=1))


def test_nights_without_a_cramp_are_one_class_only(model, tables):
    assert "one class only" in refusal(model, tables(persons=1, nights=3, cramps=0))


def test_what_is_adapted_is_not_adapted_again(model, own):
    assert "adapted to a person already" in refusal(adapt(model, own).model, own)


def test_nights_kept_for_the_final_test_are_refused(model, tables):
    kept = tables(persons=1, nights=3, held_out=True)
    assert "kept out of training" in refusal(model, kept)
