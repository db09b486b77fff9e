"""False alarms, what they are blamed on, and leg movements that they cover."""

from __future__ import annotations

from crampwatch.models.evaluation.decide import cause_of, decide

CRAMP_CALLED = {"cramp": 1, "possible_cramp": 0}


def test_a_false_alarm_is_blamed_on_the_event_that_overlaps_it_best(event):
    truth = [
        event(0, 1000, "artifact", cause="peel_off"),
        event(500, 20, "large_movement", "both", cause="walking"),
    ]
    decision = decide(truth, [event(501, 18)])
    assert decision.false_alarms[0].cause == "walking"
    assert decision.mimics["walking"].called == CRAMP_CALLED
    assert decision.mimics["peel_off"].called == {"cramp": 0, "possible_cramp": 0}


def test_where_nothing_is_marked_it_is_nothing(event):
    decision = decide([event(100, 20)], [event(500, 20)])
    assert decision.false_alarms[0].cause == "nothing"


def test_what_nobody_would_mark_explains_an_alarm_where_nothing_else_does(event):
    truth = [event(500, 20, "large_movement", cause="stretch")]
    tone = [event(0, 3600, "unmarked", None, cause="tone_spell")]
    decision = decide(truth, [event(500, 20), event(900, 20)], tone)
    assert [alarm.cause for alarm in decision.false_alarms] == ["stretch", "tone_spell"]
    assert decision.mimics["tone_spell"].n == 1


def test_the_minutes_after_a_cramp_are_told_apart(event):
    truth = [event(100, 20)]
    found = [event(130, 30), event(419, 30), event(421, 30), event(130, 30, side="right")]
    causes = [alarm.cause for alarm in decide(truth, found).false_alarms]
    assert causes == ["after a cramp", "after a cramp", "nothing", "nothing"]


def test_the_echo_of_a_cramp_in_the_other_leg_is_a_false_alarm(event):
    decision = decide([event(100, 20)], [event(100, 20, side="right")])
    assert decision.hits == (None,)
    assert decision.false_alarms[0].cause == "the other leg"


def test_a_mimic_called_twice_counts_once_by_the_surer_name(event):
    truth = [event(100, 60, "large_movement", cause="posture_shift")]
    found = [event(100, 20, "possible_cramp"), event(130, 25)]
    decision = decide(truth, found)
    assert len(decision.false_alarms) == 2
    assert decision.mimics["posture_shift"].called == CRAMP_CALLED


def test_movements_of_a_series_under_a_false_find_are_counted(event):
    truth = [event(20 * n, 2, "PLM") for n in range(10)] + [event(51, 2, "LM")]
    decision = decide(truth, [event(35, 30)])
    assert decision.swallowed["PLM"] == {"cramp": 2, "possible_cramp": 0}
    assert decision.swallowed["LM"] == {"cramp": 1, "possible_cramp": 0}


def test_movements_under_a_true_find_are_not(event):
    truth = [event(0, 100), event(20, 2, "PLM")]
    assert decide(truth, [event(0, 100)]).swallowed["PLM"]["cramp"] == 0


def test_stages_and_marks_are_no_mimics(event):
    truth = [event(0, 30, "sleep_N2"), event(5, 0, "marker"), event(10, 20, "possible_cramp")]
    assert decide(truth, []).mimics == {}


def test_a_leg_movement_is_named_by_its_type_unless_it_was_made_at_will(event):
    assert cause_of(event(0, 2, "PLM", cause="leg_movement")) == "PLM"
    assert cause_of(event(0, 2, "LM")) == "LM"
    assert cause_of(event(0, 2, "LM", cause="dorsiflexion")) == "dorsiflexion"
    assert cause_of(event(0, 2, "artifact")) == "artifact"


def test_errors_are_found_minus_true(event):
    (hit,) = decide([event(100, 30)], [event(101.5, 30.5, probability=0.75)]).hits
    assert (hit.onset_error_s, hit.end_error_s, hit.probability) == (1.5, 2.0, 0.75)


def test_nothing_true_and_nothing_found():
    decision = decide([], [])
    assert decision.hits == decision.false_alarms == ()
