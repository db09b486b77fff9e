"""What the sleeper said, held against what was found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.recording import Event
from crampwatch.recording.annotations.confirmation import Watched, confirm, marker_events
from crampwatch.recording.annotations.diary import Answer, Diary, RememberedCramp
from crampwatch.recording.annotations.markers import Mark

START = datetime(2026, 1, 31, 22, 0, tzinfo=UTC)
NIGHT_S = 8 * 3600.0
LEFT = Watched("EMG L GM", "left", "calf", ((0.0, NIGHT_S),))
RIGHT = Watched("EMG R GM", "right", "calf", ((0.0, NIGHT_S),))
SHIN = Watched("EMG L TA", "left", "shin", ((0.0, NIGHT_S),))


def at(seconds):
    return START + timedelta(seconds=seconds)


def cramp(onset, side="left", kind="cramp", channel=None, probability=0.9):
    channel = channel or {"left": "EMG L GM", "right": "EMG R GM"}.get(side)
    return Event(onset, 60.0, kind, side, channel, probability)


def note(seconds, within=600.0, made=0.0, **changes):
    values = {"side": "left", "muscles": ("calf",), "made_at": at(NIGHT_S + made), **changes}
    return Mark(at(seconds), within, within, **values)


def press(seconds):
    return Mark(at(seconds), 300.0, 60.0, "press", source="key", made_at=at(seconds))


def told(*cramps, answers=()):
    return Diary(at(NIGHT_S + 3600), cramps, answers)


def remembered(seconds, within=600.0, side="left", muscles=("calf",)):
    return RememberedCramp(at(seconds), within, within, side, muscles)


def held(events, marks=(), diary=None, watched=(LEFT, RIGHT), duration_s=NIGHT_S):
    return confirm(events, marks, diary, watched, start=START, duration_s=duration_s)


def said(result):
    return [event.extra.get("confirmation") for event in result.events]


def outcomes(result):
    return [one.outcome for one in result.remembered]


def test_a_note_confirms_what_lies_within_its_uncertainty():
    events = [cramp(5000), cramp(9000), Event(5000, 5, "LM", "left")]
    result = held(events, [note(5500)])
    assert said(result) == ["confirmed", "unanswered", None]
    assert outcomes(result) == ["matched"]
    assert result.counts() == {"confirmed": 1, "denied": 0, "unanswered": 1}


@pytest.mark.parametrize("away", [-661.0, 601.0])
def test_beyond_its_uncertainty_it_confirms_nothing(away):
    result = held([cramp(5000 + away)], [note(5000)])
    assert said(result) == ["unanswered"]
    assert outcomes(result) == ["missed"]


def test_nothing_is_moved_and_nothing_is_added():
    events = [cramp(5000), cramp(7000, kind="possible_cramp")]
    result = held(events, [note(5100)], told(remembered(20000)))
    bare = [(e.onset, e.duration, e.trial_type, e.probability) for e in result.events]
    assert bare == [(e.onset, e.duration, e.trial_type, e.probability) for e in events]


@pytest.mark.parametrize(
    ("side", "muscles", "fits"),
    [
        ("left", ("calf",), True),
        (None, (), True),
        ("both", ("calf",), True),
        ("right", ("calf",), False),
        ("left", ("foot",), False),
        ("left", ("foot", "calf"), True),
    ],
)
def test_leg_and_muscle_must_not_contradict(side, muscles, fits):
    result = held([cramp(5000)], [note(5000, side=side, muscles=muscles)])
    assert said(result) == ["confirmed" if fits else "unanswered"]


def test_silence_denies_nothing():
    assert said(held([cramp(5000)], diary=told())) == ["unanswered"]


def test_a_denial_denies_the_nearest_and_is_no_cramp_remembered():
    events = [cramp(5000), cramp(5400)]
    result = held(events, [note(5420, kind="no_cramp")])
    assert said(result) == ["unanswered", "denied"]
    assert result.remembered == ()


@pytest.mark.parametrize(("first", "last"), [("cramp", "no_cramp"), ("no_cramp", "cramp")])
def test_the_later_word_counts(first, last):
    marks = [note(5000, kind=last, made=60), note(5000, kind=first, made=0)]
    wanted = {"cramp": "confirmed", "no_cramp": "denied"}[last]
    assert said(held([cramp(5000)], marks)) == [wanted]


def test_a_word_outweighs_a_press():
    marks = [note(5000, kind="no_cramp"), press(5030)]
    assert said(held([cramp(5000)], marks)) == ["denied"]


def test_an_answer_about_an_event_outweighs_everything():
    answers = (Answer(at(5000), 60.0, felt=False, side="left", channel="EMG L GM"),)
    result = held([cramp(5004)], [note(5000, made=9e5)], told(answers=answers))
    assert said(result) == ["denied"]


def test_an_answer_finds_its_event_again_after_another_score():
    answers = (Answer(at(5000), 60.0, felt=True, side="left", channel="EMG L GM"),)
    assert said(held([cramp(5020), cramp(9000)], diary=told(answers=answers)))[0] == "confirmed"
    assert said(held([cramp(5400)], diary=told(answers=answers))) == ["unanswered"]
    other = [cramp(5000, "right")]
    assert said(held(other, diary=told(answers=answers))) == ["unanswered"]


def test_two_cramps_of_the_diary_take_two_events():
    events = [cramp(5000), cramp(5600)]
    result = held(events, diary=told(remembered(5300), remembered(5400)))
    assert said(result) == ["confirmed", "confirmed"]
    alone = held(events[:1], diary=told(remembered(5300), remembered(5400)))
    assert outcomes(alone) == ["matched", "missed"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_as_many_as_possible_find_an_event_in_any_order(order):
    cramps = [remembered(5300, 1000), remembered(4800, 300), remembered(5900, 300)]
    events = [cramp(4900), cramp(5200), cramp(5800)]
    result = held(events, diary=told(*(cramps[place] for place in order)))
    assert said(result) == ["confirmed"] * 3


def test_a_press_a_note_and_the_diary_may_tell_of_one_cramp():
    marks = [press(5100), press(5130), note(5300)]
    for events, outcome in (([cramp(5000)], "matched"), ([], "missed")):
        result = held(events, marks, told(remembered(4900)))
        assert outcomes(result) == [outcome]
        assert result.remembered[0].sources == ("diary", "key", "note")


def test_two_notes_within_ten_minutes_may_tell_of_one_cramp():
    assert outcomes(held([cramp(5000)], [note(5000), note(5300)])) == ["matched"]
    assert outcomes(held([cramp(5000)], [note(5000), note(6500)])) == ["matched", "missed"]


@pytest.mark.parametrize(
    ("mark", "watched", "outcome", "why"),
    [
        (note(5000, muscles=("foot",)), (LEFT, RIGHT), "not_watched", "left foot"),
        (note(5000, muscles=("thigh",)), (LEFT, SHIN), "not_watched", "left thigh"),
        (note(5000, side="right"), (LEFT,), "not_watched", "right calf"),
        (note(-4000), (LEFT,), "not_watched", "before the recording"),
        (note(NIGHT_S + 4000), (LEFT,), "not_watched", "after the recording"),
        (note(5000), (), "not_watched", "no sensor"),
        (note(5000, side=None), (LEFT,), "unclear", "leg was not told"),
        (note(5000, side=None), (LEFT, RIGHT), "missed", "could be scored"),
        (note(5000, muscles=()), (LEFT,), "unclear", "muscle was not told"),
        (press(5000), (LEFT,), "unclear", "press"),
        (note(5000), (LEFT,), "missed", "could be scored"),
        (note(5000, side="both"), (LEFT,), "missed", "could be scored"),
    ],
)
def test_a_cramp_without_an_event_was_missed_or_not_watched(mark, watched, outcome, why):
    (one,) = held([], [mark], watched=watched).remembered
    assert (one.outcome, why in one.reason) == (outcome, True), one.reason


@pytest.mark.parametrize(
    ("spans", "outcome"),
    [
        (((0.0, 4000.0), (6000.0, NIGHT_S)), "not_watched"),
        (((0.0, 4700.0),), "unclear"),
        (((0.0, 5100.0),), "missed"),
    ],
)
def test_what_could_not_be_scored_was_not_watched(spans, outcome):
    watched = (Watched("EMG L GM", "left", "calf", spans),)
    assert outcomes(held([], [note(5000)], watched=watched)) == [outcome]


def test_what_may_have_been_before_the_recording_is_not_called_missed():
    early = Mark(at(60), 600.0, 60.0, side="left", muscles=("calf",))
    (one,) = held([], [early]).remembered
    assert (one.outcome, "18%" in one.reason) == ("unclear", True)
    assert outcomes(held([], [note(60, within=50.0)])) == ["missed"]


def test_a_cramp_without_a_time_is_matched_with_nothing():
    diary = told(RememberedCramp(side="left", muscles=("calf",)), RememberedCramp(side="right"))
    result = held([cramp(5000)], diary=diary, watched=(LEFT,))
    assert said(result) == ["unanswered"]
    assert outcomes(result) == ["unclear", "not_watched"]
    assert marker_events(result) == []


def test_other_marks_say_nothing_of_cramps():
    marks = [note(5000, kind=kind) for kind in ("note", "restless_legs", "kicking")]
    result = held([cramp(5000)], marks)
    assert said(result) == ["unanswered"]
    assert result.remembered == ()


def test_rows_of_events_tell_what_became_of_it():
    result = held([cramp(5000)], [note(5300, pain=7, text="bad")], told(remembered(20000)))
    first, second = marker_events(result)
    assert (first.onset, first.trial_type, first.side) == (5300.0, "marker", "left")
    assert first.channel == "EMG L GM"
    assert first.extra == {
        "text": "bad", "outcome": "matched", "earlier_s": 600.0, "later_s": 600.0,
        "pain": 7, "source": "note",
    }  # fmt: skip
    assert (second.channel, second.extra["outcome"]) == (None, "missed")


EVENTS = st.lists(
    st.builds(
        cramp,
        st.floats(0, 28_000),
        st.sampled_from(["left", "right", None]),
        st.sampled_from(["cramp", "possible_cramp"]),
    ),
    max_size=6,
)
MARKS = st.lists(
    st.builds(
        note,
        st.floats(-2_000, 30_000),
        st.floats(0, 3_000),
        st.floats(0, 5_000),
        kind=st.sampled_from(["cramp", "no_cramp", "press", "note"]),
        side=st.sampled_from(["left", "right", "both", None]),
        source=st.sampled_from(["note", "key"]),
    ),
    max_size=6,
)


@given(EVENTS, MARKS, st.lists(st.builds(remembered, st.floats(0, 28_000)), max_size=3))
def test_every_cramp_told_is_listed_and_no_event_is_confirmed_without_one(
    events, marks, cramps
):
    result = held(events, marks, told(*cramps))
    matched = {place for one in result.remembered for place in one.events}
    for place, event in enumerate(result.events):
        assert (event.extra["confirmation"] == "confirmed") <= (place in matched)
    counted = sum("diary" in one.sources for one in result.remembered)
    assert counted == len(cramps)


@given(EVENTS, MARKS, st.floats(0, 1e6))
def test_a_night_moved_in_time_says_the_same(events, marks, later):
    moved = timedelta(seconds=round(later))
    shifted = [
        Mark(m.at + moved, m.earlier_s, m.later_s, m.kind, m.side, m.muscles, m.pain, m.source,
             m.made_at, m.text)
        for m in marks
    ]  # fmt: skip
    after = confirm(
        events, shifted, None, (LEFT, RIGHT), start=START + moved, duration_s=NIGHT_S
    )
    assert said(after) == said(held(events, marks))
