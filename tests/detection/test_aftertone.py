"""What a cramp leaves behind is no second cramp; a stronger or a later one is."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.detection.cramps.aftertone import SETTLES_S, without_aftertone
from crampwatch.recording.model import Event


def cramp(onset, duration, ratio, side="left"):
    return Event(onset, duration, "cramp", side, f"EMG {side}", 0.9, {"ratio": ratio})


def test_tone_that_comes_and_goes_after_a_cramp_belongs_to_it():
    first, tone, more = cramp(100, 60, 8), cramp(170, 30, 3), cramp(240, 10, 2)
    assert without_aftertone([more, first, tone]) == [first]


def test_a_second_cramp_is_one_where_it_is_stronger_later_or_in_the_other_leg():
    first = cramp(100, 60, 4)
    for second in (
        cramp(170, 30, 5),
        cramp(160 + SETTLES_S + 1, 30, 3),
        cramp(170, 30, 3, "right"),
    ):
        assert without_aftertone([first, second]) == [first, second]


def test_a_contraction_within_another_is_not_what_it_left():
    outer, inner = cramp(100, 60, 8), cramp(120, 20, 3)
    assert without_aftertone([outer, inner]) == [outer, inner]


@given(
    st.lists(
        st.tuples(
            st.floats(0, 2000),
            st.floats(1, 300),
            st.floats(1, 30),
            st.sampled_from(["left", "right"]),
        ),
        max_size=12,
    )
)
def test_the_strongest_of_each_leg_always_stays_and_the_order_of_rows_is_kept(rows):
    cramps = [cramp(*row) for row in rows]
    kept = without_aftertone(cramps)
    assert kept == [event for event in cramps if event in kept]
    for side in {event.side for event in cramps}:
        own = [event for event in cramps if event.side == side]
        strongest = own[int(np.argmax([event.extra["ratio"] for event in own]))]
        assert strongest in kept
