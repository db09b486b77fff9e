"""Labels, their undo, their log: what was done is there again, whatever befell the file."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crampwatch.app.label.desk import SHORTEST_S, Desk
from crampwatch.app.label.labels import REDO, TYPES, UNDO, Edit, Label, Labels, Step
from crampwatch.app.label.log import LabelLog, read_log
from crampwatch.app.label.proposals import proposals_of
from crampwatch.recording.errors import RecordingError
from crampwatch.recording.model import Event

NIGHT_S = 3600.0
KEYS = st.sampled_from(["a", "b", "c", "d"])
LABELS = st.builds(
    Label,
    st.floats(0, 3000).map(lambda value: round(value, 6)),
    st.floats(0, 500).map(lambda value: round(value, 6)),
    st.sampled_from(TYPES),
    st.sampled_from([None, "left", "right", "both"]),
    st.sampled_from([None, "EMG L GM", "ACC R shank"]),
    st.sampled_from(["", "a note", "ß ✎ 夜"]),
    st.sampled_from(["", "p1"]),
)
EDITS = st.builds(
    Edit,
    st.sampled_from(["mark", "mend", "accept"]),
    st.dictionaries(KEYS, st.none() | LABELS, max_size=3),
    st.dictionaries(KEYS, st.sampled_from([None, "accepted", "rejected"]), max_size=2),
)
STEPS = st.lists(
    st.just(UNDO) | st.just(REDO) | EDITS.map(lambda e: Step("edit", e)), max_size=25
)


def state(labels):
    return dict(labels.in_order()), dict(labels.verdicts)


@given(STEPS)
def test_undo_goes_back_to_every_state_before_and_redo_forth(steps):
    labels = Labels()
    states = [state(labels)]
    for step in steps:
        if step.kind == "edit":
            labels.apply(step)
            states.append(state(labels))
    for before in reversed(states[:-1]):
        assert labels.apply(UNDO) is not None
        assert state(labels) == before
    assert labels.apply(UNDO) is None
    for after in states[1:]:
        labels.apply(REDO)
        assert state(labels) == after
    assert labels.apply(REDO) is None


@settings(max_examples=40)
@given(STEPS, st.data())
def test_a_log_that_breaks_off_anywhere_holds_all_whole_lines(tmp_path_factory, steps, data):
    path = tmp_path_factory.mktemp("log") / "anna.jsonl"
    with LabelLog(path, "anna") as log:
        for step in steps:
            log.append(step)
    whole = path.read_bytes()
    assert read_log(path).steps == tuple(steps)
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    held = max(0, whole[:cut].count(b"\n") - 1)
    complete = cut in (0, len(whole)) or whole[cut : cut + 1] == b"\n"
    found = read_log(path).steps
    wanted = tuple(steps[: held + 1]) if complete and whole[:cut].count(b"\n") else None
    assert found in (tuple(steps[:held]), wanted)
    # and it goes on from there
    with LabelLog(path, "anna") as log:
        log.append(UNDO)
    assert read_log(path).steps == (*found, UNDO)


@settings(max_examples=40)
@given(st.lists(st.binary(max_size=80) | st.sampled_from([b"{}", b"[]", b"null", b'"x"'])))
def test_foreign_lines_count_for_nothing(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("log") / "anna.jsonl"
    step = Step("edit", Edit("mark", {"k": Label(1.0, 2.0, "cramp")}))
    with LabelLog(path, "anna") as log:
        log.append(step)
    with path.open("ab") as file:
        for line in lines:
            file.write(line.replace(b"\n", b" ") + b"\n")
    assert read_log(path).steps == (step,)


@pytest.mark.parametrize(
    "label",
    [
        {"onset": float("nan"), "duration": 1.0, "trial_type": "cramp"},
        {"onset": 1e300, "duration": 1.0, "trial_type": "cramp"},
        {"onset": 1.0, "duration": -1.0, "trial_type": "cramp"},
        {"onset": 1.0, "duration": 1.0, "trial_type": ""},
        {"onset": 1.0, "duration": 1.0, "trial_type": "cramp", "side": "up"},
        {"onset": 1.0, "duration": 1.0},
        [],
        7,
    ],
)
def test_a_line_with_an_impossible_label_is_passed_over(tmp_path, label):
    path = tmp_path / "anna.jsonl"
    LabelLog(path, "anna").close()
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"op": "edit", "labels": {"k": label}}) + "\n")
    found = read_log(path)
    assert found.steps == ()
    assert found.notes == ("anna.jsonl: line 2 cannot be read and count for nothing",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,2\n", "not a log of labels"),
        (b'{"format": "crampwatch-labels", "version": 2}\n', "update it"),
        (b"\x00\x01\n", "not a log of labels"),
    ],
)
def test_another_file_is_refused_and_left_alone(tmp_path, content, said):
    path = tmp_path / "anna.jsonl"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=said):
        LabelLog(path, "anna")
    assert path.read_bytes() == content


def test_one_annotator_labels_a_night_once_at_a_time(tmp_path):
    path = tmp_path / "anna.jsonl"
    with LabelLog(path, "anna"):
        with pytest.raises(RecordingError, match="anna is labelling this night already"):
            LabelLog(path, "anna")
        LabelLog(tmp_path / "bert.jsonl", "bert").close()
    LabelLog(path, "anna").close()


@pytest.mark.parametrize("name", ["", "../x", "a b", "-a", "x" * 41, "a/b", "a\nb", "é"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path, name):
    with pytest.raises(RecordingError, match="--annotator"):
        LabelLog(tmp_path / "x.jsonl", name)


def test_what_cannot_be_written_has_not_happened(tmp_path):
    path = tmp_path / "anna.jsonl"
    log = LabelLog(path, "anna")
    desk = Desk(log, NIGHT_S)
    desk.mark(10.0, 20.0, "cramp", None)
    before = path.read_bytes()
    log.close()
    # a handle that may only read: every write fails, as on a full disk
    log._handle = os.open(path, os.O_RDONLY)
    with pytest.raises(RecordingError, match="cannot write"):
        desk.mark(30.0, 40.0, "cramp", None)
    assert len(desk.labels) == 1
    os.close(log._handle)
    assert path.read_bytes() == before


@pytest.fixture
def desk(tmp_path):
    events = [
        Event(100.0 * n, 20.0, "cramp", "left", "EMG L GM", p)
        for n, p in enumerate([0.9, 0.52, 0.1, 0.45, None], start=1)
    ]
    with LabelLog(tmp_path / "anna.jsonl", "anna") as log:
        yield Desk(log, NIGHT_S, proposals_of(events))


def test_the_most_uncertain_proposal_comes_first(desk):
    onsets = []
    for _ in range(5):
        assert desk.jump(1, 0.0)
        onsets.append(desk.chosen_event().onset)
    assert onsets == [200.0, 400.0, 100.0, 300.0, 500.0] or onsets == [
        200.0, 400.0, 300.0, 100.0, 500.0,
    ]  # fmt: skip
    assert desk.jump(1, 0.0)
    assert desk.chosen_event().onset == 200.0
    assert desk.jump(-1, 0.0)
    assert desk.chosen_event().onset == 500.0


def test_a_verdict_counts_down_and_can_be_taken_back(desk):
    desk.jump(1, 0.0)
    assert desk.accept()
    assert not desk.accept()
    assert len(desk.left) == 4
    assert len(desk.labels) == 1
    assert desk.reject()
    assert len(desk.left) == 4
    assert len(desk.labels) == 0
    desk.undo()
    assert len(desk.labels) == 1
    desk.undo()
    assert len(desk.left) == 5
    desk.redo()
    assert len(desk.labels) == 1
    desk.delete()
    assert len(desk.left) == 5


def test_mending_or_naming_a_proposal_accepts_it(desk):
    desk.jump(1, 0.0)
    desk.mend(205.0, 230.0)
    assert len(desk.left) == 4
    assert desk.retype("possible_cramp")
    desk.write_note("  two\nlines ")
    ((_, label),) = desk.labels.in_order()
    assert (label.onset, label.end) == (205.0, 230.0)
    assert label.trial_type == "possible_cramp"
    assert label.note == "two lines"
    assert label.side == "left"


def test_labels_stay_inside_the_night(desk):
    desk.mark(-5.0, 3.0, "cramp", None)
    assert desk.chosen_event().onset == 0.0
    desk.mark(NIGHT_S + 5.0, NIGHT_S - 1.0, "cramp", None)
    assert desk.chosen_event().end == pytest.approx(NIGHT_S)
    desk.mark(7.0, 7.0, "cramp", None)
    assert desk.chosen_event().duration == pytest.approx(SHORTEST_S)
    desk.mark(NIGHT_S + 9.0, NIGHT_S + 9.0, "cramp", None)
    assert desk.chosen_event().onset < NIGHT_S


def test_a_second_desk_finds_everything_again(tmp_path):
    path = tmp_path / "anna.jsonl"
    with LabelLog(path, "anna") as log:
        first = Desk(log, NIGHT_S)
        first.mark(10.0, 20.0, "cramp", None)
        first.mend(11.0, 21.0)
        first.write_note("x")
        first.undo()
    with LabelLog(path, "anna") as log:
        second = Desk(log, NIGHT_S)
        assert state(second.labels) == state(first.labels)
        assert (second.labels.last, second.labels.next) == ("mend", "note")
        assert second.saved_at


def test_labels_are_jumped_through_in_a_circle(tmp_path):
    with LabelLog(tmp_path / "anna.jsonl", "anna") as log:
        desk = Desk(log, NIGHT_S)
        assert not desk.jump(1, 0.0)
        for onset in (30.0, 10.0, 20.0):
            desk.mark(onset, onset + 1.0, "LM", None)
        desk.chosen = None
        seen = []
        for _ in range(4):
            desk.jump(1, 15.0)
            seen.append(desk.chosen_event().onset)
        assert seen == [20.0, 30.0, 10.0, 20.0]
        desk.chosen = None
        desk.jump(-1, 15.0)
        assert desk.chosen_event().onset == 10.0


def test_the_same_event_of_two_readings_is_one_proposal():
    event = Event(1.0, 2.0, "cramp", "left", "EMG L GM", 0.5)
    assert len(proposals_of([event, replace(event, probability=0.7)])) == 1
    assert proposals_of([Event(1.0, 2.0, "artifact"), Event(1.0, 2.0, "sleep_N2")]) == ()
