"""Training: judged on persons it was not trained on, and it says what cannot be told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crampwatch.models.artefact.files import model_bytes
from crampwatch.models.training import train
from crampwatch.models.training.fitting import fit
from crampwatch.models.training.folds import folds_by_person
from crampwatch.models.training.lessons import lessons, with_blanks
from crampwatch.models.training.sensors import SITUATIONS, blanked, signs
from crampwatch.recording.errors import CrampwatchError


def refusal(table, settings):
    with pytest.raises(CrampwatchError) as error:
        train(table, settings)
    assert "\n" not in str(error.value)
    return str(error.value)


def relabelled(table, label):
    rows = replace(table.rows, label=np.full(len(table.rows), label, np.int8))
    return replace(table, rows=rows)


def test_cramps_are_told_from_the_rest(model, cramp, shift):
    sure, none = model.probabilities([cramp, shift])
    assert sure > 0.5 > none


def test_the_same_seed_gives_the_same_bytes(table, model, settings):
    assert model_bytes(train(table, settings()).model) == model_bytes(model)


@pytest.mark.system
def test_two_processes_give_the_same_bytes(table, model, settings):
    assert model_bytes(train(table, settings(), workers=2).model) == model_bytes(model)


def test_another_seed_gives_another_model(table, model, settings):
    assert model_bytes(train(table, settings(seed=2)).model) != model_bytes(model)


def test_everything_that_the_card_tells_is_there(model, table):
    about = model.about
    assert about["validated"]
    assert about["data"]["fingerprint"] == table.digest()
    assert about["data"]["persons"] == 6
    for way in ("final", "causal"):
        facts = about[way]
        assert {"choice", "calibration", "t_cramp", "t_possible", "sensitivity"} <= set(facts)
    assert len(about["final"]["learning_curve"]) > 1
    ranked = [row["name"] for row in about["final"]["importance"]["features"]]
    assert sorted(ranked) == sorted(model.features)


def test_what_tells_the_cramps_counts_most(model):
    ranked = [row["name"] for row in model.about["final"]["importance"]["features"]]
    assert set(ranked[:3]) <= {"continuity", "antagonist", "movement", "duration_s"}


def test_prevalence_is_that_of_what_was_looked_at(model):
    assert model.prevalence == pytest.approx(2 / 14)


def test_nobody_is_judged_by_what_was_learned_from_them(table):
    taught = lessons(table, causal=True)
    fold = folds_by_person(taught, seed=3)
    for person in np.unique(taught.person):
        assert len(np.unique(fold[taught.person == person])) == 1
    for number in np.unique(fold):
        assert set(taught.label[fold != number]) == {0, 1}


def test_one_person_cannot_be_held_out_and_nothing_else_is_done(tables, settings):
    text = refusal(tables(persons=1, nights=3), settings())
    assert "grouped validation is impossible" in text
    assert "--no-validation" in text


def test_one_person_with_cramps_among_others_is_no_better(tables, settings):
    table = tables(persons=3)
    first = np.array([night.person == "person-0" for night in table.nights])
    label = np.where(first[table.rows.night], table.rows.label, 0).astype(np.int8)
    alone = replace(table, rows=replace(table.rows, label=label))
    assert "one person's" in refusal(alone, settings())


def test_without_validation_there_are_no_figures(tables, settings, cramp, shift):
    training = train(tables(persons=1), settings(validation=False))
    about = training.model.about
    assert not about["validated"]
    assert "t_cramp" not in about["final"]
    assert any("not validated" in warning for warning in training.warnings)
    sure, none = training.model.probabilities([cramp, shift])
    assert sure > none


@pytest.mark.parametrize(("label", "words"), [(0, "was seen"), (1, "everything that was seen")])
def test_one_class_only_is_one_line(table, settings, label, words):
    text = refusal(relabelled(table, label), settings())
    assert text.startswith("one class only")
    assert words in text


def test_nights_kept_for_the_final_test_are_refused(tables, settings):
    text = refusal(tables(persons=2, held_out=True), settings())
    assert "kept out of training" in text


def test_different_sensors_are_told(table, settings, tables):
    one = replace(table.nights[0], sensors="1 x EMG TA 200 Hz count")
    mixed = replace(table, nights=(one, *table.nights[1:]))
    training = train(mixed, settings(validation=False))
    assert any("2 different sets of sensors" in warning for warning in training.warnings)


@pytest.mark.parametrize(
    ("sources", "evidence"),
    [
        (("simulated",), "simulated"),
        (("proxy",), "proxy"),
        (("real",), "real"),
        (("simulated", "real"), "mixed"),
    ],
)
def test_the_evidence_is_never_better_than_what_was_seen(table, settings, sources, evidence):
    nights = tuple(
        replace(night, source=sources[number % len(sources)])
        for number, night in enumerate(table.nights)
    )
    training = train(replace(table, nights=nights), settings(validation=False))
    assert training.model.evidence == evidence


def test_families_are_held_out_where_there_are_several(tables, settings):
    table = tables(persons=4, families=("standard", "dry"))
    rows = train(table, settings()).model.about["final"]["other_families"]
    assert [row["family"] for row in rows] == ["dry", "standard"]
    assert all(row["cramps"] == 8 for row in rows)


def test_persons_and_classes_weigh_alike(table):
    taught = lessons(table, causal=True)
    weight = taught.weight
    assert weight[taught.label == 1].sum() == pytest.approx(weight[taught.label == 0].sum())
    assert weight.mean() == pytest.approx(1.0)


def test_a_night_full_of_shifts_does_not_dominate(tables):
    table = tables(persons=2, nights=1, cramps=1, others=100)
    rows = table.rows
    few = (rows.night == 0) & (rows.onset_s > 600 * 4)
    taught = lessons(replace(table, rows=rows.take(~few)), causal=False)
    none = taught.label == 0
    share = taught.weight[none & (taught.night == 1)].sum() / taught.weight[none].sum()
    assert share < 0.9
    assert np.sum(none & (taught.night == 1)) / none.sum() > 0.95


def test_the_causal_estimator_knows_nothing_of_what_follows(model):
    from crampwatch.detection.cramps.features.catalogue import FEATURES

    after = {one.name for one in FEATURES if one.follows and one.portable}
    assert after
    assert not after & set(model.causal.features)
    assert set(model.final.features) - set(model.causal.features) == after


@pytest.mark.parametrize("kind", ["linear", "trees"])
@pytest.mark.parametrize("situation", list(SITUATIONS))
def test_a_lesser_sensor_still_tells_cramps(table, kind, situation, settings):
    taught = lessons(table, causal=False)
    estimator = fit(kind, taught, 1, settings().fitting)
    values = taught.values.copy()
    values[:, blanked(taught.names, situation)] = np.nan
    score = estimator.log_odds(values)
    assert score[taught.label == 1].mean() > score[taught.label == 0].mean()


def test_blanked_copies_leave_the_lessons_as_they_are(table):
    taught = lessons(table, causal=False)
    values, label, weight = with_blanks(taught, np.random.default_rng(0))
    count = len(taught)
    np.testing.assert_array_equal(values[:count], taught.values)
    np.testing.assert_array_equal(label[:count], label[count:])
    assert np.isnan(values[count:]).sum() > np.isnan(values[:count]).sum()
    assert weight[count:].sum() == pytest.approx(0.5 * weight[:count].sum())


def test_trees_keep_to_the_signs_that_physiology_gives(table, settings):
    taught = lessons(table, causal=False)
    trees = fit("trees", taught, 1, settings().fitting)
    base = taught.values[:50]
    for name, sign in zip(taught.names, signs(taught.names), strict=True):
        low, high = base.copy(), base.copy()
        low[:, taught.names.index(name)] = -2.0
        high[:, taught.names.index(name)] = 2.0
        moved = sign * (trees.log_odds(high) - trees.log_odds(low))
        assert moved.min() > -1e-9, name


def test_every_situation_speaks_of_features_that_exist(table):
    for name in SITUATIONS:
        assert blanked(table.features, name).any(), name


def test_a_forest_sums_like_the_library_that_grew_it(table, settings, monkeypatch):
    from crampwatch.models.training import fitting

    kept = []
    build = fitting._forest

    def spy(boosters, edges):
        kept.append((boosters, edges))
        return build(boosters, edges)

    monkeypatch.setattr(fitting, "_forest", spy)
    taught = lessons(table, causal=False)
    forest = fit("trees", taught, 1, settings().fitting)
    ((boosters, edges),) = kept
    codes = fitting._codes(taught.values, edges)
    theirs = np.mean([booster.decision_function(codes) for booster in boosters], axis=0)
    np.testing.assert_allclose(forest.log_odds(taught.values), theirs, atol=1e-9)


def test_nights_that_were_made_harder_set_no_threshold(table, settings):
    tame = np.array([number % 3 > 0 for number in range(len(table.nights))])
    nights = tuple(
        replace(n, everyday=bool(e)) for n, e in zip(table.nights, tame, strict=True)
    )
    final = train(replace(table, nights=nights), settings()).model.about["final"]
    assert final["t_possible"]["nights"] == tame.sum()
    assert final["harder_nights"]["nights"] == (~tame).sum()
    assert final["harder_nights"]["false_possible"] >= final["harder_nights"]["false_cramp"]
