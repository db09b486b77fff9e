from datetime import UTC, datetime

import pytest

from crampwatch.app.report import words
from crampwatch.app.report.told import legs_told
from crampwatch.recording.model import Event

START = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (4.24, "4.2 s"),
        (9.949, "9.9 s"),
        (9.95, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (80, "1 min 20 s"),
        (3599.6, "1 h"),
        (27600, "7 h 40 min"),
    ],
)
def test_durations_are_rounded_once(seconds, text):
    assert words.duration(seconds) == text


def test_times_run_past_midnight():
    assert words.clock(START, 3600.0) == "00:30:00"


def test_a_time_beyond_the_calendar_is_told_from_the_start():
    assert words.clock(datetime.max.replace(tzinfo=UTC), 60.0) == "0:01:00"
    assert words.clock(START, 1e15).endswith(":40")


def test_without_a_start_times_are_hours_from_the_start():
    assert words.clock(None, 30 * 3600 + 61) == "30:01:01"
    assert "no clock time" in words.clock_note(None)


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        (["cramp"], "1 cramp-like contraction"),
        (["cramp", "cramp"], "2 cramp-like contractions"),
        (["cramp", "possible_cramp"], "1 cramp-like contraction and 1 possible"),
        (["possible_cramp"] * 3, "3 possible cramp-like contractions"),
        (["LM", "artifact"], "No cramp-like contraction was found"),
    ],
)
def test_headline_counts_cramp_like_contractions(made, kinds, text):
    events = [Event(60.0 * i, 30.0, kind) for i, kind in enumerate(kinds)]
    assert words.headline(made.score(events)) == text


def test_a_night_that_could_not_be_scored_is_not_called_free_of_cramps(made):
    channels = (made.channel(status="dead", rule=None, valid_s=0.0),)
    score = made.score([], channels=channels)
    assert words.headline(score) == "Nothing in this recording could be scored"
    assert words.coverage(score) == "None of the 8 h recorded could be scored."


def test_the_longest_contraction_is_told_with_its_muscle(made):
    events = [
        Event(10.0, 30.0, "cramp", "left", "EMG L GM"),
        Event(1800.0, 80.0, "cramp", "left", "EMG L GM"),
    ]
    first = words.story(made.score(events), START)[0]
    assert first == (
        "The longest began at 00:00:00 and lasted 1 min 20 s"
        " in the left leg, calf (medial gastrocnemius)."
    )


@pytest.mark.parametrize(("rule", "standard"), [("wasm2016", True), ("calf", False)])
def test_only_series_by_a_standard_are_called_so(made, rule, standard):
    events = [Event(25.0 * i, 2.0, "LM", "left", extra={"rule": rule}) for i in range(5)]
    score = made.legs(events, rule)
    about = [legs.about for legs in legs_told(score.legs) if legs.worth_telling]
    story = " ".join(words.story(score, None, about))
    assert "5 leg movements" in story
    assert ("by WASM 2016" in story) is standard
    assert ("not a count of periodic limb movements" in story) is not standard


@pytest.mark.parametrize(
    ("changes", "simulated"),
    [
        ({}, False),
        ({"notes": ("SIMULATED night.",)}, True),
        ({"devices": ("simulator of crampwatch",)}, True),
    ],
)
def test_a_recording_that_says_simulated_is_called_so(made, changes, simulated):
    assert words.is_simulated(made.night(**changes)) is simulated


def test_no_sentence_says_more_than_emg_can_show(made):
    score = made.score()
    said = " ".join([words.headline(score), *words.story(score, START)]).lower()
    for claim in ("pain", "diagnos", "disease", "disorder", "you have", " a cramp "):
        assert claim not in said


@pytest.mark.parametrize("kind", ["cramp", "something_new"])
def test_every_kind_of_event_has_words(kind):
    assert words.kind_words(Event(0.0, 1.0, kind))
    assert words.count_words(kind, 0).startswith("no ")
