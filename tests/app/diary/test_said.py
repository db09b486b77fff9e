"""What the sleeper said goes into the score: events, summary, report."""

from __future__ import annotations

import json

import pytest

from crampwatch.app.diary.said import watched_by, with_what_was_said
from crampwatch.recording.annotations.tsv import read_events
from crampwatch.recording.model import Event

CRAMPS = ("cramp", "possible_cramp")


@pytest.fixture
def told(run, night):
    """Return the night with a note that fits, one about the foot and one at a quiet time."""
    run("note", "cramp, left calf, pain 7", "--at", "23:01", "--night", night)
    run("note", "cramp, left foot", "--at", "23:03", "--night", night)
    run("note", "cramp, left calf, pain 2", "--at", "22:47", "--night", night)
    run("diary", "--night", night, "--cramp", "23:02 left calf", "--set", "exercise=hard")
    return night


def scored(run, recording, out, *more):
    ran = run("score", recording, "--out", out, "--model", "rule", *more)
    assert ran.code == 0, ran.err
    return ran, json.loads((out / "summary.json").read_text("utf-8"))


def test_a_night_with_notes_is_scored_with_them(run, told, tmp_path):
    ran, summary = scored(run, told, tmp_path / "out")
    events = read_events(tmp_path / "out" / "events.tsv")
    (cramp,) = [event for event in events if event.trial_type in CRAMPS]
    assert cramp.extra["confirmation"] == "confirmed"
    others = [e for e in events if e.trial_type not in CRAMPS]
    assert {event.extra["confirmation"] for event in others} == {None}
    marks = [event for event in events if event.trial_type == "marker"]
    assert [mark.extra["outcome"] for mark in marks] == ["missed", "matched", "not_watched"]
    said = summary["said"]
    assert said["confirmation"] == {"confirmed": 1, "denied": 0, "unanswered": 0}
    assert [one["outcome"] for one in said["remembered"]] == [
        "missed",
        "matched",
        "not_watched",
    ]
    assert said["remembered"][1]["sources"] == ["note", "diary"]
    assert (said["cramps_in_diary"], said["factors"]) == (1, {"exercise": "hard"})
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "What the sleeper said" in page
    assert "no sensor watched the left foot" in page
    assert "3 cramps are remembered or noted" in page
    assert "not watched: no sensor watched the left foot" in ran.out
    origin = json.loads((tmp_path / "out" / "provenance.json").read_text("utf-8"))
    assert [file["name"] for file in origin["said"]] == ["markers.tsv", "diary.json"]
    described = json.loads((tmp_path / "out" / "events.json").read_text("utf-8"))
    assert set(described["confirmation"]["Levels"]) == {"confirmed", "denied", "unanswered"}


def test_the_night_itself_may_hold_the_results(run, told):
    scored(run, told, told, "--no-report")
    ran = run("score", told, "--out", told, "--no-report")
    assert ran.code == 0
    assert (told / "markers.tsv").exists()


def test_notes_change_nothing_else(run, night, told, calf_night, tmp_path):
    scored(run, told, tmp_path / "with", "--no-report")
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "night.edf").write_bytes(calf_night.read_bytes())
    _, summary = scored(run, bare, tmp_path / "without", "--no-report")
    assert summary["said"] is None
    plain = (tmp_path / "without" / "events.tsv").read_text("utf-8")
    assert "confirmation" not in plain
    kept = [
        e for e in read_events(tmp_path / "with" / "events.tsv") if e.trial_type != "marker"
    ]
    other = read_events(tmp_path / "without" / "events.tsv")
    assert [(e.onset, e.duration, e.trial_type, e.probability) for e in kept] == [
        (e.onset, e.duration, e.trial_type, e.probability) for e in other
    ]


def test_the_recording_may_be_named_itself(run, told, tmp_path):
    _, summary = scored(run, told / "night.edf", tmp_path / "out", "--no-report")
    assert summary["said"]["confirmation"]["confirmed"] == 1


def test_a_heap_of_recordings_is_no_night(run, told, calf_night, tmp_path):
    (told / "other.edf").write_bytes(calf_night.read_bytes())
    _, summary = scored(run, told / "night.edf", tmp_path / "out", "--no-report")
    assert summary["said"] is None


def test_a_broken_diary_costs_no_night_its_score(run, night, tmp_path):
    (night / "diary.json").write_text("{")
    (night / "markers.tsv").write_bytes(b"\xff\xfe\0")
    _, summary = scored(run, night, tmp_path / "out", "--no-report")
    assert summary["said"] is None
    assert any("diary.json" in warning for warning in summary["warnings"])
    assert any("markers.tsv" in warning for warning in summary["warnings"])


def test_a_denied_contraction_stays_and_is_marked(run, night, tmp_path):
    run("note", "false alarm", "--at", "23:01", "--night", night)
    scored(run, night, tmp_path / "out", "--no-report")
    events = read_events(tmp_path / "out" / "events.tsv")
    assert [e.extra["confirmation"] for e in events if e.trial_type in CRAMPS] == ["denied"]


def test_what_was_watched_is_what_could_be_scored(made):
    score = made.score()
    calf = next(signal for signal in watched_by(score) if signal.channel == "EMG L GM")
    assert (calf.side, calf.muscle) == ("left", "calf")
    assert calf.scored(0.0, 28_800.0) == pytest.approx(28_800.0 * 0.98, abs=1.0)
    assert calf.scored(0.8 * 28_800.0, 0.82 * 28_800.0) == 0.0
    assert {signal.channel for signal in watched_by(score)} == {"EMG L GM", "EMG R TA"}


def test_presses_in_the_journal_count_and_marks_of_other_formats_do_not(made, tmp_path):
    press = Event(10_350.0, 0.0, "marker", extra={"text": "down"})
    for kind, wanted in (("Crampwatch journal", "confirmed"), ("EDF+C", None)):
        night = made.night(events=(press,), format=kind)
        score, said = with_what_was_said(tmp_path, night, made.score())
        cramp = next(event for event in score.events if event.trial_type == "cramp")
        assert cramp.extra.get("confirmation") == wanted
        assert (said is None) == (wanted is None)


def test_a_night_without_a_clock_says_that_nothing_can_be_held_against_it(made, tmp_path):
    header = "at\tkind\n2026-01-31T23:59:00+01:00\tcramp\n"
    (tmp_path / "markers.tsv").write_text(header)
    score, said = with_what_was_said(tmp_path, made.night(start=None), made.score())
    assert said is None
    assert "clock" in score.warnings[-1]
