import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from crampwatch.app.report import report_page
from crampwatch.app.report.page import MOST_ROWS
from crampwatch.app.report.told import most_important
from crampwatch.recording.model import Event

VOID = {"meta", "link", "br", "img", "hr", "input"}
HOSTILE = (
    "</script><script>hacked=1</script><img src=x onerror=hacked=1>\"'&$$\\frac{1}{2}$$\x1b"
)


class Page(HTMLParser):
    """Elements, text and what the page would load; fails on tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.loads, self.words, self.rows = [], [], [], [], 0
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "action", "data", "poster", "srcset"):
                self.loads.append(value)
            assert not name.startswith("on"), (tag, name)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "script" not in self.open and "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(self.words)


def page_of(made, score=None, night=None, name="night.edf"):
    return report_page(name, night or made.night(), score or made.score(), made.origin)


def test_the_page_is_whole_and_small_enough(made):
    text = page_of(made)
    assert len(text.encode()) <= 4 * 1024 * 1024
    page = Page(text)
    assert page.tags.count("h1") == 1
    assert (
        "One cramp-like contraction, 01:56, left calf, 1 min 22 s; one possible cramp-like"
        " contraction, 02:16, left calf, 14 s"
    ) in page.text
    assert (
        "Watched: left calf, 7 h 47 min; right shin, 7 h 47 min. Not watched: feet, thighs,"
        " right calf."
    ) in page.text
    assert "not a medical device" in page.text
    assert "01:56:40" in page.text
    assert "EMG L GM: 300 s of artefacts." in page.text
    assert "wasm2016" in page.text


def test_the_page_loads_nothing(made):
    text = page_of(made)
    assert [load for load in Page(text).loads if not load.startswith("data:")] == []
    assert not re.search(r"@import|url\(\s*['\"]?(?!['\"]?data:)h", text.split("<script")[0])
    assert "default-src 'none'" in text


def test_text_of_a_file_is_never_markup(made):
    events = [
        Event(100.0, 30.0, "cramp", "left", HOSTILE, 0.5, {"rule": HOSTILE}),
        Event(200.0, 30.0, HOSTILE, HOSTILE, HOSTILE),
    ]
    score = made.score(
        events,
        channels=(made.channel(HOSTILE, placement=HOSTILE, reason=HOSTILE, unit=HOSTILE),),
        overviews=(replace(made.overview(hours=0.1), label=HOSTILE, unit=HOSTILE),),
        warnings=(HOSTILE,),
    )
    night = made.night(notes=(HOSTILE,), devices=(HOSTILE,), format=HOSTILE)
    text = page_of(made, score, night, HOSTILE)
    assert "<script>hacked" not in text
    assert "<img" not in text.split("<body", 1)[1]
    page = Page(text)
    assert "hacked=1" in page.text
    assert "\x1b" not in text


@pytest.mark.parametrize("name", ["\udcff.edf", "nul\x00.edf"])
def test_a_name_that_is_not_text_can_be_written(made, name):
    page_of(made, name=name).encode("utf-8")


def test_a_night_without_events_says_so(made):
    text = Page(page_of(made, made.score([]))).text
    assert "No cramp-like contraction was found" in text
    assert "No events were found." in text


def test_one_channel_is_enough(made):
    score = made.score(
        [Event(100.0, 30.0, "cramp", "left", "EMG L GM")],
        channels=(made.channel(),),
        overviews=(made.overview(hours=0.1),),
        duration_s=360.0,
    )
    assert "1 cramp-like contraction" in Page(page_of(made, score)).text


def test_a_night_that_cannot_be_scored_says_so(made):
    overview = made.overview(hours=0.1)
    overview.valid[:] = False
    overview.level[:] = np.nan
    overview.resting[:] = np.nan
    score = made.score(
        [Event(0.0, 360.0, "unscorable", "left", "EMG L GM")],
        channels=(made.channel(status="unscorable", rule=None, resting=None, valid_s=0.0),),
        overviews=(overview,),
        duration_s=360.0,
    )
    text = Page(page_of(made, score)).text
    assert "Nothing in this recording could be scored" in text
    assert "no usable second: not scored" in text


def test_a_night_without_any_signal_is_a_page(made):
    score = made.score([], channels=(), overviews=(), warnings=(), duration_s=0.0)
    assert "could be drawn" in Page(page_of(made, score, made.night(start=None))).text


def test_a_simulated_night_is_called_simulated(made):
    text = Page(page_of(made, night=made.night(notes=("Simulated night.",)))).text
    assert "SIMULATED: this recording was made by a program" in text


def test_many_signals_and_events_stay_within_the_size(made):
    events = [Event(5.0 * i, 2.0, "LM", "left", "EMG L GM") for i in range(5000)]
    events += [Event(26000.0, 60.0, "cramp", "left", "EMG L GM")]
    labels = [f"EMG L M{number}" for number in range(80)]
    score = made.score(
        events,
        channels=tuple(made.channel(label) for label in labels),
        overviews=tuple(replace(made.overview(), label=label) for label in labels),
    )
    text = page_of(made, score)
    assert len(text.encode()) <= 4 * 1024 * 1024
    page = Page(text)
    assert f"{MOST_ROWS} of 5001 events are shown" in page.text
    assert "The first 16 of 80 signals are drawn." in page.text


def test_a_shortened_list_keeps_cramps_and_is_spread_over_the_night():
    events = [Event(float(i), 1.0, "LM") for i in range(50)] + [Event(99.0, 30.0, "cramp")]
    kept = most_important(events, 10)
    assert [event.onset for event in kept] == [0, 5, 11, 16, 22, 27, 33, 38, 44, 99]
    assert kept[-1].trial_type == "cramp"


def test_cramps_and_signals_are_cards_on_a_phone(made):
    page = page_of(made)
    assert re.findall(r'<table class="cards" aria-label="([^"]+)"', page) == [
        "Events",
        "Not scored",
        "Signals",
    ]
    assert page.count('<section class="card"') == 2


def test_every_figure_says_in_words_what_it_shows(made):
    text = page_of(made)
    labels = re.findall(r'role="img" aria-label="([^"]+)"', text)
    assert len(labels) == 6
    assert any(label.startswith("EMG L GM: muscle activity") for label in labels)
