"""Every vector of the set, exactly, and the readings of the other programs."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from crampwatch.detection.plm import AASM, WASM2016, movements_from_arrays, score_movements
from crampwatch.detection.plm.movements import SIDE_NAMES
from crampwatch.recording.annotations.hypnogram import hypnogram_from_epochs

DATA = Path(__file__).parents[1] / "data" / "plm"
WASM_CASES = json.loads((DATA / "wasm2016.json").read_text())["cases"]
AASM_CASES = json.loads((DATA / "aasm.json").read_text())["cases"]

TIME_S, INDEX = 0.002, 0.006

MATPLM = replace(
    WASM2016,
    same_leg_join=None,
    min_duration_step="before",
    combine_gap_inclusive=True,
    combine_when_one_leg=False,
    imi_from="previous_candidate",
)
SOMAS = replace(
    WASM2016,
    same_leg_join=None,
    min_duration_step="before",
    combine_scope="left_right_pairs",
    combine_when_one_leg=False,
    imi_max_inclusive=False,
    short_imi_can_start=False,
    duration_slack=0.001,
    stage_at_boundary="ends",
    respiratory_noncandidates="removed",
    imi_from="previous_movement",
)


def ids(cases):
    return [case["id"] for case in cases]


def score(case, rules, respiratory=False):
    given = case["input"]
    onset, duration, side = zip(*given["lm"], strict=True) if given["lm"] else ((), (), ())
    return score_movements(
        movements_from_arrays(onset, duration, side),
        rules,
        hypnogram=hypnogram_from_epochs(given["hypnogram"]),
        respiratory=given["respiratory"] if respiratory else None,
        arousals=given["arousals"],
    )


def near(value, expected, tolerance):
    if value is None or expected is None:
        return value is None and expected is None
    return math.isclose(value, expected, rel_tol=0, abs_tol=tolerance)


def differences(found, expected, skip=()):
    """What differs from an answer in the command's form; series labels may be any."""
    wrong = []
    rows = expected["events"]
    if len(found) != len(rows):
        return [f"{len(found)} events, expected {len(rows)}"]
    labels = set()
    for i, row in enumerate(rows):
        imi = None if math.isnan(found.kept.imi[i]) else float(found.kept.imi[i])
        for name, value in (
            ("onset", found.onset[i]),
            ("duration", found.duration[i]),
            ("imi", imi),
        ):
            if not near(value, row[name], TIME_S):
                wrong.append(f"{row['onset']}: {name} {value} not {row[name]}")
        for name, value in (
            ("side", SIDE_NAMES[found.side[i]]),
            ("clm", bool(found.candidate[i])),
            ("plm", bool(found.plm[i])),
        ):
            if value != row[name]:
                wrong.append(f"{row['onset']}: {name} {value} not {row[name]}")
        labels.add((int(found.kept.series[i]), row["series"] or 0))
    if len(labels) != len(dict(labels)) or len(labels) != len({b for _, b in labels}):
        wrong.append(f"series {sorted(labels)}")
    if found.counts() != expected["counts"]:
        wrong.append(f"{found.counts()} not {expected['counts']}")
    for name, value in expected["indices"].items():
        if name not in skip and not near(found.indices()[name], value, INDEX):
            wrong.append(f"{name} {found.indices()[name]} not {value}")
    return wrong


@pytest.mark.parametrize("case", WASM_CASES, ids=ids(WASM_CASES))
def test_wasm2016_gives_the_expected_answer(case):
    assert differences(score(case, WASM2016), case["expected"]) == []


WITH_RESPIRATORY = [case for case in WASM_CASES if case["expected_resp"]]
AASM_RESPIRATORY = [case for case in AASM_CASES if case["expected_resp"]]


@pytest.mark.parametrize(
    ("case", "rules"),
    [(case, WASM2016) for case in WITH_RESPIRATORY]
    + [(case, AASM) for case in AASM_RESPIRATORY],
    ids=ids(WITH_RESPIRATORY + AASM_RESPIRATORY),
)
def test_respiratory_movements_are_set_aside_before_series_are_sought(case, rules):
    found, expected = score(case, rules, respiratory=True), case["expected_resp"]
    assert found.onset[found.set_aside] == pytest.approx(expected["resp_onsets"], abs=TIME_S)
    assert found.onset[found.plm] == pytest.approx(expected["plm_onsets"], abs=TIME_S)
    labels = {
        (int(a), b)
        for a, (_, b) in zip(found.kept.series[found.plm], expected["series"], strict=True)
    }
    assert len(labels) == len({a for a, _ in labels}) == len({b for _, b in labels})
    for name, value in expected["counts"].items():
        assert found.counts()[name] == value
    for name, value in expected["indices"].items():
        assert near(found.indices()[name], value, INDEX)


@pytest.mark.parametrize("case", WITH_RESPIRATORY, ids=ids(WITH_RESPIRATORY))
def test_the_narrow_respiratory_window_is_an_option(case):
    narrow = replace(WASM2016, respiratory_before=0.5, respiratory_after=0.5)
    found = score(case, narrow, respiratory=True)
    expected = case["oracles"]["PLMScoRe"].get("resp_excluded_pm0.5")
    if expected is None:
        expected = case["oracles"]["PLMScoRe"]["resp_excluded"]
        assert expected["plm"] == score(case, WASM2016, respiratory=True).counts()["plm"]
        return
    assert found.counts()["plm"] == expected["plm"]
    assert found.counts()["plms"] == expected["plms"]
    assert found.onset[found.plm] == pytest.approx(expected["plm_nr_onsets"], abs=TIME_S)


@pytest.mark.parametrize("case", WASM_CASES, ids=ids(WASM_CASES))
def test_arousals_stages_and_respiratory_marks_are_those_of_plmscore(case):
    found = score(case, WASM2016, respiratory=True)
    rows = case["oracles"]["PLMScoRe"]["rows"]
    assert list(found.stage) == [row[7] for row in rows]
    assert list(found.respiratory) == [row[8] for row in rows]
    assert list(found.arousal) == [row[9] for row in rows]


@pytest.mark.parametrize("case", AASM_CASES, ids=ids(AASM_CASES))
def test_aasm_gives_one_of_the_expected_answers(case):
    found = score(case, AASM)
    wrong = [differences(found, e, case["not_checked"]) for e in case["expected_any"]]
    assert [] in wrong, wrong


def clean_run(case, program):
    """The program's own answer, from the padded run where its record edges matter."""
    return case["oracles"].get(f"{program}_padded") or case["oracles"][program]


def assert_rows(found, rows, kept):
    """The program's list, flags and intervals; SOMAS writes 0 where no interval is."""
    assert found.onset[kept] == pytest.approx([row[0] for row in rows], abs=TIME_S)
    assert found.duration[kept] == pytest.approx([row[1] for row in rows], abs=TIME_S)
    assert list(found.candidate[kept]) == [row[3] for row in rows]
    assert list(found.plm[kept]) == [row[4] for row in rows]
    assert list(found.stage[kept]) == [row[7] for row in rows]
    for imi, row in zip(found.kept.imi[kept], rows, strict=True):
        assert near(0.0 if math.isnan(imi) else imi, row[6] or 0.0, TIME_S)


UNCHECKED = [c for c in WASM_CASES if "last_long_unchecked" in c["sensitive_to"]]


@pytest.mark.parametrize(
    "case",
    [case for case in WASM_CASES if case not in UNCHECKED],
    ids=lambda case: case["id"],
)
def test_matplms_readings_give_matplms_answer(case):
    found = score(case, MATPLM)
    assert_rows(found, clean_run(case, "MATPLM")["rows"], found.candidate)


def test_only_its_unchecked_last_movement_parts_us_from_matplm():
    assert len(UNCHECKED) == 4
    for case in UNCHECKED:
        found = score(case, MATPLM)
        extra = len(case["oracles"]["MATPLM"]["rows"]) - int(found.candidate.sum())
        assert extra == 1


EDGE_CASES = {"night_01"}


@pytest.mark.parametrize(
    "case", [c for c in WASM_CASES if c["id"] not in EDGE_CASES], ids=lambda case: case["id"]
)
def test_somas_readings_give_somas_answer(case):
    found = score(case, SOMAS)
    assert_rows(found, clean_run(case, "SOMAS")["rows"], found.onset > -1)


def test_only_its_last_movement_parts_us_from_somas():
    (case,) = (c for c in WASM_CASES if c["id"] in EDGE_CASES)
    found, rows = score(case, SOMAS), case["oracles"]["SOMAS"]["rows"]
    assert list(found.plm[:-1]) == [row[4] for row in rows[:-1]]
    assert found.plm[-1]
    assert not rows[-1][4]


@pytest.mark.parametrize("program", ["MATPLM", "SOMAS"])
def test_no_shipped_option_is_idle(program):
    """Flipping to the other program's readings changes at least one answer of the set."""
    rules = {"MATPLM": MATPLM, "SOMAS": SOMAS}[program]
    assert any(differences(score(case, rules), case["expected"]) for case in WASM_CASES)


OPEN = {
    "short_interval": {"short_interval": "passed_over"},
    "leg_chain": {"combine_from": "piece_to_piece"},
    "wake_lm": {"wake_movement": "stays"},
    "merge_order": {"duration_judged": "after_combining"},
}


@pytest.mark.parametrize(
    "case", [c for c in AASM_CASES if c["open_question"]], ids=lambda case: case["id"]
)
def test_every_open_question_of_aasm_has_an_option_for_its_other_answer(case):
    shipped = score(case, AASM)
    other = score(case, replace(AASM, **OPEN[case["open_question"]]))
    reached = {
        i
        for found in (shipped, other)
        for i, expected in enumerate(case["expected_any"])
        if not differences(found, expected, case["not_checked"])
    }
    assert reached == {0, 1}
