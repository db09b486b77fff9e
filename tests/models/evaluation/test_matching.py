"""What is a hit, what merely touches, and what is a false alarm."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.models.evaluation.matching import can_be, covered_share, match_cramps, meeting
from crampwatch.recording.model import Event


def cramp(onset, duration, side="left", kind="cramp"):
    return Event(float(onset), float(duration), kind, side)


@pytest.mark.parametrize(
    ("found", "hit"),
    [
        ((100, 60), True),
        # intersection over union: 20 of 100
        ((140, 60), True),
        # 10 of 110, and a sixth of the true one
        ((150, 60), False),
        # begins within and covers a third, though it goes on for five minutes
        ((140, 300), True),
        # covers all of it, but begins before and is more than five times as long
        ((90, 320), False),
        ((90, 290), True),
        # the first twelve seconds are a fifth
        ((100, 12), True),
        ((100, 11), False),
        ((160, 30), False),
    ],
)
def test_the_rule_of_a_hit(found, hit):
    assert can_be([cramp(100, 60)], [cramp(*found)])[0, 0] == hit


@pytest.mark.parametrize(
    ("side", "hit"), [("left", True), ("right", False), ("both", True), (None, True)]
)
def test_a_find_on_the_other_leg_is_no_hit(side, hit):
    matching = match_cramps([cramp(100, 60)], [cramp(100, 60, side)])
    assert (matching.hits == (0,)) == hit
    assert (matching.false == (0,)) != hit


def test_one_find_stands_for_one_cramp():
    matching = match_cramps([cramp(100, 50), cramp(160, 40)], [cramp(100, 100)])
    assert matching.hits == (0, None)
    assert matching.touching == matching.false == ()


def test_a_second_fragment_touches():
    matching = match_cramps([cramp(100, 100)], [cramp(100, 40), cramp(150, 45)])
    assert matching.hits == (1,)
    assert matching.touching == (0,)
    assert matching.false == ()


def test_a_cramp_called_so_in_part_is_called_a_cramp():
    found = [cramp(100, 60, kind="possible_cramp"), cramp(165, 30)]
    assert match_cramps([cramp(100, 100)], found).hits == (1,)


def test_two_cramps_are_rather_both_found_than_one_well():
    truth = [cramp(100, 50), cramp(150, 50)]
    found = [cramp(140, 50), cramp(165, 80)]
    assert match_cramps(truth, found).hits == (0, 1)


def test_what_the_annotator_was_in_doubt_about_is_not_judged():
    doubtful = [cramp(500, 20, kind="possible_cramp")]
    matching = match_cramps([], [cramp(505, 20), cramp(700, 20)], doubtful)
    assert matching.touching == (0,)
    assert matching.false == (1,)


def test_events_that_share_an_instant_do_not_touch():
    matching = match_cramps([cramp(100, 50)], [cramp(150, 20)])
    assert matching.false == (0,)


def test_the_covered_share_is_that_of_the_event():
    moves = [cramp(100, 4, kind="PLM"), cramp(100, 4, "right", "PLM")]
    assert covered_share(moves, [cramp(103, 100)]).tolist() == [0.25, 0.0]
    assert covered_share(moves, []).tolist() == [0.0, 0.0]


def test_many_marks_are_met_in_parts():
    many = [cramp(10 * n, 5) for n in range(3000)]
    few = [cramp(10 * n + 7, 2) for n in range(2000)] + [cramp(4, 2), cramp(29998, 9)]
    assert meeting(few, many).tolist() == [False] * 2000 + [True, False]
    assert covered_share(few, many).tolist() == [0.0] * 2000 + [0.5, 0.0]


SPANS = st.builds(
    Event,
    onset=st.integers(0, 300).map(float),
    duration=st.integers(0, 90).map(float),
    trial_type=st.sampled_from(("cramp", "possible_cramp")),
    side=st.sampled_from(("left", "right", "both", None)),
)
LISTS = st.lists(SPANS, max_size=8)


@given(LISTS, LISTS)
def test_every_find_is_a_hit_or_touches_or_is_false_and_never_two_of_them(truth, found):
    matching = match_cramps(truth, found)
    hits = [number for number in matching.hits if number is not None]
    assert sorted([*hits, *matching.touching, *matching.false]) == list(range(len(found)))
    possible = can_be(truth, found)
    for number, hit in enumerate(matching.hits):
        assert hit is None or possible[number, hit]


@given(LISTS, LISTS)
def test_no_pair_could_be_added(truth, found):
    matching = match_cramps(truth, found)
    possible = can_be(truth, found)
    taken = set(matching.hits)
    for number, hit in enumerate(matching.hits):
        if hit is None:
            free = [at for at in range(len(found)) if at not in taken]
            assert not possible[number, free].any()


@given(LISTS, LISTS, st.randoms(use_true_random=False))
def test_the_order_of_the_events_changes_nothing(
    truth: list[Event], found: list[Event], rng: random.Random
):
    def pairs(ours, theirs):
        matching = match_cramps(ours, theirs)
        return sorted(
            (repr(ours[n]), repr(theirs[hit]))
            for n, hit in enumerate(matching.hits)
            if hit is not None
        ), sorted(repr(theirs[n]) for n in matching.false)

    shuffled = truth[:], found[:]
    for each in shuffled:
        rng.shuffle(each)
    assert pairs(truth, found) == pairs(*shuffled)


@given(LISTS, LISTS, st.integers(0, 10_000).map(float))
def test_a_later_night_is_matched_the_same(truth, found, late):
    def moved(events):
        return [Event(e.onset + late, e.duration, e.trial_type, e.side) for e in events]

    assert match_cramps(truth, found) == match_cramps(moved(truth), moved(found))
