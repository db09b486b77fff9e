"""``crampwatch export`` and ``crampwatch anonymize``, as a person calls them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from crampwatch.app.cli import main
from crampwatch.models.nights import read_nights
from crampwatch.recording import open_recording
from crampwatch.recording.annotations.diary import Diary, RememberedCramp, write_diary
from crampwatch.recording.annotations.markers import Mark, append_mark
from crampwatch.recording.annotations.tsv import read_events


@pytest.fixture(scope="module")
def shipped(repository):
    return repository / "sample_data" / "recordings" / "simulated_night"


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line in this process; return code, what it printed, its one line."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["crampwatch", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return end.value.code or 0, said.out, said.err

    return run


def names(folder):
    found = (file for file in folder.rglob("*") if file.is_file())
    return sorted(file.relative_to(folder).as_posix() for file in found)


def test_edf_holds_the_marks_and_the_samples(run, shipped, tmp_path):
    code, out, _ = run("export", shipped, "--format", "edf", "--out", tmp_path / "out")
    assert code == 0
    assert names(tmp_path / "out") == ["simulated_night.edf"]
    assert "simulated_night.edf" in out
    before, after = open_recording(shipped), open_recording(tmp_path / "out")
    assert [s.label for s in after.streams] == [s.label for s in before.streams]
    assert after.start == before.start
    for one, other in zip(before.streams, after.streams, strict=True):
        assert [len(s) for s in one.segments] == [len(s) for s in other.segments]
    truth = read_events(shipped / "events.tsv")
    assert [e.trial_type for e in after.events] == [e.trial_type for e in truth]


def test_bids_teaches_what_the_night_taught(run, shipped, tmp_path):
    code, out, _ = run(
        "export", shipped, "--format", "bids", "--out", tmp_path / "out", "--json"
    )
    assert code == 0
    assert json.loads(out)["files"] == names(tmp_path / "out")
    [before], [after] = read_nights(shipped), read_nights(tmp_path / "out")
    seen = [(e.onset, e.duration, e.trial_type, e.side) for e in after.truth]
    assert seen == [(e.onset, e.duration, e.trial_type, e.side) for e in before.truth]
    assert after.source == "simulated"


def test_a_second_night_joins_the_dataset_and_none_is_written_over(run, shipped, tmp_path):
    out = tmp_path / "out"
    assert run("export", shipped, "--format", "bids", "--out", out)[0] == 0
    before = {name: (out / name).read_bytes() for name in names(out)}
    code, _, err = run("export", shipped, "--format", "bids", "--out", out)
    assert (code, err.count("\n")) == (1, 2)
    assert "not written over" in err
    assert {name: (out / name).read_bytes() for name in names(out)} == before
    assert run("export", shipped, "--format", "bids", "--out", out, "--subject", "02")[0] == 0
    table = (out / "participants.tsv").read_text().split()
    assert table == ["participant_id", "sub-01", "sub-02"]


def test_what_score_found_is_not_exported_as_marks(run, shipped, tmp_path):
    night = tmp_path / "night"
    night.mkdir()
    for file in shipped.glob("*.edf"):
        (night / file.name).write_bytes(file.read_bytes())
    (night / "events.tsv").write_text("onset\tduration\ttrial_type\n5\t20\tcramp\n")
    arguments = {"program": "crampwatch", "arguments": {"verb": "score"}}
    (night / "provenance.json").write_text(json.dumps(arguments))
    out = tmp_path / "out"
    assert run("export", night, "--format", "bids", "--out", out)[0] == 0
    marks = out / "sub-01" / "emg" / "sub-01_task-sleep_events.tsv"
    assert read_events(marks) == ()
    [found] = out.rglob("*_desc-detector_events.tsv")
    assert [event.trial_type for event in read_events(found)] == ["cramp"]
    assert found.is_relative_to(out / "derivatives")


def test_what_the_sleeper_noted_goes_along(run, shipped, tmp_path):
    night = tmp_path / "night"
    night.mkdir()
    for file in shipped.glob("*.edf"):
        (night / file.name).write_bytes(file.read_bytes())
    start = open_recording(night).start.astimezone()
    mark = Mark(start + timedelta(seconds=90), side="left", pain=7, text="woke Peter")
    append_mark(night, mark)
    out = tmp_path / "out"
    assert run("export", night, "--format", "bids", "--out", out)[0] == 0
    [event] = read_events(out / "sub-01" / "emg" / "sub-01_task-sleep_events.tsv")
    assert (event.onset, event.trial_type, event.side) == (90.0, "marker", "left")
    assert event.extra["text"] == "woke Peter"
    gift = tmp_path / "gift"
    assert run("export", night, "--donate", "--out", gift)[0] == 0
    [event] = read_events(gift / "sub-01" / "emg" / "sub-01_task-sleep_events.tsv")
    assert (event.onset, event.side, event.extra["pain"]) == (90.0, "left", 7)
    assert "Peter" not in "".join(f.read_text("latin-1") for f in gift.rglob("*.[tj]s*"))


@pytest.fixture
def told(shipped, tmp_path):
    """A night with a diary."""
    night = tmp_path / "night"
    night.mkdir()
    for file in shipped.glob("*.edf"):
        (night / file.name).write_bytes(file.read_bytes())
    cramp = RememberedCramp(side="left", told={"pain": 7}, text="woke Peter")
    factors = {"caffeine_drinks": 3.0, "supplements": ("magnesium", "iron"), "stretched": True}
    diary = Diary(cramps=(cramp,), told={"restless_legs": False}, factors=factors,
                  text="slept at Peter's")  # fmt: skip
    write_diary(night, diary)
    return night


def test_the_diary_goes_along(run, told, tmp_path):
    out = tmp_path / "out"
    assert run("export", told, "--format", "bids", "--out", out)[0] == 0
    assert (out / "phenotype" / "diary.tsv").read_text().splitlines() == [
        "participant_id\tcramps\trestless_legs\tcaffeine_drinks\tstretched\tsupplements",
        "sub-01\t1\tfalse\t3\ttrue\tmagnesium,iron",
    ]
    about = json.loads((out / "phenotype" / "diary.json").read_text())
    assert "magnesium" in about["supplements"]["Description"]
    [whole] = (out / "sourcedata").rglob("*_diary.json")
    assert json.loads(whole.read_text()) == json.loads((told / "diary.json").read_text())
    more = ("--format", "bids", "--subject", "02", "--session", "a", "--out", out)
    assert run("export", told, *more)[0] == 0
    rows = (out / "phenotype" / "diary.tsv").read_text().splitlines()
    assert [row.split("\t")[:2] for row in rows] == [
        ["participant_id", "session_id"], ["sub-01", "n/a"], ["sub-02", "ses-a"],
    ]  # fmt: skip
    assert run("export", told, "--format", "csv", "--out", tmp_path / "csv")[0] == 0
    assert "night_diary.json" in names(tmp_path / "csv")
    refused = ("--format", "bids", "--no-diary", "--out", tmp_path / "without")
    assert run("export", told, *refused)[0] == 0
    assert not [name for name in names(tmp_path / "without") if "diary" in name]


def test_a_donation_holds_of_the_diary_what_is_no_free_text_and_only_if_told_to(
    run, told, tmp_path
):
    assert run("export", told, "--donate", "--out", tmp_path / "without")[0] == 0
    assert not [name for name in names(tmp_path / "without") if "diary" in name]
    gift = tmp_path / "gift"
    more = ("--donate", "--diary", "--subject", "Peter", "--session", "hers")
    assert run("export", told, *more, "--out", gift)[0] == 0
    columns = (
        *("participant_id", "session_id", "cramps", "restless_legs"),
        *("caffeine_drinks", "stretched", "supplements"),
    )
    assert (gift / "phenotype" / "diary.tsv").read_text().splitlines() == [
        "\t".join(columns),
        "sub-01\tses-01\t1\tfalse\t3\ttrue\tmagnesium,iron",
    ]
    assert not (gift / "sourcedata").exists()
    assert "Peter" not in "".join(f.read_text("latin-1") for f in gift.rglob("*.*"))


def test_words_that_the_vocabulary_does_not_have_are_not_donated(run, told, tmp_path):
    named = tmp_path / "named"
    assert run("export", told, "--format", "bids", "--out", named)[0] == 0
    table = named / "phenotype" / "diary.tsv"
    table.write_text(
        "participant_id\tremark\tmedicines\tcaffeine_drinks\n"
        "sub-01\tasked Peterson\tstatin,Petersonil\tmany\n"
        "sub-99\tabsent\tstatin\t2\n"
    )
    clean = tmp_path / "clean"
    assert run("anonymize", named, "--diary", "--out", clean)[0] == 0
    assert (clean / "phenotype" / "diary.tsv").read_text() == "participant_id\nsub-01\n"
    code, out, _ = run("anonymize", named, "--out", tmp_path / "silent", "--json")
    assert code == 0
    assert "phenotype/diary.tsv" in json.loads(out)["left_out"]


def test_a_diary_that_cannot_be_read_stops_no_export(run, told, tmp_path):
    (told / "diary.json").write_text("{")
    code, out, _ = run("export", told, "--format", "edf", "--out", tmp_path / "o", "--json")
    assert code == 0
    assert any("not JSON" in note for note in json.loads(out)["notes"])


def test_marks_that_stand_in_the_file_of_each_sensor_are_taken_once(run, shipped, tmp_path):
    assert run("export", shipped, "--format", "edf", "--out", tmp_path / "one")[0] == 0
    [file] = (tmp_path / "one").glob("*.edf")
    both = tmp_path / "both"
    both.mkdir()
    for leg in ("left-calf", "right-calf"):
        (both / f"night_recording-{leg}.edf").write_bytes(file.read_bytes())
    night = open_recording(both)
    assert night.events == open_recording(file).events
    assert night.events
    assert {s.sensor for s in night.streams} == {"left-calf", "right-calf"}
    assert run("score", both, "--out", tmp_path / "scored")[0] == 0


def test_csv_holds_a_table_for_each_rate(run, shipped, tmp_path):
    assert run("export", shipped, "--format", "csv", "--out", tmp_path)[0] == 0
    assert names(tmp_path) == [
        "simulated_night_acc_25Hz.csv",
        "simulated_night_emg_250Hz.csv",
        "simulated_night_events.json",
        "simulated_night_events.tsv",
    ]


def test_a_donation_is_anonymous(run, shipped, tmp_path):
    out = tmp_path / "out"
    code, _, _ = run("export", shipped, "--donate", "--out", out)
    assert code == 0
    night = open_recording(out)
    assert night.start.year == 1985
    assert night.start.time() == open_recording(shipped).start.time()
    assert "A night for research" in (out / "README.md").read_text()
    assert not [name for name in names(out) if "simulated_night" in name]


@pytest.mark.system
@pytest.mark.parametrize(
    "how", [("--format", "bids", "--session", "a"), ("--format", "bids"), ("--donate",),
            ("--donate", "--diary", "--session", "a")]
)  # fmt: skip
def test_the_validator_finds_no_error(run, told, tmp_path, how):
    assert run("export", told, *how, "--out", tmp_path / "out")[0] == 0
    validator = Path(sys.executable).with_name("bids-validator-deno")
    command = [validator, tmp_path / "out", "--format", "json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    issues = json.loads(ran.stdout)["issues"]["issues"]
    assert [each for each in issues if each["severity"] == "error"] == []


def test_anonymize_names_what_it_left_out(run, shipped, tmp_path):
    code, out, _ = run("anonymize", shipped, "--out", tmp_path / "out", "--json")
    assert code == 0
    said = json.loads(out)
    assert said["left_out"] == ["simulation.json"]
    assert said["files"] == names(tmp_path / "out")
    assert said["files"] == ["README.md", "events.json", "events.tsv", "night-01.edf"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("export", "missing", "--format", "edf"), "missing"),
        (("anonymize", "missing"), "no such file"),
        (("export", "missing", "--format", "bids", "--subject", "a b"), "letters and digits"),
    ],
)
def test_a_failure_is_one_line(run, tmp_path, arguments, said):
    code, _, err = run(*arguments, "--out", tmp_path / "out")
    assert code == 1
    lines = [line for line in err.splitlines() if line.startswith("crampwatch: ")]
    assert len(lines) == 1
    assert said in lines[0]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("more", [(), ("--donate", "--format", "csv"), ("--format", "wav")])
def test_wrong_usage(run, shipped, tmp_path, more):
    assert run("export", shipped, "--out", tmp_path / "out", *more)[0] == 2
