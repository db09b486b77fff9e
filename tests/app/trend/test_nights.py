"""What the folders of nights hold, whoever wrote them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crampwatch.app.trend.nights import earlier_nights, find_nights
from crampwatch.app.trend.reading import read_night
from crampwatch.recording.errors import RecordingError

from .conftest import FIRST, cramp, facts, said, write_scored


def test_a_scored_night_tells_its_cramps_with_clock_time_leg_and_muscle(tmp_path):
    night = read_night(write_scored(tmp_path / "n", [cramp()]))
    (found,) = night.counted
    assert found.at == FIRST + timedelta(hours=1)
    assert (found.side, found.muscle, found.settled_s) == ("left", "calf", 90.0)
    assert (night.plm_per_h, night.plm_definition) == (4.5, "LM")
    assert night.watched == ("left calf",)


@pytest.mark.parametrize(
    ("kind", "confirmation", "counts"),
    [
        ("cramp", "unanswered", 1),
        ("cramp", "confirmed", 1),
        ("cramp", "denied", 0),
        ("possible_cramp", "unanswered", 0),
        ("possible_cramp", "confirmed", 1),
        ("possible_cramp", "denied", 0),
    ],
)
def test_what_the_sleeper_said_decides_what_counts(tmp_path, kind, confirmation, counts):
    events = [cramp(kind=kind, confirmation=confirmation)]
    assert len(read_night(write_scored(tmp_path / "n", events)).counted) == counts


def test_a_night_without_a_score_is_listed_and_not_guessed(tmp_path):
    (tmp_path / "n").mkdir()
    (tmp_path / "n" / "night.mcap").write_bytes(b"")
    (night,) = find_nights([tmp_path])
    assert (night.scored, night.problem, night.cramps) == (False, "not scored", ())


def test_half_a_score_is_no_score(tmp_path):
    folder = write_scored(tmp_path / "n", [cramp()])
    (folder / "events.tsv").unlink()
    (night,) = find_nights([tmp_path])
    assert night.problem == "not scored"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"valid_s": "x"}', '{"valid_s": 9, "duration_s": 1}']
)
def test_a_summary_that_makes_no_sense_is_told_in_one_line(tmp_path, content):
    folder = write_scored(tmp_path / "n")
    (folder / "summary.json").write_text(content)
    night = read_night(folder)
    assert night.problem.startswith("cannot be read: ")
    assert "\n" not in night.problem


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3)
    ),
    max_leaves=8,
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(sorted(facts())), ANYTHING)
def test_any_entry_of_a_summary_may_hold_anything(tmp_path, name, value):
    folder = write_scored(tmp_path / "n", [cramp()])
    (folder / "summary.json").write_text(json.dumps(facts() | {name: value}))
    night = read_night(folder)
    assert night.scored or night.problem


def test_earlier_nights_lie_beside_and_before_oldest_first(nights):
    root = nights([0, 2, 1, 0])
    found = earlier_nights(root / "night-002")
    assert [night.name for night in found] == ["night-000", "night-001"]
    assert [len(night.counted) for night in found] == [0, 2]


def test_earlier_nights_of_a_night_that_is_not_written_yet(nights):
    root = nights([1, 0])
    assert len(earlier_nights(root / "new", FIRST + timedelta(days=9))) == 2
    assert earlier_nights(root / "new") == ()


def test_earlier_nights_are_of_the_same_person(tmp_path):
    for number, name in enumerate(("sub-01", "sub-02", "sub-02")):
        start = FIRST + timedelta(days=number)
        write_scored(tmp_path / f"{name}" / f"n{number}", [], facts(start))
    assert [n.name for n in earlier_nights(tmp_path / "sub-02" / "n2")] == ["n1"]


def test_zones_and_clocks_without_one_are_compared_by_what_the_clock_showed(tmp_path):
    write_scored(tmp_path / "a", [], facts(FIRST))
    later = datetime.fromisoformat("2026-09-02T22:30:00+02:00")
    assert len(earlier_nights(tmp_path / "b", later)) == 1


def test_a_night_that_was_scored_twice_counts_once(tmp_path):
    for name in ("a", "b"):
        write_scored(tmp_path / name, [cramp()])
    found = find_nights([tmp_path])
    assert sum(night.scored for night in found) == 1
    assert next(n.problem for n in found if n.problem).startswith("the same recording as ")


def test_scores_inside_the_folder_of_a_recording_belong_to_it(tmp_path):
    folder = tmp_path / "anna" / "night"
    write_scored(folder / "score", [cramp()])
    (folder / "night.mcap").write_bytes(b"")
    (night,) = find_nights([tmp_path])
    assert (night.name, night.person, len(night.counted)) == ("night", "anna", 1)


def test_the_diary_in_the_folder_is_newer_than_what_the_score_holds(tmp_path):
    folder = write_scored(tmp_path / "n", [], facts(said=said(stretched=False)))
    (folder / "diary.json").write_text(
        '{"format": "crampwatch-diary", "factors": {"stretched": true}}'
    )
    assert read_night(folder).factors["stretched"] is True


@pytest.mark.parametrize("what", ["missing", "file", "empty"])
def test_a_place_without_nights_is_told_in_one_line(tmp_path, what):
    place = tmp_path / "place"
    if what == "file":
        place.write_text("")
    elif what == "empty":
        place.mkdir()
    with pytest.raises(RecordingError) as failure:
        find_nights([place])
    assert "\n" not in str(failure.value)
