import json
import os

import pytest

from crampwatch.app.demonstration import compare_with_truth, place
from crampwatch.recording.errors import CrampwatchError
from crampwatch.recording.model import Event


def mark(folder, verb="demo"):
    folder.mkdir()
    origin = {"program": "crampwatch", "arguments": {"verb": verb}}
    (folder / "provenance.json").write_text(json.dumps(origin))


def test_a_free_name_is_taken(tmp_path):
    assert place(None, here=tmp_path).name == "crampwatch-demo"


def test_the_demo_writes_over_its_own_folder(tmp_path):
    mark(tmp_path / "crampwatch-demo")
    assert place(None, here=tmp_path).name == "crampwatch-demo"


KINDS = ["file", "folder", "score", "damaged", *(["link"] if os.name == "posix" else [])]


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_demo_did_not_write_is_left_alone(tmp_path, kind):
    foreign = tmp_path / "crampwatch-demo"
    if kind == "file":
        foreign.write_text("mine")
    elif kind == "link":
        foreign.symlink_to(tmp_path / "nowhere")
    elif kind == "score":
        mark(foreign, "score")
    else:
        foreign.mkdir()
        (foreign / "provenance.json").write_bytes(b"[1, 2" if kind == "damaged" else b"[]")
    assert place(None, here=tmp_path).name == "crampwatch-demo-2"


def test_a_named_folder_with_other_things_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CrampwatchError, match="did not write"):
        place(tmp_path, here=tmp_path)


def test_an_empty_named_folder_is_taken(tmp_path):
    assert place(tmp_path, here=tmp_path) == tmp_path


TRUTH = [Event(100.0, 60.0, "cramp", "left")]


def test_a_found_cramp_is_told_with_its_delay():
    lines = compare_with_truth(TRUTH, [Event(102.5, 50.0, "cramp", "left")])
    assert "found, onset 2.5 s late" in lines[0]
    assert (
        lines[1] == "Cramp-like contractions that were never put in: none; possible ones: none."
    )


@pytest.mark.parametrize(
    "found",
    [
        [],
        [Event(300.0, 60.0, "cramp", "left")],
        [Event(100.0, 60.0, "cramp", "right")],
        [Event(100.0, 60.0, "LM", "left")],
    ],
)
def test_a_missed_cramp_is_not_talked_around(found):
    lines = compare_with_truth(TRUTH, found)
    assert "NOT found" in lines[0]
    false = sum(event.trial_type == "cramp" for event in found)
    assert lines[1].endswith(f"put in: {false or 'none'}; possible ones: none.")


def test_a_possible_cramp_is_half_a_hit():
    lines = compare_with_truth(TRUTH, [Event(100.0, 60.0, "possible_cramp", None)])
    assert "only as a possible cramp-like contraction" in lines[0]


def test_a_possible_cramp_that_was_never_put_in_is_told():
    lines = compare_with_truth([], [Event(5.0, 9.0, "possible_cramp", "left")])
    assert lines == ["Cramp-like contractions that were never put in: none; possible ones: 1."]


def test_series_are_counted_as_found_as_periodic_and_as_called_a_cramp():
    truth = [Event(20.0 * i, 2.0, "PLM", "left") for i in range(5)]
    found = [
        Event(19.0, 30.0, "cramp", "left"),
        Event(60.0, 2.0, "LM", "left"),
        Event(80.0, 2.0, "PLM", "left"),
        Event(95.0, 2.0, "PLM", "left"),
    ]
    told, false = compare_with_truth(truth, found)[-2:]
    assert told == (
        "It also holds 5 leg movements in series: 2 were found as leg movements, 1 of them in a"
        " periodic series, 2 called a cramp."
    )
    assert false == "Leg movements called periodic that are not: 1."
    assert "none of them in a periodic series" in compare_with_truth(truth, [])[-2]
