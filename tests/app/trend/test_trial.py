"""``crampwatch trial``: plans are random, sealed and safe; their analysis keeps its size."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from crampwatch.app.cli.program import app
from crampwatch.app.trend.past_night import PastCramp, PastNight
from crampwatch.app.trend.trial_analysis import analyse, randomised
from crampwatch.app.trend.trial_calendar import calendar_events, calendar_page
from crampwatch.app.trend.trial_plan import plan_text, plan_trial, read_plan
from crampwatch.recording.errors import CrampwatchError

START = date(2026, 9, 1)
LATER = START + timedelta(days=400)


def plan_of(**changes):
    return plan_trial(**({"measure": "stretching before bed", "start": START} | changes))


def run(*arguments, code=0):
    result = CliRunner().invoke(app, ["trial", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


def night(tmp_path, evening, cramps=0, **changes):
    from datetime import datetime, time

    found = tuple(PastCramp(60.0 * k, 60.0, None, possible=False) for k in range(cramps))
    values = {"recorded_s": 3e4, "valid_s": 2.8e4, "cramps": found} | changes
    return PastNight(tmp_path, "anna", datetime.combine(evening, time(23)), **values)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 3), st.integers(1, 3), st.integers(2, 6), st.integers(0, 2), st.integers(0)
)
def test_every_block_is_half_with_and_half_without(period, pairs, blocks, wash_out, seed):
    block = 2 * pairs * period
    nights = block * blocks
    if wash_out >= period or nights < 8:
        return
    plan = plan_of(nights=nights, block=block, period=period, wash_out=wash_out, seed=seed)
    calendar = plan.calendar()
    for number in range(blocks):
        taken = [night.measure for night in calendar if night.block == number]
        assert sum(taken) * 2 == len(taken) == block
    assert sum(not night.counted for night in calendar) == wash_out * nights // period
    assert calendar == plan.calendar()


def test_seeds_make_different_orders():
    assert len({plan_of(seed=seed).order().tobytes() for seed in range(20)}) > 15


@pytest.mark.parametrize(
    "measure",
    [
        "quinine",
        "a magnesium tablet",
        "no statins",
        "Vitamin D",
        "stop my Medication",
        "tonic water in the evening",
        "400 mg of something",
        "food supplements",
        "MELATONIN",
        "diazepam",
    ],
)
def test_medicines_and_supplements_are_for_a_doctor(measure):
    with pytest.raises(CrampwatchError, match="for a doctor"):
        plan_of(measure=measure)


@pytest.mark.parametrize(
    "measure",
    [
        "stretching before bed",
        "a pillow under the knees",
        "a glass of mineral water",
        "a warm bath",
        "socks",
        "no alcohol",
        "herbal tea",
        "less salt",
        "a loose blanket over the feet",
        "ironing in the evening",
        "walking ten minutes",
    ],
)
def test_everyday_measures_are_not_refused(measure):
    assert plan_of(measure=measure).measure == measure


@pytest.mark.parametrize(
    "changes",
    [
        {"nights": 27},
        {"nights": 4},
        {"nights": 400},
        {"block": 3},
        {"block": 0},
        {"block": -4},
        {"period": 0},
        {"period": 3},
        {"wash_out": 1},
        {"wash_out": -1},
        {"measure": " "},
        {"factor": "medicines"},
        {"start": date(9999, 12, 30)},
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_one_line(changes):
    with pytest.raises(CrampwatchError) as failure:
        plan_of(**changes)
    assert "\n" not in str(failure.value)


def test_a_plan_comes_back_whole(tmp_path):
    plan = plan_of(measure='"quotes" \\ and ünïcode', period=2, wash_out=1, factor="stretched")
    (tmp_path / "t.toml").write_text(plan_text(plan), "utf-8")
    assert read_plan(tmp_path / "t.toml") == plan


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seed = 1", "seed = 2"),
        ('outcome = "cramp_nights"', 'outcome = "cramps"'),
        ("least_hours = 4.0", "least_hours = 1.0"),
        (" with\n", " without\n"),
        ("stretching", "sitting"),
        ("nights = 28", "nights = 1000000000"),
        ("block = 4", "block = []"),
    ],
)
def test_a_plan_that_was_changed_is_refused(tmp_path, old, new):
    text = plan_text(plan_of()).replace('with",\n', 'with",\n')
    changed = text.replace(old.replace("\n", '",\n'), new.replace("\n", '",\n'), 1)
    assert changed != text
    (tmp_path / "t.toml").write_text(changed, "utf-8")
    with pytest.raises(CrampwatchError):
        read_plan(tmp_path / "t.toml")


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=300))
def test_any_file_is_refused_in_one_line(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("t") / "t.toml"
    path.write_bytes(data)
    with pytest.raises(CrampwatchError) as failure:
        read_plan(path)
    assert "\n" not in str(failure.value)


def outcomes(plan, effect, rng):
    """Return simulated cramp nights: a half, less with the measure, worse in some blocks."""
    taken = np.array([night.measure for night in plan.calendar()])
    drift = np.repeat(rng.uniform(-0.3, 0.3, plan.nights // plan.block), plan.block)
    chance = np.clip(0.5 + drift - effect * taken, 0.0, 1.0)
    return (rng.random(taken.size) < chance).astype(float), taken


def redrawn(plan, count=499):
    return np.repeat(plan.draw(count, 77), plan.period, axis=1)


def test_simulated_the_test_keeps_its_size_while_nights_drift():
    rng = np.random.default_rng(11)
    p = []
    for seed in range(300):
        plan = plan_of(seed=seed)
        values, taken = outcomes(plan, 0.0, rng)
        p.append(randomised(values, taken, redrawn(plan))[1])
    # 300 trials of a true 5 %: more than 26 would be seen once in a thousand times
    assert sum(each <= 0.05 for each in p) <= 26


def test_simulated_a_strong_effect_is_found_and_its_interval_holds_it():
    rng = np.random.default_rng(12)
    found = covered = 0
    for seed in range(60):
        plan = plan_of(seed=seed, nights=40)
        values, taken = outcomes(plan, 0.0, rng)
        values = values + 2.0 - 1.5 * taken
        estimate, p = randomised(values, taken, redrawn(plan))
        found += p <= 0.05
        covered += estimate.low <= -1.5 <= estimate.high
    assert found >= 57
    assert covered >= 52


def test_the_interval_agrees_with_the_test():
    rng = np.random.default_rng(13)
    for seed in range(40):
        plan = plan_of(seed=seed)
        values, taken = outcomes(plan, 0.3, rng)
        estimate, p = randomised(values, taken, redrawn(plan))
        if abs(p - 0.05) > 0.01:
            assert (estimate.low <= 0.0 <= estimate.high) == (p > 0.05)


def test_nights_with_alerts_and_short_ones_are_left_out(tmp_path):
    plan = plan_of()
    days = [each.evening for each in plan.calendar()]
    nights = [night(tmp_path, day) for day in days[3:]]
    nights.append(night(tmp_path, days[0], 3, intervened=True))
    nights.append(night(tmp_path, days[1], valid_s=3600.0))
    nights.append(night(tmp_path, START - timedelta(days=5), 5))
    found = analyse(plan, nights, LATER)
    assert [why for _, why in found.left_out] == [
        "alerts",
        "too few usable hours",
        "no recording",
    ]
    assert found.effects["cramps"].difference.value == 0.0
    assert found.effects["cramps"].p == 1.0


def test_adherence_comes_from_the_diary_and_nights_stay_as_assigned(tmp_path):
    plan = plan_of(factor="stretched")
    nights = [
        night(tmp_path, each.evening, factors={"stretched": True}) for each in plan.calendar()
    ]
    found = analyse(plan, nights, LATER)
    assert (found.asked, found.kept) == (28, 14)
    assert sum(planned.measure for planned, _ in found.counted) == 14


def test_looking_early_shows_nothing_unless_asked_for_and_is_told(tmp_path):
    plan = plan_of()
    nights = [night(tmp_path, each.evening) for each in plan.calendar()[:16]]
    today = nights[-1].evening
    assert analyse(plan, nights, today).effects == {}
    assert "not over" in analyse(plan, nights, today).why_not
    looked = analyse(plan, nights, today, early=True)
    assert looked.effects
    assert looked.as_json()["early_look"] is True


def test_too_few_nights_to_say(tmp_path):
    found = analyse(plan_of(), [night(tmp_path, START)], LATER)
    assert found.why_not.startswith("too few nights to say")


def test_calendars_hold_every_night():
    plan = plan_of(measure="stretching; both legs, " + "long " * 20)
    text = calendar_events(plan)
    assert text.count("BEGIN:VEVENT") == 28
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "stretching\\; both legs\\," in text.replace("\r\n ", "")
    assert calendar_page(plan).count("<tr>") == 29


def test_from_plan_to_analysis_by_the_command_line(nights, tmp_path):
    plan = tmp_path / "trial.toml"
    told = (
        "--measure",
        "stretching before bed",
        "--from",
        "2026-09-01",
        "--factor",
        "stretched",
    )
    run("plan", *told, "--out", plan, "--calendar", tmp_path / "c.ics")
    assert "written over" in run("plan", *told, "--out", plan, code=1)
    taken = [each.measure for each in read_plan(plan).calendar()]
    root = nights(
        [0 if measure else 1 for measure in taken],
        factors=[{"stretched": measure} for measure in taken],
    )
    found = json.loads(run("analyse", plan, root, "--json"))
    assert found["effects"]["cramp_nights"]["difference"]["value"] == -1.0
    assert found["effects"]["cramp_nights"]["p"] < 0.001
    assert (found["diary_tells"], found["as_planned"]) == (28, 28)
    text = run("analyse", plan, root)
    assert "set beforehand" in text
    assert "no advice" in text
    assert "for a doctor" in run(
        "plan", "--measure", "magnesium", "--out", tmp_path / "m.toml", code=1
    )
