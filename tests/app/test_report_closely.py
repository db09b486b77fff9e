"""Headline, close-ups, quality rows and stages of the report."""

from datetime import datetime
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.app.report import report_page
from crampwatch.app.report.cards import MOST_CARDS, chosen, feature_rows
from crampwatch.app.report.closeup import median_frequency, spectrum_course
from crampwatch.app.report.earlier import counts_as_cramp
from crampwatch.app.report.headline import first_line, not_watched_line, watched_line
from crampwatch.app.report.page import MOST_BYTES
from crampwatch.app.report.tracks import drawn_track, track_of_json, track_to_json
from crampwatch.app.report.unscored import by_cause
from crampwatch.recording.model import ArraySource, Event, Segment, Stream

START = datetime(2026, 1, 31, 23, 0)  # noqa: DTZ001 - the recorder's own clock


class Text(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.words = []
        self.feed(page)

    def handle_data(self, data):
        self.words.append(data)


def cramp(onset, kind="cramp", said=None, side="left", channel="EMG L GM", **extra):
    words = {} if said is None else {"confirmation": said}
    return Event(onset, 130.0, kind, side, channel, None, {**words, **extra})


def test_the_first_line_is_that_of_the_issue(made):
    score = made.score(
        [cramp(15120.0)], channels=(made.channel(valid_s=27660.0),), duration_s=28800.0
    )
    assert first_line(score, START) == (
        "One cramp-like contraction, 03:12, left calf, 2 min 10 s"
    )
    assert watched_line(score) == "Watched: left calf, 7 h 41 min"
    assert not_watched_line(score) == "Not watched: feet, thighs, right leg"


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([cramp(60.0, said="confirmed")], "One cramp, confirmed by the sleeper, 23:01, left"),
        ([cramp(60.0, said="denied")], "One cramp-like contraction that was no cramp, says"),
        (
            [cramp(60.0), cramp(7200.0)],
            "Two cramp-like contractions, 23:01 and 01:00, left calf, the longest 2 min 10 s",
        ),
        (
            [cramp(60.0, said="confirmed"), cramp(7200.0)],
            "One cramp, confirmed by the sleeper, 23:01, left calf, 2 min 10 s; one cramp-like",
        ),
        ([cramp(60.0 * i) for i in range(13)], "13 cramp-like contractions, the first 23:00,"),
        ([], "No cramp-like contraction was found"),
    ],
)
def test_only_confirmed_contractions_are_called_cramps(made, events, text):
    assert first_line(made.score(events), START).startswith(text)


def test_a_night_in_which_no_muscle_was_watched_is_not_called_free_of_cramps(made):
    channels = (made.channel("ACC L shank", "acc", rule="accelerometric"),)
    score = made.score([], channels=channels)
    assert first_line(score, None) == "No muscle could be watched for cramp-like contractions"
    assert watched_line(score) == "Watched for cramps: nothing"
    assert not_watched_line(score) == "Not watched: both legs"


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (["EMG L TA"], "Not watched: feet, thighs, left calf, right leg"),
        (["EMG L GM", "EMG R TA"], "Not watched: feet, thighs, right calf"),
        (["EMG L TA", "EMG R TA"], "Not watched: feet, thighs, calves"),
        (["EMG R GM", "EMG R foot", "EMG R VL"], "Not watched: left leg"),
    ],
)
def test_what_was_not_watched_is_told(made, labels, text):
    score = made.score([], channels=tuple(made.channel(label) for label in labels))
    assert not_watched_line(score) == text


def test_confirmed_contractions_get_a_card_before_all_others():
    events = [cramp(60.0 * i) for i in range(40)]
    events += [cramp(3000.0, "possible_cramp", "confirmed"), cramp(3100.0, said="denied")]
    places = chosen(events)
    assert len(places) == MOST_CARDS
    assert 40 in places
    assert 41 not in places
    assert places == sorted(places)


def test_a_card_tells_only_what_the_table_holds():
    assert feature_rows(cramp(1.0)) == []
    event = cramp(1.0, ratio=6.31, ratio_peak=12.0, ending="faded", stood_up=False)
    assert feature_rows(event) == [
        ("how strong", "6.31 times the resting level in the median, 12 times at its highest"),
        ("how it ended", "faded slowly"),
        ("stood up afterwards", "not seen"),
    ]
    assert feature_rows(cramp(1.0, ratio="x", turn_deg=float("nan"), ending=7)) == []


def tone(hz, rate=1000.0, seconds=20):
    return np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)


@given(hz=st.floats(30.0, 400.0), gain=st.floats(1e-3, 1e3))
def test_the_median_frequency_of_a_tone_is_the_tone(hz, gain):
    assert median_frequency(gain * tone(hz, seconds=1), 1000.0) == pytest.approx(hz, abs=1.5)


def test_the_course_of_the_spectrum_never_reaches_over_a_gap():
    raw = np.round(1000 * np.concatenate((tone(60.0), tone(180.0)))).astype(np.int16)[:, None]
    stream = Stream(
        *("EMG L GM", "emg", 1000.0, "uV"),
        (Segment(0.0, ArraySource(raw[:20000])), Segment(50.0, ArraySource(raw[20000:]))),
        *(np.ones(1), np.zeros(1)),
    )
    times, hz = spectrum_course(stream, 0.0, 100.0)
    assert not np.any((times > 20.0) & (times < 50.0))
    assert hz[times < 20.0] == pytest.approx(60.0, abs=1.5)
    assert hz[times > 50.0] == pytest.approx(180.0, abs=1.5)
    assert np.isnan(spectrum_course(flat(stream), 0.0, 5.0)[1]).all()


def flat(stream):
    zeros = ArraySource(np.zeros((5000, 1), np.int16))
    return Stream(
        *(stream.label, "emg", 1000.0, "uV", (Segment(0.0, zeros),), np.ones(1), np.zeros(1))
    )


def test_causes_are_told_for_every_signal_of_a_row():
    events = [
        Event(0.0, 5.0, "unscorable", extra={"cause": "gap", "channels": "EMG L GM; ACC L"}),
        Event(9.0, 5.0, "artifact", None, "ACC L", extra={"cause": "clipped"}),
        Event(20.0, 5.0, "LM", None, "ACC L"),
    ]
    assert list(by_cause(events)) == [
        ("EMG L GM", "unscorable", "gap"),
        ("ACC L", "unscorable", "gap"),
        ("ACC L", "artifact", "clipped"),
    ]


def test_tracks_go_through_their_file_unchanged(made):
    for label, kind in (("EMG L GM", "emg"), ("ACC L shank", "acc")):
        drawn = drawn_track(made.overview(label, kind))
        entry = track_to_json(drawn)
        again = track_of_json(entry)
        assert track_to_json(again) == entry
        np.testing.assert_array_equal(again.track.mean, drawn.track.mean)
        np.testing.assert_allclose(again.track.time_s, drawn.track.time_s, atol=1e-3)


def test_stages_are_drawn_where_they_are_known(made):
    stages = [Event(0.0, 1800.0, "sleep_W"), Event(1800.0, 7200.0, "sleep_N2")]
    score = made.score([], overviews=(), channels=())
    page = report_page("n", made.night(), score, made.origin, stages=stages)
    assert "Stages of sleep. W wake" in page
    assert "Stages of sleep" not in report_page("n", made.night(), score, made.origin)


def test_a_night_with_alerts_says_so_at_the_top(made):
    score = made.score([], overviews=(), channels=())
    page = report_page("n", made.night(), score, made.origin, intervened=True)
    assert "ALERTS were told in this night" in page.split("<h1", 1)[0]


def test_fourteen_hours_with_three_thousand_movements_stay_within_the_size(made):
    events = [
        Event(16.0 * i, 2.0, "LM", "left", "EMG L TA", None, {"rule": "wasm2016"})
        for i in range(3000)
    ]
    events += [cramp(100.0 + 3000.0 * i) for i in range(16)]
    events.sort(key=lambda event: event.onset)
    score = made.score(events, overviews=(made.overview(hours=14.0),), duration_s=14 * 3600.0)
    page = report_page("n", made.night(), score, made.origin)
    assert len(page.encode()) <= MOST_BYTES
    text = " ".join(Text(page).words)
    assert "All events (3016)" in text
    assert "16 cramp-like contractions, the first 23:06, the last 11:36" in text


@pytest.mark.parametrize(
    ("kind", "said", "counts"),
    [
        ("cramp", None, True),
        ("cramp", "denied", False),
        ("possible_cramp", "confirmed", True),
        ("possible_cramp", "unanswered", False),
        ("LM", "confirmed", False),
    ],
)
def test_the_same_contractions_count_as_in_the_trend(kind, said, counts):
    assert counts_as_cramp(cramp(1.0, kind, said)) is counts
