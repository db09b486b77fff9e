"""All figures of two nights that can be counted on the fingers."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from crampwatch.models.evaluation import Unusable, evaluate_tallies
from crampwatch.models.evaluation.rates import poisson_upper, wilson
from crampwatch.models.evaluation.tally import Live

FEW = 200


@pytest.fixture
def evaluation(two_nights):
    return evaluate_tallies(two_nights, [Unusable("third", "no marks")], resamples=FEW)


def counts(share):
    return share.count, share.of


def test_sensitivity_by_duration(evaluation):
    classes = evaluation.final.sensitivity["duration"]
    assert {name: (counts(s.cramp), counts(s.either)) for name, s in classes.items()} == {
        "< 10 s": ((0, 1), (1, 1)),
        "10-20 s": ((0, 2), (0, 2)),
        "20-60 s": ((1, 1), (1, 1)),
        "> 60 s": ((2, 2), (2, 2)),
        "> 20 s": ((3, 3), (3, 3)),
    }
    (everything,) = evaluation.final.sensitivity["all"].values()
    assert (counts(everything.cramp), counts(everything.either)) == ((3, 6), (4, 6))
    assert everything.cramp.wilson == pytest.approx(wilson(3, 6))
    low, high = everything.either.bootstrap
    assert 0.5 <= low <= 4 / 6 <= high <= 0.75


def test_a_class_by_which_nothing_differs_is_left_out(evaluation):
    assert set(evaluation.final.sensitivity) == {"all", "duration", "family", "scenario"}
    assert list(evaluation.final.sensitivity["scenario"]) == ["cramp", "mixed"]


def test_false_alarms_a_night_and_an_hour(evaluation):
    alarms = evaluation.final.false_alarms
    assert alarms["cramp"].per_night.value == 1.0
    assert alarms["cramp"].per_night.upper == pytest.approx(poisson_upper(2, 2.0))
    assert alarms["cramp"].per_valid_hour.value == pytest.approx(2 / 16)
    assert alarms["cramp"].nights_with.count == 2
    assert alarms["either"].per_night.count == 4
    assert [alarms[name].touching for name in ("cramp", "possible_cramp", "either")] == [
        0,
        1,
        1,
    ]
    by_scenario = evaluation.final.false_alarms_by_scenario
    assert {name: found["cramp"].per_night.count for name, found in by_scenario.items()} == {
        "cramp": 1,
        "mixed": 1,
    }


def test_mimics_one_by_one(evaluation):
    mimics = evaluation.final.mimics
    assert counts(mimics["walking"].cramp) == (1, 1)
    assert counts(mimics["posture_shift"].cramp) == (0, 2)
    assert counts(mimics["posture_shift"].either) == (1, 2)
    assert counts(mimics["PLM"].either) == (0, 5)
    assert mimics["nothing"].n == 0
    assert mimics["nothing"].alarms == {"cramp": 1, "possible_cramp": 0}
    assert mimics["after a cramp"].alarms == {"cramp": 0, "possible_cramp": 1}
    assert next(iter(mimics)) in ("walking", "nothing")
    assert evaluation.final.swallowed["PLM"] == {"cramp": 0, "possible_cramp": 0}


def test_differences_in_time(evaluation):
    onset, end = evaluation.final.onset, evaluation.final.end
    # onsets off by 0, +1, +10, -3; ends by 0, 0, -40, +3
    assert onset.n == 4
    assert onset.median_s == pytest.approx(0.5)
    assert onset.half_s == pytest.approx(2.0)
    assert onset.most_s == pytest.approx(7.9)
    assert end.median_s == pytest.approx(0.0)


def test_leg_movements(evaluation):
    everything = evaluation.movements["all"]["all"]
    assert counts(everything.loose.recall) == (5, 6)
    assert counts(everything.loose.precision) == (5, 6)
    assert everything.loose.f1 == pytest.approx(10 / 12)
    assert everything.fragments == 1
    assert everything.without_fragments == pytest.approx(10 / 11)
    assert everything.series.f1 == pytest.approx(8 / 9)
    assert evaluation.movements["leg"]["right"].loose.f1 == 1.0


def test_goals_say_what_few_nights_cannot_tell(evaluation):
    reached = {goal.what: goal.reached for goal in evaluation.goals}
    assert reached["cramps over 20 s found, as cramp or possible"] is True
    assert reached["cramps of 10-20 s found, as cramp or possible"] is False
    assert reached["false cramps a night, upper bound of 95 %"] is False
    assert reached["movements of a series called a cramp"] is True
    assert reached["expected calibration error"] is None


def test_a_night_without_false_alarms_cannot_show_that_they_are_rare(tally):
    found = evaluate_tallies([tally()], resamples=2)
    goal = next(g for g in found.goals if g.what.startswith("false cramps"))
    assert goal.measured == pytest.approx(2.9957, abs=1e-4)
    assert goal.reached is None


def test_the_nights_that_were_not_judged_are_told(evaluation):
    assert evaluation.nights["unusable"] == 1
    assert evaluation.as_json()["unusable"] == [{"id": "third", "reason": "no marks"}]


def test_the_class_of_evidence_stands_above_everything(two_nights, evaluation):
    assert evaluation.evidence == "simulated"
    assert evaluation.banner.startswith("SIMULATED")
    mixed = evaluate_tallies([two_nights[0], replace(two_nights[1], source="real")])
    assert mixed.evidence == "mixed"
    assert set(mixed.final.sensitivity["source"]) == {"simulated", "real"}


def test_without_a_true_cramp_false_alarms_are_still_told(tally, event):
    night = tally([event(0, 5, "LM")], [event(100, 30)])
    found = evaluate_tallies([night], resamples=2)
    assert found.final.sensitivity == {}
    assert found.final.onset is None
    assert found.final.predictive == []
    assert found.final.false_alarms["cramp"].per_night.value == 1.0
    json.dumps(found.as_json(), allow_nan=False)


def test_nights_of_cramps_only(tally, event):
    night = tally([event(0, 30)], [event(0, 30)], candidates=[(30.0, None, True, 0.9, 0.8)])
    found = evaluate_tallies([night], resamples=2)
    assert found.calibration["final"].roc_auc is None
    assert found.calibration["causal"].positives == 1


def test_calibration_with_without_and_while_it_goes_on(tally):
    night = tally(
        candidates=[
            (30.0, None, True, 0.9, 0.8),
            (30.0, 10.0, True, None, 0.6),
            (12.0, None, False, 0.1, 0.2),
            (12.0, 10.0, False, None, 0.3),
            (50.0, None, None, 0.5, 0.5),
            (99.0, None, False, None, None),
        ]
    )
    found = evaluate_tallies([night], model={"prevalence": 0.1}, resamples=2)
    assert [name for name in found.calibration if "share" not in name] == [
        "final",
        "causal",
        "after 10 s",
    ]
    assert found.calibration["final"].n == 2
    assert found.calibration["final"].error.value == pytest.approx(0.1)
    assert found.uncalibrated == 1
    # moved from a prevalence of 0.1 to one half here: odds of 9 become 81
    moved = found.calibration["final, at the share here"].bins[-1]
    assert moved.mean == pytest.approx(81 / 82)


def test_decisions_without_what_follows(tally, event):
    truth = [event(0, 30), event(100, 30)]
    found = [event(0, 30), event(100, 30)]
    night = tally(truth, found, without_after=found[:1])
    result = evaluate_tallies([night], resamples=2)
    assert result.final.sensitivity["all"]["all"].cramp.value == 1.0
    assert result.without_after.sensitivity["all"]["all"].cramp.value == 0.5
    assert evaluate_tallies([replace(night, without_after=None)]).without_after is None


def test_single_cases_are_told_the_gravest_first(evaluation):
    assert [(case.night, case.onset_s, case.what, case.why) for case in evaluation.false] == [
        ("first", 5001.0, "cramp", "walking"),
        ("second", 20000.0, "cramp", "nothing"),
        ("first", 6500.0, "possible_cramp", "posture_shift"),
        ("second", 1100.0, "possible_cramp", "after a cramp"),
    ]
    assert [(case.night, case.onset_s) for case in evaluation.missed] == [
        ("first", 2000.0),
        ("second", 100.0),
    ]


def test_the_longest_miss_comes_first(tally, event):
    night = tally([event(100, 20), event(300, 90), event(600, 40)])
    found = evaluate_tallies([night], resamples=2)
    assert [case.duration_s for case in found.missed] == [90.0, 40.0, 20.0]


def test_a_night_is_as_long_as_it_was_recorded_an_hour_as_it_could_be_scored(tally, event):
    night = tally((), [event(100, 20)], hours=4.0, valid_s=2 * 3600.0)
    alarms = evaluate_tallies([night], resamples=2).final.false_alarms["cramp"]
    assert alarms.per_night.value == 2.0
    assert alarms.per_valid_hour.value == 0.5


def test_live_delays(tally, event):
    truth = [event(0, 30), event(100, 30), event(200, 30)]
    live = Live((12.0, None, 20.0), {"cramp": 1, "possible_cramp": 0})
    found = evaluate_tallies([tally(truth, live=live)], resamples=2)
    assert (found.live.told, found.live.of) == (2, 3)
    assert found.live.delay.half_s == 16.0
    assert found.live.false_per_night == {"cramp": 1.0, "possible_cramp": 0.0}


def test_same_seed_same_bytes_and_another_order_of_the_nights_same_figures(two_nights):
    one, two = (
        json.dumps(evaluate_tallies(two_nights, resamples=FEW, seed=3).as_json())
        for _ in range(2)
    )
    assert one == two

    def figures(nights):
        result = evaluate_tallies(nights, resamples=2).as_json()
        return {
            "final": without_intervals(result["final"]),
            "movements": without_intervals(result["movements"]),
            "nights": result["nights"],
        }

    shuffled = two_nights[:]
    random.Random(1).shuffle(shuffled)
    assert figures(shuffled) == figures(two_nights)
    assert figures(shuffled[::-1]) == figures(two_nights)


def test_no_night_is_refused():
    with pytest.raises(ValueError, match="no judged night"):
        evaluate_tallies([])


def without_intervals(value):
    if isinstance(value, dict):
        return {
            name: without_intervals(item)
            for name, item in value.items()
            if name != "bootstrap" and not name.endswith("_interval")
        }
    return [without_intervals(item) for item in value] if isinstance(value, list) else value
