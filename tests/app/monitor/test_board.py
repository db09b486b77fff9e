"""What the board holds of a night that is being recorded."""

from __future__ import annotations

import hashlib
import sys

import numpy as np
import pytest
from bokeh.document import Document

from crampwatch.app.live.growing import Step
from crampwatch.app.live.watching import Watched
from crampwatch.app.monitor import sensing
from crampwatch.app.monitor.board import KEPT_S, MOST_EVENTS
from crampwatch.app.monitor.feeds import StoredFeed, open_feed
from crampwatch.app.monitor.page import Page
from crampwatch.app.monitor.words import event_rows, sensor_rows, state_words
from crampwatch.app.record.power import Power, Source
from crampwatch.detection.result import Notice
from crampwatch.recording.errors import CrampwatchError
from crampwatch.recording.journal import JournalHeader, Note
from crampwatch.recording.model import Event
from crampwatch.recording.readers import open_recording

START_S = 5_000.0


def grow(band, board, halves):
    for number in halves:
        band.half(number)
        board.poll()


def test_a_growing_night_is_shown_as_it_comes(night):
    band, _, board = night
    told = {"kind": "battery", "value": 71.0}
    band.writer.note(Note("battery", START_S + 1.0, "left-calf", told))
    band.note("marker", 1.0, text="<b>cramp</b>")
    assert state_words(board)[0].startswith("Waiting")
    grow(band, board, range(band.halves))
    assert [track.stream.label for track in board.tracks][:2] == ["EMG L GM", "EMG L TA"]
    assert board.newest_s == pytest.approx(60.0, abs=1.0)
    low, high = board.tracks[0].bins.read(45 * 50, 50 * 50)
    assert np.nanmax(high - low) > 50.0
    _, level = board.tracks[0].envelope.read(450, 500)
    assert np.nanmedian(level) == pytest.approx(80.0 * np.sqrt(2 / np.pi), rel=0.2)
    # an event that goes on stays one event
    cramps = [e for e in board.events if e.notice and "cramp" in e.notice.event.trial_type]
    assert [each.notice.ongoing for each in cramps] == [False]
    assert board.events.maxlen == MOST_EVENTS
    rows = event_rows(board, 10)
    assert any("cramp" in row[2] and "provisional" in row[5] for row in rows)
    assert any(row[2] == "<b>cramp</b>" for row in rows)
    assert sensor_rows(board) == [("left-calf", "streams", "good", "71 %", "none")]
    assert state_words(board) == ("Being recorded", False)


def test_a_contraction_stays_one_event_whatever_it_is_called_on_the_way(night):
    band, _, board = night
    grow(band, board, range(4))
    told = [
        Notice(Event(50.0, 2.0, "possible_cramp", "left", "EMG L GM"), 52.5, ongoing=True),
        Notice(Event(50.0, 10.0, "cramp", "left", "EMG L GM"), 61.0, ongoing=True),
        Notice(Event(50.0, 90.0, "possible_cramp", "left", "EMG L GM"), 142.0, ongoing=False),
        Notice(Event(70.0, 1.0, "LM", "left", "EMG L TA"), 72.0, ongoing=False),
    ]
    board.events.clear()
    step = Step(142.0, 142.0, (), ())
    board.feed = Told(board.feed, [Watched(step, tuple(told))])
    board.poll()
    cramp, movement = (seen.notice for seen in board.events)
    assert (cramp.event.trial_type, cramp.event.onset, cramp.event.end) == (
        "cramp",
        50.0,
        140.0,
    )
    assert not cramp.ongoing
    assert movement.event.trial_type == "LM"


class Told:
    """A feed that tells other news."""

    def __init__(self, feed, news) -> None:
        self._feed, self._news = feed, news

    def __getattr__(self, name):
        return getattr(self._feed, name)

    def poll(self):
        return self._news


def test_the_journal_is_only_read_and_its_end_is_told(night):
    band, path, board = night
    grow(band, board, range(20))
    before = hashlib.sha256(path.read_bytes()).digest()
    board.poll()
    assert hashlib.sha256(path.read_bytes()).digest() == before
    band.writer.close()
    board.poll()
    assert state_words(board) == ("The recording has ended.", False)


def test_silence_is_told_soon_and_worries(night):
    band, _, board = night
    grow(band, board, range(4))
    board.grown_s -= 10.0
    words, worry = state_words(board)
    assert worry
    assert words.startswith("Nothing has come for 10")


def test_memory_does_not_grow_with_the_night(night):
    band, _, board = night
    grow(band, board, range(4))
    page = Page(board)
    sizes = [sum(each.nbytes for each in vars(t.bins).values() if hasattr(each, "nbytes"))
             for t in board.tracks]  # fmt: skip
    for _ in range(30):
        board.complete_s += KEPT_S / 7
        page.update()
        source = page.figures.lines.data
        assert {len(column) for column in source.values()} == {1000}
    grow(band, board, range(4, 30))
    assert sizes == [
        sum(each.nbytes for each in vars(t.bins).values() if hasattr(each, "nbytes"))
        for t in board.tracks
    ]


def test_what_is_sent_bit_by_bit_equals_what_is_drawn_anew(night):
    band, _, board = night
    grow(band, board, range(20))
    bitwise = Page(board, 10.0)
    for number in range(20, 40):
        grow(band, board, [number])
        bitwise.update()
        bitwise._scaled_s = np.inf  # the scale stays as it is
        bitwise._playout.head_s = board.complete_s
    bitwise.update()
    anew = Page(board, 10.0)
    anew.update()
    assert bitwise._halves == anew._halves
    for name, column in anew.figures.lines.data.items():
        assert np.array_equal(column, bitwise.figures.lines.data[name], equal_nan=True), name


def test_keys_change_the_window_and_stop_the_picture(night):
    band, _, board = night
    grow(band, board, range(10))
    page = Page(board, 30.0)
    page.update()
    for key, span in (("+", 10.0), ("+", 10.0), ("-", 30.0), ("6", 600.0), ("-", 600.0)):
        page.command(key)
        assert page.span_s == span
    page.command(" ")
    page.update()
    end = page.figures.x.end
    grow(band, board, range(10, 20))
    page.update()
    assert page.figures.x.end == end


def test_a_finished_recording_is_played_from_where_one_says(bands, tmp_path):
    path = tmp_path / "night.mcap"
    band = bands.Band(path, seconds=20.0, cramp_s=(5.0, 8.0))
    for number in range(band.halves):
        band.half(number)
    band.writer.close()
    now = [0.0]
    feed = StoredFeed(open_recording(path), "night", from_s=10.0, clock=lambda: now[0])
    steps = list(feed.poll())
    assert steps[-1].step.now_s == pytest.approx(10.0)
    now[0] = 4.0
    assert [step.step.now_s for step in feed.poll()] == pytest.approx([11.0, 12.0, 13.0, 14.0])
    now[0] = 60.0
    assert list(feed.poll())[-1].step.now_s == pytest.approx(20.0, abs=0.3)
    assert feed.over
    assert open_feed(path).origin == "recording"
    assert open_feed(path, 5.0).origin == "stored"


def test_a_night_that_grows_has_no_beginning_to_play_from(night):
    band, path, _ = night
    band.half(0)
    with pytest.raises(CrampwatchError, match="being recorded"):
        open_feed(path, 1.0)


def test_a_missing_textual_is_told_in_one_line(monkeypatch):
    from crampwatch.app.monitor import terminal

    monkeypatch.setitem(sys.modules, "textual", None)
    monkeypatch.setattr(terminal, "find_spec", lambda _: None)
    with pytest.raises(CrampwatchError, match=r"crampwatch\[monitor\]"):
        terminal.need_textual()


def test_a_sensor_wired_to_a_body_is_not_looked_at_on_the_mains(monkeypatch):
    for source in (Source.MAINS, Source.UNKNOWN):
        monkeypatch.setattr(sensing, "power", lambda source=source: Power(source))
        with pytest.raises(CrampwatchError, match="--isolator"):
            sensing._refuse_wired(["left-calf"])
    monkeypatch.setattr(sensing, "power", lambda: Power(Source.BATTERY))
    sensing._refuse_wired(["left-calf"])


def test_samples_of_a_sensor_that_is_only_looked_at_are_bounded():
    passing = sensing.Passing(JournalHeader(0.0, 0.0))
    for number in range(sensing.MOST_WAITING + 10):
        passing.note(Note("marker", float(number)))
    (items,) = passing.chunks()
    assert len(items) == sensing.MOST_WAITING
    assert items[-1].at_s == sensing.MOST_WAITING + 9
    assert list(passing.chunks()) == []


def test_a_browser_that_draws_nothing_is_sent_nothing(night):
    band, _, board = night
    grow(band, board, range(10))
    page, document = Page(board), Document()
    page.open(document)
    page._tick()
    before = page.figures.x.end
    grow(band, board, range(10, 20))
    page._heard_s -= 60.0
    page._tick()
    assert page.figures.x.end == before
    page._on_drawn("data", None, None)
    page._tick()
    assert page.figures.x.end > before
