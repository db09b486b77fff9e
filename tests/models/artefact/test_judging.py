"""What a model calls a contraction, and why."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.detection.cramps.features.catalogue import FEATURES
from crampwatch.detection.settings import CrampSettings, Settings
from crampwatch.models.artefact import at_prevalence
from crampwatch.models.artefact.reasons import contributions, words_of


@pytest.fixture(scope="module")
def sure(model):
    """Return the model with thresholds that do not hang on its training."""
    return replace(
        model,
        final=replace(model.final, t_cramp=0.6, t_possible=0.2),
        causal=replace(model.causal, t_cramp=0.6, t_possible=0.2),
    )


def test_a_cramp_is_called_one_and_the_reason_names_features(sure, cramp):
    (verdict,) = sure.judge().judge([cramp])
    assert verdict.trial_type == "cramp"
    assert verdict.probability > 0.6
    assert verdict.probability_causal is not None
    assert verdict.reason.startswith("for it: ")


def test_what_has_nothing_of_a_cramp_is_none(sure, shift):
    (verdict,) = sure.judge().judge([shift])
    assert verdict.trial_type in (None, "large_movement")


def test_below_ten_seconds_it_is_possible_at_most(sure, cramp):
    (verdict,) = sure.judge().judge([replace(cramp, duration_s=9.9)])
    assert verdict.trial_type == "possible_cramp"


def test_longer_than_any_cramp_is_none(sure, cramp):
    settings = Settings(cramp=CrampSettings(max_duration_s=60.0))
    (verdict,) = sure.judge(settings).judge([replace(cramp, duration_s=61.0)])
    assert verdict.trial_type is None
    assert "longer than any cramp" in verdict.reason


def test_between_the_thresholds_it_is_possible(sure, cramp):
    chance = float(sure.probabilities([cramp])[0])
    final = replace(sure.final, t_cramp=min(1.0, chance + 1e-6), t_possible=chance - 1e-6)
    (verdict,) = replace(sure, final=final).judge().judge([cramp])
    assert verdict.trial_type == "possible_cramp"


def test_a_cut_candidate_only_meets_the_causal_estimator(sure, cramp):
    cut = replace(cramp, cut_s=20.0)
    blind = replace(sure, final=replace(sure.final, t_cramp=1.0, t_possible=1.0))
    (verdict,) = blind.judge().judge([cut])
    assert verdict.trial_type == "cramp"
    assert verdict.probability == verdict.probability_causal
    assert verdict.probability == blind.probabilities([cut], causal=True)[0]


def test_a_cut_candidate_is_as_long_as_is_known(sure, cramp):
    (verdict,) = sure.judge().judge([replace(cramp, cut_s=5.0)])
    assert verdict.trial_type == "possible_cramp"


def test_what_follows_is_nothing_to_the_causal_estimator(model, cramp):
    later = {**cramp.values, "movement_after": 9.0, "tone_after": 9.0}
    changed = replace(cramp, values=later)
    assert model.probabilities([cramp], causal=True) == model.probabilities(
        [changed], causal=True
    )


def test_a_contraction_is_judged_alike_in_any_company(model, cramp, shift, candidate):
    crowd = [shift, cramp, candidate(), cramp, shift]
    np.testing.assert_array_equal(
        model.probabilities(crowd),
        np.concatenate([model.probabilities([one]) for one in crowd]),
    )


def test_nobody_to_judge_is_no_verdict(model):
    assert model.judge().judge([]) == []


def test_a_candidate_of_which_nothing_is_known_has_a_probability(model, candidate):
    (chance,) = model.probabilities([candidate()])
    assert 0 < chance < 1


def test_infinity_is_not_known(model, candidate, cramp):
    values = {**cramp.values, "movement": float("inf")}
    unknown = {**cramp.values, "movement": float("nan")}
    first, second = (model.probabilities([replace(cramp, values=v)]) for v in (values, unknown))
    assert first == second


def test_the_feature_that_tells_a_cramp_says_most(model, cramp):
    row = model.final.values([cramp])[0]
    said = contributions(model.final, row)
    top = {model.final.features[i] for i in np.argsort(-np.abs(said))[:3]}
    assert top <= {"continuity", "antagonist", "movement", "duration_s"}


@given(st.floats(1e-6, 1 - 1e-6), st.floats(1e-6, 0.999), st.floats(1e-6, 0.999))
def test_a_prevalence_moved_there_and_back_changes_nothing(chance, one, other):
    there = at_prevalence(chance, one, other)
    np.testing.assert_allclose(at_prevalence(there, other, one), chance, rtol=1e-6)


def test_a_prevalence_is_moved_by_bayes():
    # 30 % at evens is a likelihood ratio of 3/7; at 10 % prior odds 1/9
    moved = at_prevalence(0.3, 0.5, 0.1)
    odds = 3 / 7 / 9
    np.testing.assert_allclose(moved, odds / (1 + odds))


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_a_prevalence_that_cannot_be_is_refused(share):
    with pytest.raises(ValueError, match="prevalence"):
        at_prevalence(0.5, 0.5, share)


def test_the_words_of_a_feature_are_whole_and_stand_alone():
    words = {feature.name: words_of(feature) for feature in FEATURES}
    assert words["modulation"] == "modulation at 0.5 to 2 Hz, over the level"
    assert words["antagonist_active"] == (
        "share of the time another muscle of the leg is above rest"
    )
    assert len(set(words.values())) == len(words)
    dangling = re.compile(r"\bthe same\b|\bthat (muscle|time)\b|\btheir\b")
    assert [name for name, said in words.items() if dangling.search(said)] == []
