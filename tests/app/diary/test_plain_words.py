"""A note in plain English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.app.diary.plain_words import Words, read_words
from crampwatch.recording.annotations.vocabulary import KINDS, MUSCLES, SIDES


@pytest.mark.parametrize(
    ("text", "side", "muscles", "pain"),
    [
        ("cramp, left calf, pain 7", "left", ("calf",), 7),
        ("Cramp in my RIGHT foot, 6/10", "right", ("foot",), 6),
        ("both calves cramped, pain seven", "both", ("calf",), 7),
        ("cramp, l calf", "left", ("calf",), None),
        ("calf (left) cramp pain: 10", "left", ("calf",), 10),
        ("cramp, right, calf", "right", ("calf",), None),
        ("left big toe cramp", "left", ("toes",), None),
        ("cramp in the back of my left thigh", "left", ("hamstring",), None),
        ("cramp, left calf, no pain", "left", ("calf",), 0),
        ("charley horse right calf, pain was 8 out of 10", "right", ("calf",), 8),
        ("cramp of the left and right calf", "both", ("calf",), None),
        ("cramp in left calf and foot", "left", ("calf", "foot"), None),
        ("painful cramp for 3 minutes left calf", "left", ("calf",), None),
        ("cramp, both legs, pain level 5", "both", (), 5),
    ],
)
def test_leg_muscle_and_pain_are_understood(text, side, muscles, pain):
    assert read_words(text) == Words("cramp", side, muscles, pain, None)


@pytest.mark.parametrize(
    "text",
    [
        "calf cramp, it left after a minute",
        "calf cramp, stretched right away",
        "cramp left calf, then right calf",
        "cramp",
        "alright, a calf cramp",
    ],
)
def test_a_leg_that_is_not_told_is_not_guessed(text):
    assert read_words(text).side is None


@pytest.mark.parametrize(
    "text", ["cramp, pain 11", "cramp, pain 70", "terrible cramp", "cramp"]
)
def test_pain_that_is_no_number_to_ten_is_not_guessed(text):
    assert read_words(text).pain is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("no cramp", "no_cramp"),
        ("that wasn't a cramp", "no_cramp"),
        ("that wasn\u2019t a cramp", "no_cramp"),
        ("false alarm", "no_cramp"),
        ("it was not a cramp, left calf", "no_cramp"),
        ("cramp, no pain", "cramp"),
        ("pain 4, right hamstring", "cramp"),
        ("restless legs", "restless_legs"),
        ("an urge to move my legs", "restless_legs"),
        ("she says I kicked", "kicking"),
        ("got up for water", "note"),
        ("", "note"),
        ("pain 3", "note"),
        ("scrampled eggs", "note"),
    ],
)
def test_what_a_note_is_about(text, kind):
    assert read_words(text).kind == kind


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("cramp at 3:10 am, left calf", "3:10 am"),
        ("cramp around 03.10", "03.10"),
        ("cramp about 3am", "3am"),
        ("cramp, pain at 7", None),
        ("cramp", None),
    ],
)
def test_a_time_in_the_words_is_found(text, when):
    assert read_words(text).when == when


@given(
    st.text(max_size=200)
    | st.text("left right calf cramp pain 7/10 no both,.at 3:", max_size=600)
)
def test_any_text_is_read(text):
    words = read_words(text)
    assert words.kind in KINDS
    assert words.side in (None, *SIDES)
    assert set(words.muscles) <= set(MUSCLES)
    assert words.pain is None or 0 <= words.pain <= 10
