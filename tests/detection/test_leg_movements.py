"""The detector's own leg movements, scored by the book: bases apart, stages, rhythms."""

from dataclasses import replace

import numpy as np
import pytest

from crampwatch.detection import Engine, Settings, score_night
from crampwatch.detection.movements.motor_events import find_motor_events
from crampwatch.detection.movements.pulse import without_heartbeat
from crampwatch.detection.plm import movements_from_arrays
from crampwatch.recording.annotations.hypnogram import hypnogram_from_epochs
from crampwatch.recording.annotations.tsv import read_events
from crampwatch.recording.model import Event, Night
from crampwatch.recording.readers import open_recording
from crampwatch.sample_data import samples

SERIES = [(100.0 + 30.0 * i, 2.0, 20.0) for i in range(6)]


def night(*streams, **changes):
    return Night(streams=streams, **changes)


def kinds(score, kind):
    return [event for event in score.events if event.trial_type == kind]


def by_rule(score):
    return score.summary()["leg_movements"]["by_rule"]


@pytest.fixture(scope="module")
def sample():
    shipped = next(each for each in samples() if each.simulated)
    return open_recording(shipped.path), read_events(shipped.truth)


@pytest.fixture
def shin(lab):
    """Return a night of one tibialis anterior with six movements half a minute apart."""
    return night(lab.emg(lab.muscle(900.0, *SERIES)))


def test_the_series_of_the_shipped_night_is_found_and_nothing_else(sample):
    recording, truth = sample
    score = score_night(recording)
    wanted = replace(score, events=tuple(replace(e, extra={"rule": "wasm2016"}) for e in truth))
    for criterion, found in wanted.compare(score).items():
        assert (found.precision, found.recall) == (1.0, 1.0), criterion
    assert score.standard.counts()["plm"] == sum(e.trial_type == "PLM" for e in truth)
    assert abs(wanted.compare(score)["overlap"].onset_bias_s) < 0.2


def test_movements_in_a_series_are_plm_and_the_others_lm(lab):
    alone = (600.0, 2.0, 20.0)
    score = score_night(night(lab.emg(lab.muscle(900.0, *SERIES, alone))))
    assert [e.extra["series"] for e in kinds(score, "PLM")] == [1] * 6
    (other,) = kinds(score, "LM")
    assert other.onset == pytest.approx(600.0, abs=0.1)
    assert (other.extra["series"], other.extra["clm"]) == (None, True)
    assert kinds(score, "PLM")[1].extra["imi"] == pytest.approx(30.0, abs=0.1)
    summary = score.summary()
    assert summary["counts"] == {"LM": 1, "PLM": 6}
    assert summary["leg_movements"]["standard"] == "wasm2016"


def test_both_legs_keep_their_rows_and_are_counted_once(lab):
    late = [(onset + 0.3, length, level) for onset, length, level in SERIES]
    left = lab.emg(lab.muscle(900.0, *SERIES), label="EMG L TA")
    right = lab.emg(lab.muscle(900.0, *late, seed=2), label="EMG R TA")
    score = score_night(night(left, right))
    rows = kinds(score, "PLM")
    assert sorted({e.side for e in rows}) == ["left", "right"]
    assert len(rows) == 12
    assert score.standard.counts()["plm"] == 6
    numbers = [e.extra["movement"] for e in rows]
    assert sorted(numbers) == sorted([*range(1, 7)] * 2)


def test_two_legs_that_take_turns_make_one_series_by_the_standard(lab):
    left = lab.emg(lab.muscle(900.0, *SERIES[::2]), label="EMG L TA")
    right = lab.emg(lab.muscle(900.0, *SERIES[1::2], seed=2), label="EMG R TA")
    score = score_night(night(left, right))
    assert score.standard.counts()["plm"] == 6
    assert {e.extra["series"] for e in kinds(score, "PLM")} == {1}


def test_the_bases_are_never_mixed(lab):
    left = lab.emg(lab.muscle(900.0, *SERIES[::2]), label="EMG L TA")
    right = lab.emg(lab.muscle(900.0, *SERIES[1::2], seed=2), label="EMG R GM")
    score = score_night(night(left, right))
    assert not kinds(score, "PLM")
    counts = by_rule(score)
    assert (counts["wasm2016"]["counts"]["lm"], counts["calf"]["counts"]["movements"]) == (3, 3)


@pytest.mark.parametrize(
    ("label", "changes", "rule"),
    [
        ("EMG L GM", {}, "calf"),
        ("EMG L TA", {"calibrated": False, "unit": "count"}, "relative"),
    ],
)
def test_a_series_by_no_standard_is_neither_counted_nor_headlined_as_plm(
    lab, label, changes, rule
):
    score = score_night(night(lab.emg(lab.muscle(900.0, *SERIES), label=label, **changes)))
    assert {e.extra["rule"] for e in kinds(score, "PLM")} == {rule}
    summary = score.summary()
    assert summary["counts"] == {"LM": 6}
    movements = summary["leg_movements"]
    assert movements["standard"] is None
    assert score.standard is None
    assert movements["headline"].startswith("No periodic limb movements by a standard")
    assert "not a count of periodic limb movements" in movements["by_rule"][rule]["about"]
    assert movements["by_rule"][rule]["counts"]["in_series"] == 6
    assert not any("plm" in key for key in movements["by_rule"][rule]["counts"])
    assert not any("plm" in key for key in movements["by_rule"][rule]["indices"])


def test_an_accelerometer_alone_has_movements_and_series_of_its_own(lab):
    shakes = [(onset, length, 0.3) for onset, length, _ in SERIES]
    score = score_night(night(lab.acc(900.0, *shakes)))
    assert list(by_rule(score)) == ["accelerometric"]
    assert by_rule(score)["accelerometric"]["counts"]["in_series"] == 6
    assert score.summary()["counts"] == {"LM": 6}
    assert score.summary()["leg_movements"]["standard"] is None


def test_without_stages_rates_are_per_hour_of_valid_recording_and_say_so(shin):
    (entry,) = by_rule(score_night(shin)).values()
    assert (entry["counts"]["plms"], entry["counts"]["plmw"]) == (None, None)
    rate = entry["indices"]["plm_per_valid_hour"]
    assert rate["unit"] == "1/h"
    assert rate["value"] == pytest.approx(6 / (entry["valid_s"] / 3600.0))
    assert "per hour of valid recording" in rate["definition"]
    assert not any(name.startswith("plms") for name in entry["indices"])
    assert any("no hypnogram" in line for line in entry["warnings"])


def test_a_hypnogram_tells_sleep_from_wake(shin):
    stages = hypnogram_from_epochs(["W"] * 5 + ["N2"] * 25)
    score = score_night(shin, hypnogram=stages)
    (entry,) = by_rule(score).values()
    assert (entry["counts"]["plms"], entry["counts"]["plmw"]) == (4, 2)
    assert entry["indices"]["plms_index"]["value"] == pytest.approx(4 * 3600 / 750)
    assert "per hour of sleep" in entry["about"]
    assert [e.extra["stage"] for e in kinds(score, "PLM")] == ["W"] * 2 + ["N2"] * 4


def test_stages_of_the_recording_serve_where_no_hypnogram_is_given(shin):
    stages = hypnogram_from_epochs(["N2"] * 30)
    score = score_night(replace(shin, events=stages.events()))
    assert score.standard.counts()["plms"] == 6
    assert any("stages in the recording" in line for line in score.warnings)
    given = score_night(replace(shin, events=stages.events()), hypnogram=stages.shifted(120))
    assert given.standard.counts()["plms"] == 5


def test_breathing_and_arousals_of_the_recording_are_used(shin):
    marks = (
        Event(210.0, 10.0, "marker", extra={"text": "Obstructive Apnea"}),
        Event(252.0, 3.0, "arousal"),
    )
    score = score_night(replace(shin, events=marks))
    rows = [e for e in score.events if e.trial_type in {"LM", "PLM"}]
    assert [e.extra["respiratory"] for e in rows] == [i == 4 for i in range(6)]
    assert [e.extra["arousal"] for e in rows] == [i == 5 for i in range(6)]
    assert score.standard.counts()["plm"] == 5


@pytest.mark.parametrize(
    ("shift", "words"),
    [(36000.0, "lies outside the recording"), (600.0, "covers 33% of the recording")],
)
def test_stages_of_another_time_are_warned_of(shin, shift, words):
    stages = hypnogram_from_epochs(["N2"] * 30).shifted(shift)
    score = score_night(shin, hypnogram=stages)
    assert any(words in line for line in score.warnings)


def test_stages_without_a_duration_are_told_and_not_used(shin):
    score = score_night(replace(shin, events=(Event(0.0, 0.0, "sleep_N2"),)))
    assert any("no duration" in line for line in score.warnings)
    assert score.standard.counts()["plms"] is None


def test_a_turn_in_bed_ends_a_series_by_wasm_and_not_by_aasm(lab):
    shin = lab.emg(lab.muscle(900.0, *SERIES, (172.0, 8.0, 40.0)))
    turning = lab.acc(900.0, (172.0, 8.0, 0.5), turns=[(176.0, 60.0)])
    recording = night(shin, turning)
    assert score_night(recording).standard.counts()["plm"] == 0
    by_aasm = score_night(recording, Settings(rules="aasm"))
    assert by_aasm.standard.basis == "aasm"
    assert by_aasm.standard.counts()["plm"] == 6


def test_a_mask_and_a_table_of_the_night(shin):
    score = score_night(shin)
    times = np.array([100.5, 110.0, 130.5])
    assert score.mask(times, ["PLM"]).tolist() == [True, False, True]
    assert not score.mask(times, ["PLM"], "right").any()
    table = score.table()
    assert len(table) == len(score.events)
    assert {"series", "imi", "clm", "movement", "rule"} <= set(table.columns)


def test_an_event_is_never_matched_with_one_of_the_other_leg(shin):
    score = score_night(shin)
    swapped = replace(score, events=tuple(replace(e, side="right") for e in score.events))
    assert score.compare(score)["half"].f1 == 1.0
    assert score.compare(swapped)["half"].n_matched == 0
    assert score.compare(swapped)["half"].index_difference == 0.0


def beats(start, count, gap, length, level=20.0):
    return [(start + gap * i, length, level) for i in range(count)]


def test_alternating_activation_is_found_in_the_envelopes(lab):
    left = lab.muscle(700.0, *beats(300.0, 6, 1.0, 0.25))
    right = lab.muscle(700.0, *beats(300.5, 6, 1.0, 0.25), seed=2)
    score = score_night(night(lab.emg(left), lab.emg(right, label="EMG R TA")))
    (run,) = kinds(score, "ALMA")
    assert run.extra["bursts"] == 12
    assert run.extra["rate_hz"] == pytest.approx(2.0, abs=0.1)
    assert run.onset == pytest.approx(300.0, abs=0.05)
    assert not kinds(score, "HFT")


def test_a_rhythm_is_one_run_where_one_burst_does_not_fit(lab):
    shin = [*beats(300.0, 5, 1.0, 0.4), *beats(306.0, 5, 1.0, 0.4)]
    score = score_night(night(lab.emg(lab.muscle(700.0, *shin, (305.0, 0.15, 20.0)))))
    (run,) = kinds(score, "HFT")
    assert run.extra["bursts"] == 10
    assert run.end == pytest.approx(310.4, abs=0.05)


def test_the_length_of_a_burst_is_measured(lab):
    for length in (0.1, 0.25, 0.5):
        acts = beats(300.0, 40, 3.0, length)
        engine = Engine((lab.emg(lab.muscle(700.0, *acts)),))
        engine.push(0, 0, 0.0, lab.raw(lab.muscle(700.0, *acts), lab.step))
        engine.finish()
        hop_s = engine.channels[0].grid.hop_s
        found = [(b.last - b.first) * hop_s for _, b in engine.channels[0].bursts]
        assert len(found) == 40
        assert np.median(found) == pytest.approx(length, abs=0.03)


def test_a_tremor_of_one_foot_is_found_and_is_no_candidate(lab):
    score = score_night(night(lab.emg(lab.muscle(700.0, *beats(300.0, 6, 1.0, 0.4)))))
    (run,) = kinds(score, "HFT")
    assert (run.side, run.extra["bursts"]) == ("left", 6)
    assert all(not e.extra["clm"] for e in kinds(score, "LM"))
    assert score.standard.counts()["plm"] == 0


def test_leg_movements_and_large_movements_are_no_rhythm(lab):
    shin = lab.emg(lab.muscle(900.0, *SERIES, *beats(600.0, 8, 1.0, 0.4)))
    shaking = lab.acc(900.0, (598.0, 12.0, 0.5), turns=[(604.0, 60.0)])
    score = score_night(night(shin, shaking))
    assert not kinds(score, "HFT")
    assert not kinds(score, "ALMA")


def twitches(seconds, per_minute, seed=4):
    rng = np.random.default_rng(seed)
    count = round(seconds / 60.0 * per_minute)
    gaps = rng.dirichlet(np.full(count + 1, 3.0)) * seconds
    return [(float(at), 0.08, 30.0) for at in np.cumsum(gaps)[:-1]]


def test_fragmentary_myoclonus_is_named_with_a_hypnogram_only(lab):
    recording = night(lab.emg(lab.muscle(2400.0, *twitches(2400.0, 12.0))))
    blind = score_night(recording)
    assert not kinds(blind, "EFM")
    assert "hypnogram" in blind.summary()["motor_events"]["EFM"]["reason"]
    rate = blind.motor.brief_per_minute["left"]
    assert rate == pytest.approx(12.0, rel=0.1)
    asleep = score_night(recording, hypnogram=hypnogram_from_epochs(["N2"] * 80))
    assert kinds(asleep, "EFM")
    assert sum(e.extra["bursts"] for e in kinds(asleep, "EFM")) > 300


def test_bursts_in_step_with_a_pulse_are_the_heart_and_no_myoclonus():
    rng = np.random.default_rng(1)
    heart = np.cumsum(rng.normal(0.9, 0.02, 2000))
    some = heart[np.sort(rng.choice(2000, 300, replace=False))]
    irregular = np.sort(rng.uniform(0.0, 1800.0, 300))
    for onset, left in ((heart, 0), (some, 0), (irregular, 300)):
        bursts = movements_from_arrays(onset, np.full(onset.size, 0.08), ["left"] * onset.size)
        kept, minutes = without_heartbeat(bursts)
        assert len(kept) == left
        assert (minutes["left"] > 0) is (left == 0)


def test_below_200_hz_no_rhythm_is_looked_for(lab):
    shin = lab.emg(lab.muscle(700.0, *beats(300.0, 6, 1.0, 0.4), rate=128.0), rate=128.0)
    score = score_night(night(shin))
    assert score.summary()["motor_events"]["HFT"] is None
    assert not find_motor_events(movements_from_arrays([], [], []))[0]
