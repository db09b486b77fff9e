"""What each contraction is: a cramp, none, or left out because a lesson is no guess."""

from __future__ import annotations

import pytest

from crampwatch.models.table.labels import disagreement, label_candidates, true_cramps
from crampwatch.recording.model import Event


def mark(onset, duration, kind="cramp", side="left", channel="EMG L GM", **extra):
    return Event(onset, duration, kind, side, channel, None, extra)


def label(candidate, *truth):
    (found,), _ = label_candidates([candidate], truth)
    return found


def test_on_a_cramp_of_its_muscle_it_is_one(candidate):
    found = label(candidate(100, 40), mark(105, 30))
    assert (found.label, found.cramp, found.mimic) == (1, 0, "cramp")


def test_on_nothing_it_is_none(candidate):
    found = label(candidate(100, 40), mark(300, 30))
    assert (found.label, found.left_out, found.mimic) == (0, "", "nothing")


@pytest.mark.parametrize(
    ("onset", "expected"),
    [(132.0, 1), (132.1, -1)],
)
def test_a_fifth_of_either_is_enough(candidate, onset, expected):
    found = label(candidate(100, 40), mark(onset, 100))
    assert found.label == expected


def test_a_fifth_of_a_short_cramp_is_enough(candidate):
    assert label(candidate(100, 400), mark(498, 10)).label == 1


def test_barely_touched_is_left_out(candidate):
    assert label(candidate(100, 40), mark(138, 60)).left_out == "barely touched"


def test_a_cramp_of_another_muscle_of_the_leg_is_left_out(candidate):
    found = label(candidate(100, 40, channel="EMG L TA"), mark(100, 40))
    assert (found.label, found.left_out) == (-1, "other muscle")


def test_a_cramp_of_the_other_leg_is_none(candidate):
    found = label(candidate(100, 40, channel="EMG R GM"), mark(100, 40))
    assert found.label == 0


def test_a_mark_without_leg_or_channel_counts_for_any(candidate):
    found = label(candidate(100, 40), mark(100, 40, side=None, channel=None))
    assert found.label == 1


def test_what_a_person_doubted_teaches_nothing(candidate):
    assert label(candidate(100, 40), mark(110, 20, "possible_cramp")).left_out == "uncertain"


def test_what_it_overlaps_most_is_told_by_its_cause(candidate):
    found = label(
        candidate(100, 40),
        mark(100, 10, "LM", cause="leg_movement"),
        mark(110, 30, "large_movement", cause="posture_shift"),
    )
    assert (found.label, found.mimic) == (0, "posture_shift")


def test_known_only_before_the_cramp_began_it_is_left_out(candidate):
    whole, early = candidate(100, 60), candidate(100, 60, cut=10.0)
    truth = (mark(115, 45),)
    assert label(whole, *truth).label == 1
    assert label(early, *truth).left_out == "not yet"


def test_cut_it_is_judged_by_what_is_known(candidate):
    assert label(candidate(100, 60, cut=10.0), mark(102, 30)).label == 1


def test_each_true_cramp_says_whether_it_was_looked_at(candidate):
    labels, cramps = label_candidates([candidate(100, 40)], [mark(100, 40), mark(900, 20)])
    assert [cramp.met for cramp in true_cramps(0, cramps, labels)] == [True, False]


def test_where_annotators_disagree_nothing_is_learned(candidate):
    seen = [candidate(100, 40), candidate(300, 40), candidate(500, 40), candidate(700, 40)]
    one, other = (mark(100, 40), mark(300, 40)), (mark(100, 40),)
    disputed, compared, agreed, kappa = disagreement(seen, [one, other])
    assert disputed.tolist() == [False, True, False, False]
    assert (compared, agreed) == (4, 3)
    # observed 3/4, by chance (2/4 1/4 + 2/4 3/4) = 1/2
    assert kappa == pytest.approx(0.5)


def test_kappa_of_one_kind_only_is_not_defined(candidate):
    assert disagreement([candidate()], [(), ()])[3] is None
