"""A calibration in a night: nothing in it is scored, and all else stays what it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crampwatch.app.judging import find_judge
from crampwatch.detection import score_night
from crampwatch.detection.cramps.features.catalogue import FEATURES
from crampwatch.detection.engine.live import play
from crampwatch.detection.settings import Settings
from crampwatch.models.training.lessons import causal_features, final_features
from crampwatch.recording.annotations.calibration import calibration_of
from crampwatch.recording.model import ArraySource, Event, Night, Segment, Stream
from crampwatch.recording.readers import open_recording
from crampwatch.sample_data import samples


def marked(night: Night, *parts: tuple[float, float, str, str | None]) -> Night:
    """Return a night in which these stretches were a calibration."""
    rows = [
        Event(start, end - start, "artifact", side, extra={"cause": f"calibration{part}"})
        for start, end, part, side in parts
    ]
    return replace(night, events=(*night.events, *rows))


@pytest.fixture(scope="module")
def night() -> Night:
    return open_recording(samples()[0].path)


@pytest.fixture(scope="module")
def judge():
    return find_judge(None, Settings()).judge


@pytest.fixture(scope="module")
def plain(night: Night, judge):
    return score_night(night, judge=judge)


def test_an_evening_calibration_changes_no_event_of_the_night(night, judge, plain) -> None:
    score = score_night(marked(night, (0, 60, "", None), (2, 22, " rest", None)), judge=judge)
    added = [event for event in score.events if event not in plain.events]
    assert [(e.onset, e.end, e.trial_type, e.extra) for e in added] == [
        (0, 60, "artifact", {"cause": "calibration"})
    ]
    assert all(event in score.events for event in plain.events)


def test_its_time_is_in_no_denominator(night, judge, plain) -> None:
    score = score_night(marked(night, (0, 60, "", None)), judge=judge)
    assert score.valid_s == pytest.approx(plain.valid_s - 60.0, abs=0.6)
    assert "the calibration of 60 s is kept out of the score" in score.warnings
    assert score.duration_s == plain.duration_s
    for before, after in zip(plain.legs, score.legs, strict=True):
        assert after.score.valid_s == pytest.approx(before.score.valid_s - 60.0, abs=0.6)


def test_movements_and_cramps_in_it_are_not_reported(night, judge, plain) -> None:
    cramp = next(e for e in plain.events if e.trial_type == "cramp")
    movements = [e for e in plain.events if e.trial_type in ("LM", "PLM")]
    first, last = movements[0].onset - 2.0, movements[3].end + 2.0
    parts = ((cramp.onset - 5.0, cramp.end + 5.0, "", None), (first, last, "", None))
    aside = marked(night, *parts)
    spans = calibration_of(aside.events)
    told = [
        event
        for event in score_night(aside, judge=judge).events
        if spans.share(event.onset, event.end) > 0 and event.trial_type != "artifact"
    ]
    assert not told
    live = [n.event for _, notices in play(aside, judge=judge) for n in notices]
    assert live
    assert all(spans.share(event.onset, event.end) <= 0.5 for event in live)
    assert not [event for event in live if event.trial_type == "cramp"]


def test_a_reference_is_measured_and_moves_no_probability(night, judge, plain) -> None:
    """The contraction of a leg movement stands for the one that was asked for."""
    cramp = next(e for e in plain.events if e.trial_type == "cramp")
    work = max(
        (e for e in plain.events if e.side == cramp.side and e.trial_type == "large_movement"),
        key=lambda event: event.duration,
    )
    span = (work.onset, min(work.end, work.onset + 8.0))
    score = score_night(marked(night, (*span, " press", cramp.side)), judge=judge)
    again = next(e for e in score.events if e.trial_type == "cramp")
    assert plain_peak(cramp) is None
    assert 0.01 < plain_peak(again) < 100.0
    assert (again.onset, again.end) == (cramp.onset, cramp.end)
    assert again.probability == cramp.probability
    assert again.extra["probability_causal"] == cramp.extra["probability_causal"]


def plain_peak(event: Event) -> float | None:
    return event.extra["peak_reference"]


def test_no_model_learns_from_the_reference() -> None:
    """It depends on how a person understood "gently": shown, and judged by nobody."""
    assert "reference" in {feature.name for feature in FEATURES}
    assert "reference" not in {*final_features(), *causal_features()}


def emg(seconds: float, level: float) -> Stream:
    rng = np.random.default_rng(5)
    raw = np.rint(rng.standard_normal((int(500 * seconds), 1)) * level).astype(np.int32)
    return Stream(
        "EMG L GM", "emg", 500.0, "count", (Segment(0.0, ArraySource(raw)),),
        np.ones(1), np.zeros(1), side="left", placement="GM",
    )  # fmt: skip


def test_rest_that_was_asked_for_is_known_to_be_rest() -> None:
    """One even level of unknown scale may be rest or contraction: here somebody asked."""
    night = Night((emg(50.0, 30.0),))
    assert score_night(night).channels[0].status == "baseline_unknown"
    known = marked(night, (0, 25, "", None), (2, 22, " rest", None))
    assert score_night(known).channels[0].status == "ok"


def test_a_calibration_alone_leaves_nothing_to_score() -> None:
    score = score_night(marked(Night((emg(30.0, 30.0),)), (0, 40, "", None)))
    assert score.valid_s == 0.0
    assert [event.trial_type for event in score.events] == ["artifact"]
