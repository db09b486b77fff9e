"""What must stay the same when a night is turned, moved or shuffled."""

import json
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.detection.plm import RULE_SETS, movements_from_arrays, score_movements
from crampwatch.recording.annotations.hypnogram import hypnogram_from_epochs

EIGHTH = st.integers(0, 8 * 1200).map(lambda n: n / 8)
ROW = st.tuples(
    EIGHTH,
    st.integers(1, 8 * 14).map(lambda n: n / 8),
    st.sampled_from(["left", "right"]),
    st.booleans(),
)
ROWS = st.lists(ROW, max_size=40)
STAGES = st.lists(st.sampled_from(["W", "N1", "N2", "N3", "R", "?"]), min_size=1, max_size=45)
RULES = st.sampled_from(sorted(RULE_SETS)).map(RULE_SETS.get)
EVENTS = st.lists(st.tuples(EIGHTH, st.integers(0, 80).map(lambda n: n / 8)), max_size=6)


def score(rows, rules, **given_):
    onset, duration, side, cramp = zip(*rows, strict=True) if rows else ((), (), (), ())
    long = [c and d > 3 for c, d in zip(cramp, duration, strict=True)]
    return score_movements(movements_from_arrays(onset, duration, side, long), rules, **given_)


def answer(found):
    return (
        [round(x, 6) for x in found.onset],
        [round(x, 6) for x in found.duration],
        list(found.candidate),
        list(found.kept.series),
        list(found.set_aside),
        found.counts(),
        found.indices(),
    )


@given(ROWS, STAGES, RULES, EVENTS, st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(rows, stages, rules, events, seed):
    stages = hypnogram_from_epochs(stages)
    first = score(rows, rules, hypnogram=stages, respiratory=events)
    shuffled = random.Random(seed).sample(rows, len(rows))
    assert answer(first) == answer(
        score(shuffled, rules, hypnogram=stages, respiratory=events[::-1])
    )


@given(ROWS, STAGES, RULES, EVENTS, st.integers(-1000, 100000).map(lambda n: n / 3))
def test_shifting_the_night_shifts_the_answer(rows, stages, rules, events, shift):
    stages = hypnogram_from_epochs(stages)
    first = score(rows, rules, hypnogram=stages, respiratory=events)
    moved = score(
        [(o + shift, *rest) for o, *rest in rows],
        rules,
        hypnogram=stages.shifted(shift),
        respiratory=[(o + shift, d) for o, d in events],
    )
    assert answer(first)[1:] == answer(moved)[1:]
    assert moved.onset == pytest.approx(first.onset + shift, abs=1e-6)


@given(ROWS, RULES, EVENTS)
def test_swapping_the_legs_changes_nothing_but_the_side(rows, rules, events):
    first = score(rows, rules, respiratory=events)
    other = {"left": "right", "right": "left"}
    swapped = score([(o, d, other[s], c) for o, d, s, c in rows], rules, respiratory=events)
    assert answer(first) == answer(swapped)


@given(ROWS, RULES)
def test_repeating_every_mark_changes_nothing(rows, rules):
    assert answer(score(rows, rules)) == answer(score(rows + rows, rules))


@given(ROWS, RULES, STAGES)
def test_a_series_is_made_of_four_or_more_candidates_in_a_row(rows, rules, stages):
    found = score(rows, rules, hypnogram=hypnogram_from_epochs(stages))
    assert not np.any(found.plm & ~found.candidate)
    for number in range(1, int(found.kept.series.max(initial=0)) + 1):
        onsets = found.onset[found.kept.series == number]
        assert len(onsets) >= rules.min_series
        assert np.all(np.diff(onsets) >= rules.imi_min - 1e-3)
        assert np.all(np.diff(onsets) <= rules.imi_max + 1e-3)


@given(ROWS, RULES, EVENTS)
def test_setting_respiratory_movements_aside_never_adds_candidates(rows, rules, events):
    found = score(rows, rules, respiratory=events)
    assert not np.any(found.plm & found.set_aside)
    assert answer(score(rows, rules, respiratory=[]))[:4] == answer(score(rows, rules))[:4]


@given(ROWS, RULES)
def test_the_summary_of_any_night_is_ready_for_json(rows, rules):
    json.dumps(score(rows, rules, valid_s=3600.0).summary(), allow_nan=False)


@given(ROWS)
def test_a_longer_interval_limit_never_loses_a_movement(rows):
    rules = RULE_SETS["wasm2016"]
    short = score(rows, replace(rules, imi_max=60.0))
    assert not np.any(short.plm & ~score(rows, rules).plm)
