"""diary.json: every field may be missing, and none may be anything."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.recording import RecordingError
from crampwatch.recording.annotations.diary import (
    FILE,
    Answer,
    Diary,
    RememberedCramp,
    allowed,
    from_json,
    parse_json,
    read_diary,
    to_json,
    write_diary,
)
from crampwatch.recording.annotations.moments import Moment
from crampwatch.recording.annotations.vocabulary import (
    CRAMP_FIELDS,
    FACTORS,
    MUSCLES,
    NIGHT_FIELDS,
    SIDES,
    muscle_of,
)

AT = datetime(2026, 2, 1, 3, 10, tzinfo=timezone(timedelta(hours=1)))
WHOLE = Diary(
    written_at=AT,
    cramps=(
        RememberedCramp(
            AT,
            600.0,
            300.0,
            "left",
            ("calf",),
            {"pain": 7, "ended_by": ("stretched", "walked"), "soreness": 3, "woke": True},
            "bad one",
        ),
        RememberedCramp(),
    ),
    answers=(Answer(AT, 82.0, felt=False, side="left", channel="EMG L GM"),),
    told={"restless_legs": True, "partner_noticed": ("kicking",)},
    factors={"exercise": "hard", "fluids_l": 1.5, "stretched": False, "pregnancy_week": 30},
    text="long day",
)


def refuse(sentence):
    raise AssertionError(sentence)


@pytest.mark.parametrize("diary", [WHOLE, Diary(), Diary(AT, ()), Diary(AT, None, (), {}, {})])
def test_a_diary_reads_back_as_it_was_written(tmp_path, diary):
    write_diary(tmp_path, diary)
    assert read_diary(tmp_path) == diary


def test_none_remembered_is_not_the_same_as_not_told(tmp_path):
    assert "cramps" not in to_json(Diary())
    assert to_json(Diary(cramps=()))["cramps"] == []
    assert read_diary(tmp_path) is None


def test_a_diary_is_never_lost(tmp_path):
    write_diary(tmp_path, WHOLE)
    first = (tmp_path / FILE).read_bytes()
    with pytest.raises(RecordingError, match="there already"):
        write_diary(tmp_path, Diary())
    assert (tmp_path / FILE).read_bytes() == first
    write_diary(tmp_path, Diary(text="two"), again=True)
    write_diary(tmp_path, Diary(text="three"), again=True)
    assert (tmp_path / "diary.1.json").read_bytes() == first
    assert json.loads((tmp_path / "diary.2.json").read_text())["text"] == "two"
    assert read_diary(tmp_path).text == "three"
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "diary.1.json", "diary.2.json", "diary.json"
    ]  # fmt: skip


def value_of(one):
    words = st.sampled_from(sorted(one.values) or [""])
    return {
        "yes_no": st.booleans(),
        "scale": st.integers(int(one.low), int(one.high)),
        "number": st.floats(one.low, one.high),
        "choice": words,
        "choices": st.lists(words, unique=True).map(tuple),
    }[one.kind]


def told(fields):
    return st.fixed_dictionaries({}, optional={one.name: value_of(one) for one in fields})


@given(cramp=told(CRAMP_FIELDS), night=told(NIGHT_FIELDS), day=told(FACTORS))
def test_any_diary_of_the_vocabulary_survives_the_file(cramp, night, day):
    diary = Diary(AT, (RememberedCramp(told=cramp),), (), night, day)
    text = json.dumps(to_json(diary), allow_nan=False)
    assert from_json(parse_json(text.encode(), "d"), told=refuse) == diary


@pytest.mark.parametrize("one", [*CRAMP_FIELDS, *NIGHT_FIELDS, *FACTORS], ids=lambda f: f.name)
def test_what_a_field_does_not_allow_is_told(one):
    wrong = ["dance", one.high + 1, one.low - 1, float("nan"), [[]], {}, ["none", 3], 10**400]
    for value in wrong:
        with pytest.raises(ValueError, match=one.name):
            allowed(value, one)


def test_what_makes_no_sense_is_passed_over_and_told(tmp_path):
    content = {
        "written_at": "today",
        "cramps": [{"pain": 11, "side": "up", "muscles": ["calf", "brain"], "at": "03:10"}, 7],
        "answers": [{"felt": "yes"}, {"felt": True}],
        "mood": "good",
        "restless_legs": 1,
        "factors": {"fluids_l": "much", "exercise": "hard"},
        "text": 3,
    }
    (tmp_path / FILE).write_text(json.dumps(content))
    diary = read_diary(tmp_path)
    assert diary.cramps == (RememberedCramp(muscles=("calf",)),)
    assert diary.factors == {"exercise": "hard"}
    assert len(diary.notes) == 12
    assert all(note.startswith("diary.json: ") and "\n" not in note for note in diary.notes)


def test_what_makes_no_sense_is_told_in_bounds(tmp_path):
    (tmp_path / FILE).write_text(json.dumps({f"mood {n}": n for n in range(5000)}))
    notes = read_diary(tmp_path).notes
    assert len(notes) == 21
    assert "4980 more" in notes[-1]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{", '{"format": "other"}', '{"version": 2}', '{"a": NaN}', "[" * 9000],
)
def test_what_is_no_diary_is_one_line(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(RecordingError) as error:
        read_diary(tmp_path)
    assert len(str(error.value).splitlines()) == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["at", "pain", "side", "muscles", "felt", "exercise", "x"]), inner
        )
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["cramps", "answers", "factors", "text", "written_at", "restless_legs", "more"]
        ),
        VALUES | st.lists(VALUES, max_size=3),
    )
)
def test_any_json_is_a_diary_with_notes(content):
    said = []
    diary = from_json(content, told=said.append)
    json.dumps(to_json(diary), allow_nan=False)
    assert all(len(sentence.splitlines()) == 1 for sentence in said)


def test_a_file_for_a_script_may_give_times_of_day():
    diary = from_json(
        {"cramps": [{"at": "03:10", "later_s": 30}]},
        told=refuse,
        timing=lambda text: Moment(AT, 600.0, 600.0) if text == "03:10" else refuse(text),
    )
    assert diary.cramps[0] == RememberedCramp(AT, 600.0, 30.0)
    assert diary.cramps[0].as_mark(AT).source == "diary"


def test_a_placement_is_a_muscle_of_the_vocabulary():
    assert muscle_of("GM") == muscle_of("SOL") == "calf"
    assert muscle_of("TA") == "shin"
    assert muscle_of(None) is None
    assert muscle_of("nose") is None
    assert {muscle_of(p) for p in ("GM", "TA", "AH", "VL", "BF")} <= set(MUSCLES)
    assert set(SIDES) == {"left", "right", "both"}
