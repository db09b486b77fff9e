"""crampwatch note: in the night, beside a recorder, and the day after."""

from __future__ import annotations

import json
import os
import time
from datetime import datetime, timedelta

import pytest

from crampwatch.app.diary.nights import Span, span_of
from crampwatch.recording.annotations.markers import FILE, read_marks
from crampwatch.recording.journal.header import JournalHeader
from crampwatch.recording.journal.writer import JournalWriter


def test_a_note_says_what_it_understood_and_lands_in_the_folder(run, night):
    ran = run("note", "cramp, left calf, pain 7", "--at", "23:01", "--night", night)
    assert (ran.code, ran.err) == (0, "")
    assert "Noted: cramp, left leg, calf, pain 7/10, at 23:01, give or take 5 min" in ran.out
    (mark,) = read_marks(night).marks
    assert f"{mark.at:%Y-%m-%d %H:%M}" == "2026-01-31 23:01"
    assert (mark.kind, mark.side, mark.muscles, mark.pain) == ("cramp", "left", ("calf",), 7)
    assert mark.text == "cramp, left calf, pain 7"


def test_after_midnight_is_the_next_day(run, night):
    run("note", "cramp", "--at", "00:10", "--night", night)
    assert f"{read_marks(night).marks[0].at:%Y-%m-%d %H:%M}" == "2026-02-01 00:10"


def test_a_time_in_the_words_counts_where_none_is_stated(run, night):
    run("note", "cramp at 10:55 pm", "--night", night)
    run("note", "cramp at 10:55 pm", "--at", "23:05", "--night", night)
    assert [f"{mark.at:%H:%M}" for mark in read_marks(night).marks] == ["22:55", "23:05"]


def test_what_is_stated_outweighs_the_words(run, night):
    ran = run(
        "note", "cramp left calf pain 3", "--leg", "right", "--muscle", "foot", "--pain", 9,
        "--within", 2, "--at", "23:00", "--kind", "cramp", "--night", night, "--json",
    )  # fmt: skip
    told = json.loads(ran.out)
    assert (told["side"], told["muscles"], told["pain"]) == ("right", ["foot"], 9)
    assert told["earlier_s"] == told["later_s"] == 120.0


def test_without_a_time_it_happened_just_now(run, tmp_path):
    (tmp_path / "night.mcap").write_bytes(b"a journal that cannot be read now")
    before = datetime.now().astimezone()
    ran = run("note", "cramp", "--night", tmp_path)
    (mark,) = read_marks(tmp_path).marks
    assert ran.code == 0
    assert before <= mark.at <= datetime.now().astimezone()
    assert (mark.earlier_s, mark.later_s) == (600.0, 60.0)


def test_a_night_that_is_being_recorded_is_left_alone(run, tmp_path):
    journal = tmp_path / "night.mcap"
    writer = JournalWriter(journal, JournalHeader(time.time() - 3600.0, 0.0))
    writer.sync()
    before = journal.read_bytes()
    ago = datetime.now().astimezone() - timedelta(minutes=30)
    assert span_of(tmp_path) == Span()
    assert run("note", "cramp", "--at", f"{ago:%H:%M:%S}", "--night", tmp_path).code == 0
    assert read_marks(tmp_path).marks[0].at == ago.replace(microsecond=0)
    assert journal.read_bytes() == before
    writer.close()


def test_a_note_outside_of_the_recording_is_kept_and_told(run, night):
    assert (
        "before the recording began" in run("note", "x", "--at", "21:00", "--night", night).out
    )
    assert "after the recording ended" in run("note", "x", "--night", night).out
    assert len(read_marks(night).marks) == 2


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--at", "soon"], "no time"),
        (["--leg", "third"], "none of left, right, both"),
        (["--muscle", "brain"], "none of calf"),
        (["--kind", "dance"], "none of cramp"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_nothing_is_written(run, night, arguments, why):
    ran = run("note", "cramp", "--night", night, *arguments)
    assert ran.code == 1
    assert why in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (night / FILE).exists()


def test_a_note_of_nothing_is_not_written(run, night):
    ran = run("note", " ", "--night", night)
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
    assert not (night / FILE).exists()
    assert run("note", "", "--kind", "cramp", "--night", night).code == 0


def test_a_file_that_is_no_recording_is_no_night(run, night):
    settings = night / "band.toml"
    settings.write_text("", "utf-8")
    ran = run("note", "cramp", "--night", settings)
    assert (ran.code, "no recording" in ran.err) == (1, True)
    assert not (night / FILE).exists()


def test_pain_beyond_ten_is_wrong_usage(run, night):
    assert run("note", "cramp", "--pain", 11, "--night", night).code == 2


def test_the_night_may_be_the_folder_itself_or_the_newest_journal_in_it(
    run, night, monkeypatch
):
    monkeypatch.chdir(night)
    assert run("note", "cramp", "--at", "23:00").code == 0
    assert len(read_marks(night).marks) == 1
    home = night.parent
    for name in ("old", "new"):
        (home / name).mkdir()
        (home / name / "night.mcap").write_bytes(b"x")
    (home / "old" / "night.mcap").touch()
    later = (home / "old" / "night.mcap").stat().st_mtime + 10
    os.utime(home / "new" / "night.mcap", (later, later))
    monkeypatch.chdir(home)
    assert run("note", "cramp").code == 0
    assert len(read_marks(home / "new").marks) == 1


def test_a_folder_without_a_recording_is_no_night(run, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    (tmp_path / "shopping.txt").write_text("milk, bread\nand eggs\n")
    monkeypatch.chdir(tmp_path)
    for arguments in ([], ["--night", tmp_path / "empty"], ["--night", tmp_path / "nowhere"]):
        ran = run("note", "cramp", *arguments)
        assert ran.code == 1
        assert len(ran.err.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["empty", "shopping.txt"]


def test_a_recording_may_be_named_itself(run, night):
    assert run("note", "cramp", "--at", "23:00", "--night", night / "night.edf").code == 0
    assert len(read_marks(night).marks) == 1
