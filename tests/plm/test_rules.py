"""The rules one by one, on movements small enough to check by hand."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest

from crampwatch.detection.plm import (
    AASM,
    RULE_SETS,
    WASM2016,
    Rules,
    movements_from_arrays,
    movements_from_events,
    score_movements,
)
from crampwatch.detection.plm.indices import periodicity_ferri2006
from crampwatch.recording.annotations.hypnogram import (
    hypnogram_from_epochs,
    hypnogram_from_rows,
)
from crampwatch.recording.model import Event


def marked(*rows):
    """Rows of (onset, duration[, side[, type]])."""
    full = [(*row, *("left", "LM")[len(row) - 2 :]) for row in rows]
    return movements_from_events(Event(o, d, kind, side) for o, d, side, kind in full)


def every(step, count, start=40.0, side="left"):
    return [(start + step * i, 1.0, side) for i in range(count)]


def asleep(minutes):
    return hypnogram_from_epochs(["N2"] * (2 * minutes))


def series(found):
    return list(found.kept.series)


def said(found, *words):
    return any(all(word in line for word in words) for line in found.warnings)


def test_wasm_four_candidates_make_a_series_and_three_do_not():
    assert series(score_movements(marked(*every(20, 4)))) == [1, 1, 1, 1]
    assert series(score_movements(marked(*every(20, 3)))) == [0, 0, 0]


@pytest.mark.parametrize(
    ("step", "periodic"), [(9.9, False), (10.0, True), (90.0, True), (90.1, False)]
)
def test_wasm_interval_of_10_to_90_s_counts_both_limits_included(step, periodic):
    assert score_movements(marked(*every(step, 4))).plm.all() == periodic


@pytest.mark.parametrize("start", [0.1, 1 / 3, 7.7, 12345.6])
def test_a_limit_is_met_exactly_wherever_the_night_starts(start):
    found = score_movements(marked(*every(10, 4, start=start)))
    assert found.plm.all()
    joined = score_movements(marked((start, 1.1), (start + 1.6, 1.0)))
    assert len(joined) == 2


def test_wasm_short_interval_ends_series():
    rows = [*every(20, 4), (108.0, 1.0), *every(20, 4, start=128.0)]
    found = score_movements(marked(*rows))
    assert series(found) == [1] * 4 + [2] * 5


def test_wasm_short_interval_may_be_read_as_unable_to_start_a_series():
    rows = [*every(20, 4), (108.0, 1.0), *every(20, 3, start=128.0)]
    assert series(score_movements(marked(*rows))) == [1] * 4 + [2] * 4
    strict = replace(WASM2016, short_imi_can_start=False)
    assert series(score_movements(marked(*rows), strict)) == [1] * 4 + [0] * 4


@pytest.mark.parametrize("kind", ["cramp", "possible_cramp"])
@pytest.mark.parametrize("rules", RULE_SETS.values(), ids=RULE_SETS)
def test_a_cramp_is_no_candidate_and_breaks_a_series(kind, rules):
    rows = [*every(20, 4), (110.0, 4.0, "right", kind), *every(20, 4, start=120.0)]
    found = score_movements(marked(*rows), rules)
    onsets = found.onset[found.plm]
    assert sorted(set(onsets[onsets < 110])) == [40, 60, 80, 100]
    numbers = found.kept.series[found.plm]
    assert list(numbers) == [1] * 4 + [2] * 4
    assert not found.candidate[found.onset == 110].any()
    assert said(found, "cramp", "breaks a series")


def test_a_cramp_swallows_what_overlaps_it_on_its_leg():
    rows = [*every(20, 3), (100.0, 60.0, "left", "cramp"), (120.0, 1.0), (140.0, 1.0)]
    found = score_movements(marked(*rows))
    assert list(found.candidate) == [True] * 3 + [False]


def test_wasm_a_long_movement_interrupts_and_by_aasm_it_is_none():
    rows = [*every(20, 3), (100.0, 12.0), *every(20, 3, start=120.0)]
    wasm = score_movements(marked(*rows))
    assert (len(wasm), int(wasm.plm.sum())) == (7, 0)
    aasm = score_movements(marked(*rows), AASM)
    assert (len(aasm), int(aasm.plm.sum())) == (6, 6)


def test_wasm_members_of_a_bilateral_candidate_are_at_most_four():
    def chain(count):
        return [(80.0 + i, 1.0, ("left", "right")[i % 2]) for i in range(count)]

    assert score_movements(marked(*chain(4))).candidate.all()
    assert not score_movements(marked(*chain(5))).candidate.any()


def test_wasm_a_mark_on_both_legs_may_last_15_s():
    assert score_movements(marked((40, 14.0, "both"))).candidate.all()
    assert not score_movements(marked((40, 16.0, "both"))).candidate.any()


def test_scoring_combined_movements_again_changes_nothing():
    rows = [(40.0 + 20 * i, 2.0, s) for i in range(6) for s in ("left", "right")]
    once = score_movements(marked(*rows), hypnogram=asleep(4))
    twice = score_movements(movements_from_events(once.events()), hypnogram=asleep(4))
    assert once.counts() == twice.counts()
    assert list(once.onset) == list(twice.onset)


def test_aasm_a_movement_joins_the_other_legs_first_onset_only():
    found = score_movements(marked((40, 1, "left"), (43, 1, "right"), (44, 1, "left")), AASM)
    assert list(found.onset) == [40, 44]
    together = [(40, 1, "left"), (40, 1, "right"), (42, 1, "left")]
    assert list(score_movements(marked(*together), AASM).onset) == [40]


def test_aasm_open_questions_have_a_second_reading():
    rows = [*every(20, 4), (104.0, 1.0), *every(20, 3, start=124.0)]
    passed = score_movements(marked(*rows), replace(AASM, short_interval="passed_over"))
    assert series(passed) == [1] * 4 + [0] + [1] * 3
    legs = [(40, 1, "left"), (43, 1, "right"), (46, 1, "left"), *every(20, 3, start=66.0)]
    chained = score_movements(marked(*legs), replace(AASM, combine_from="piece_to_piece"))
    assert list(chained.onset) == [40, 66, 86, 106]
    over = [(80, 12, "left"), (82, 1, "right"), *every(20, 4, start=100.0)]
    merged = replace(AASM, duration_judged="after_combining")
    assert list(score_movements(marked(*over), merged).onset) == [100, 120, 140, 160]
    stages = hypnogram_from_epochs(["N2", "N2", "N2", "W", "N2", "N2"])
    wake = marked(*every(20, 6, start=35.0))
    assert score_movements(wake, AASM, hypnogram=stages).counts()["plmw"] == 0
    stays = replace(AASM, wake_movement="stays")
    assert score_movements(wake, stays, hypnogram=stages).counts()["plmw"] == 2


def test_aasm_wake_of_90_s_breaks_a_series_and_less_does_not():
    rows = marked(*every(20, 3, start=20.0), *every(20, 3, start=160.0))
    broken = hypnogram_from_epochs(["N2"] * 3 + ["W"] * 2 + ["N2"] * 3)
    assert not score_movements(rows, AASM, hypnogram=broken).plm.any()
    near = marked(*every(20, 3, start=20.0), (80, 1), *every(20, 3, start=130.0))
    held = hypnogram_from_epochs(["N2"] * 2 + ["W"] * 2 + ["N2"] * 4)
    found = score_movements(near, AASM, hypnogram=held)
    assert found.counts()["plms"] == 5
    assert set(found.kept.series[found.plm]) == {1}


def test_duplicates_on_one_leg_count_once_and_are_told():
    found = score_movements(marked(*every(20, 4), *every(20, 4)))
    assert found.counts()["lm"] == 4
    assert said(found, "4 marks repeated")


def test_overlaps_on_one_leg_are_one_movement_and_are_told():
    found = score_movements(marked((40, 3.0), (41, 4.0), (60, 1.0)))
    assert list(found.duration) == [5.0, 1.0]
    assert said(found, "1 mark overlapping")


def test_marks_that_cannot_be_are_left_out_and_counted():
    found = score_movements(
        marked((40, 0.0), (50, -1.0), (60, math.nan), (math.nan, 1), (70, 1))
    )
    assert list(found.onset) == [70]
    assert said(found, "2 marks with a zero or negative duration")
    assert said(found, "2 marks without an onset or a duration")


def test_one_leg_only_is_told():
    assert said(score_movements(marked(*every(20, 4))), "left leg only")
    both = marked(*every(20, 4), *every(20, 4, side="right"))
    assert not said(score_movements(both), "leg only")


def test_unsorted_marks_are_sorted_and_told():
    found = score_movements(marked(*reversed(every(20, 4))))
    assert found.plm.all()
    assert said(found, "not in order of time")


def test_a_mark_without_a_side_is_a_leg_of_its_own_and_told():
    found = score_movements(marked((40, 1, None), (60, 1, "somewhere")))
    assert said(found, "2 marks without a side")
    assert said(found, "unknown side 'somewhere'")


def test_no_hypnogram_means_no_plms_and_rates_per_recorded_hour():
    found = score_movements(marked(*every(20, 4)), valid_s=7200.0)
    assert found.counts() == {"lm": 4, "clm": 4, "plm": 4, "plms": None, "plmw": None}
    assert set(found.indices().values()) == {None}
    summary = found.summary()
    assert summary["recording"]["plm_per_h"] == 2.0
    assert summary["basis"] == "hour of valid recording"
    assert said(found, "no hypnogram")


def test_no_hypnogram_and_no_recorded_time_means_no_rate_at_all():
    found = score_movements(marked(*every(20, 4)))
    assert found.summary()["recording"]["plm_per_h"] is None
    assert said(found, "recording time is unknown")


def test_no_movement_at_all_is_a_result_with_a_warning():
    found = score_movements(marked(), hypnogram=asleep(60), respiratory=[], arousals=[])
    assert found.counts() == {"lm": 0, "clm": 0, "plm": 0, "plms": 0, "plmw": 0}
    assert found.indices()["plms_per_h"] == 0.0
    assert found.indices()["periodicity_index"] is None
    assert said(found, "no leg movement is marked")
    assert len(found.table()) == 0
    assert found.summary()["intervals"]["candidates"]["n"] == 0


def test_unscored_epochs_are_neither_sleep_nor_wake():
    stages = hypnogram_from_epochs(["N2", "?", "N2", "N2", "W"])
    found = score_movements(marked(*every(20, 4, start=25.0)), hypnogram=stages)
    assert found.counts()["plm"] == 4
    assert found.counts()["plms"] == 3
    assert found.hypnogram.sleep_s == 90
    assert said(found, "unscored epochs", "1")


def test_marks_outside_the_hypnogram_count_as_neither_and_are_told():
    found = score_movements(marked(*every(20, 6)), hypnogram=hypnogram_from_epochs(["N2"] * 3))
    assert found.counts()["plm"] == 6
    assert found.counts()["plms"] == 3
    assert said(found, "3 of 6 leg movements lie outside")


def test_a_hypnogram_that_misses_the_night_is_told():
    late = hypnogram_from_epochs(["N2"] * 20, start_s=20000.0)
    found = score_movements(marked(*every(20, 4)), hypnogram=late)
    assert said(found, "no leg movement lies within", "mean nothing")
    assert said(found, "start at the same time")


def test_a_hypnogram_that_goes_on_for_hours_is_told():
    found = score_movements(marked(*every(20, 4)), hypnogram=asleep(120))
    assert said(found, "goes on for", "start at the same time")


@pytest.mark.parametrize("epoch_s", [1.0, 10.0, 20.0, 60.0])
def test_epochs_of_other_lengths_are_taken_as_they_are(epoch_s):
    rows = int(240 / epoch_s)
    stages = hypnogram_from_epochs(["W"] * (rows // 2) + ["N2"] * (rows // 2), epoch_s)
    found = score_movements(marked(*every(20, 8)), hypnogram=stages)
    assert found.counts()["plmw"] == 4
    assert found.counts()["plms"] == 4
    assert found.indices()["plms_per_h"] == pytest.approx(4 / 120 * 3600)


def test_the_respiratory_window_reaches_from_2_before_to_1025_after_the_end():
    def aside(onset, duration=1.0):
        found = score_movements(marked((onset, duration)), respiratory=[[70.0, 30.0]])
        return bool(found.set_aside[0])

    assert not aside(80.0)
    assert aside(97.0)
    assert not aside(96.9)
    assert aside(110.25)
    assert not aside(110.3)


def test_aasm_respiratory_window_covers_the_whole_event():
    found = score_movements(marked((80, 1), (60, 1)), AASM, respiratory=[[70.0, 30.0]])
    assert list(found.set_aside) == [False, True]


def test_with_respiratory_events_both_answers_are_there():
    found = score_movements(
        marked(*every(20, 4)), hypnogram=asleep(3), respiratory=[[60.0, 20.0]]
    )
    summary = found.summary()
    assert summary["counts"]["plms"] == 0
    assert summary["respiratory"]["counts_with_them"]["plms"] == 4
    assert summary["respiratory"]["set_aside"] == 1


def test_an_arousal_within_half_a_second_of_any_part_is_associated():
    found = score_movements(
        marked(*every(20, 4)), hypnogram=asleep(3), arousals=[[61.5, 3.0], [81.6, 3.0]]
    )
    assert list(found.arousal) == [False, True, False, False]
    assert found.summary()["arousal"]["plms"] == 1


def test_rows_of_a_table_without_times_are_left_out_and_told():
    found = score_movements(marked(*every(20, 4)), respiratory=[[math.nan, 3.0], [60.0, -1.0]])
    assert said(found, "2 respiratory events without a usable onset")


def test_both_periodicity_indices_are_named():
    found = score_movements(marked(*every(20, 4), (300, 1)), hypnogram=asleep(6))
    assert found.summary()["periodicity"] == {"share_of_candidates": 0.8, "ferri2006": 0.75}


def test_ferri_2006_needs_three_intervals_in_a_row_over_10_s():
    onset = np.array([0.0, 10, 20, 30, 40])
    assert periodicity_ferri2006(onset, np.ones(5, bool)) == 0.0
    assert periodicity_ferri2006(onset * 1.5, np.ones(5, bool)) == 1.0
    assert periodicity_ferri2006(onset[:1], np.ones(1, bool)) is None


def test_interval_statistics_are_of_the_natural_logarithm():
    found = score_movements(marked((0, 1), (20, 1), (60, 1), (80, 1), (300, 1)))
    within = found.summary()["intervals"]["in_series"]
    logs = np.log([20, 40, 20])
    assert within["n"] == 3
    assert within["log_mean"] == pytest.approx(logs.mean(), abs=1e-6)
    assert within["log_sd"] == pytest.approx(logs.std(ddof=1), abs=1e-6)
    histogram = found.summary()["intervals"]["histogram"]
    assert sum(histogram["counts"]) + histogram["below"] + histogram["above"] == 4


def test_thirds_and_hours_hold_every_movement_once():
    rng = np.random.default_rng(4)
    onset = np.sort(rng.uniform(0, 25000, 400))
    stages = hypnogram_from_epochs(list(rng.choice(["W", "N1", "N2", "N3", "R", ""], 850)))
    marks = movements_from_arrays(onset, np.full(400, 1.0), ["left"] * 400)
    found = score_movements(marks, hypnogram=stages)
    summary = found.summary()
    for parts in (summary["thirds"], summary["hours"]):
        assert sum(part["count"] for part in parts) == summary["counts"]["plms"]
        assert sum(part["time_s"] for part in parts) == pytest.approx(stages.sleep_s)
    assert len(summary["thirds"]) == 3


def test_series_lengths_are_counted():
    rows = [*every(20, 4), *every(20, 4, start=500), *every(20, 6, start=1000)]
    summary = score_movements(marked(*rows)).summary()
    assert summary["series"] == {"n": 3, "lengths": {"4": 2, "6": 1}}


def test_a_mask_covers_onset_but_not_offset():
    found = score_movements(marked((1.0, 2.0), (2.0, 5.0, "right"), (50, 1)))
    mask = found.mask(np.array([0.9, 1.0, 6.9, 7.0, 50.5]), "lm")
    assert list(mask) == [False, True, True, False, True]
    assert not found.mask(np.arange(60.0)).any()


def test_a_table_has_one_row_for_each_movement():
    table = score_movements(marked(*every(20, 4), (300, 1)), hypnogram=asleep(5)).table()
    assert list(table["plm"]) == [True] * 4 + [False]
    assert table["series"].isna().sum() == 1
    assert list(table["stage"]) == ["N2"] * 4 + [""]


def test_comparing_a_scoring_with_itself_agrees_in_everything():
    found = score_movements(marked(*every(20, 5)), hypnogram=asleep(5))
    agreement = found.compare(found)
    assert (agreement.f1, agreement.onset_bias_s, agreement.index_difference) == (1.0, 0.0, 0.0)
    assert agreement.kappa == pytest.approx(1.0)
    late = score_movements(marked(*every(20, 5, start=40.4)), hypnogram=asleep(5))
    near = found.compare(late, onset_tolerance_s=0.5)
    assert (near.f1, near.onset_bias_s) == (1.0, pytest.approx(0.4))
    assert found.compare(late, min_iou=0.5).f1 == 0.0
    assert near.kappa < 1.0


def test_changed_options_are_named_in_the_summary():
    changed = replace(WASM2016, imi_max_inclusive=False)
    summary = score_movements(marked(), changed).summary()
    assert summary["changed_options"] == {"imi_max_inclusive": False}


@pytest.mark.parametrize("shape", [[[1.0]], [1.0, 2.0], [[1.0, 2.0, 3.0]]])
def test_a_table_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match="onset and duration"):
        score_movements(marked(), respiratory=shape)


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="one value for each mark"):
        movements_from_arrays([1.0], [1.0, 2.0], ["left"])


@pytest.mark.parametrize("valid_s", [0.0, -1.0, math.nan, math.inf])
def test_a_recorded_time_that_cannot_be_is_refused(valid_s):
    with pytest.raises(ValueError, match="recorded time"):
        score_movements(marked(), valid_s=valid_s)


def test_the_two_rule_tables_are_complete_and_differ():
    assert [f.name for f in fields(Rules)] == list(Rules.__slots__)
    assert WASM2016.name == "wasm2016"
    assert AASM.name == "aasm"
    assert (AASM.imi_min, WASM2016.imi_min) == (5.0, 10.0)


def test_a_hypnogram_without_sleep_has_no_rate_per_hour_of_sleep():
    stages = hypnogram_from_rows([0.0], [600.0], ["W"])
    found = score_movements(marked(*every(20, 4)), hypnogram=stages)
    assert found.indices()["plms_per_h"] is None
    assert found.indices()["plmw_per_h"] == pytest.approx(24.0)
    assert said(found, "no sleep")
