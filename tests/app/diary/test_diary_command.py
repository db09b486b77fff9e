"""crampwatch diary: asked on a terminal, from a file, from arguments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crampwatch.app.diary.asking import Interview
from crampwatch.app.diary.nights import Span
from crampwatch.recording import Event
from crampwatch.recording.annotations.diary import FILE, read_diary
from crampwatch.recording.annotations.markers import Mark
from crampwatch.recording.annotations.vocabulary import CRAMP_FIELDS, FACTORS, NIGHT_FIELDS

POSIX = os.name == "posix"
START = datetime(2026, 1, 31, 22, 0, tzinfo=UTC)
NOW = START + timedelta(hours=10)


class Person:
    """Answers by what is asked; everything else is left open."""

    def __init__(self, **answers):
        self.answers = {key.replace("_", " "): value for key, value in answers.items()}
        self.asked, self.heard = [], []

    def ask(self, question):
        self.asked.append(question)
        assert len(self.asked) < 200, question
        for key, value in self.answers.items():
            if key.casefold() in question.casefold():
                if value is EOFError:
                    raise EOFError
                if isinstance(value, list):
                    return value.pop(0) if value else ""
                return value
        return ""


def interviewed(person, found=(), marks=()):
    span = Span(START, START + timedelta(hours=8))
    return Interview(person.ask, person.heard.append, span, NOW, found, marks).run()


def test_everything_may_be_skipped():
    person = Person()
    diary = interviewed(person)
    assert (diary.cramps, diary.told, diary.factors, diary.text) == (None, {}, {}, "")
    assert len(person.asked) == 2 + len(NIGHT_FIELDS) + len(FACTORS)


def test_a_cramp_is_asked_for_in_full():
    person = Person(
        how_many_cramps="1",
        when="03:10",
        which_leg="l",
        where="calf, foot",
        pain="7/10",
        minutes_did="3",
        what_ended_it="stretch, walk",
        soreness="4",
        distress="5",
        wake_you="y",
    )
    (cramp,) = interviewed(person).cramps
    assert (cramp.side, cramp.muscles) == ("left", ("calf", "foot"))
    assert cramp.told == {
        "pain": 7, "lasted_min": 3.0, "ended_by": ("stretched", "walked"), "soreness": 4,
        "distress": 5, "woke": True,
    }  # fmt: skip
    assert (cramp.earlier_s, cramp.later_s) == (600.0, 600.0)
    assert set(cramp.told) == {field.name for field in CRAMP_FIELDS}


def test_none_remembered_is_kept():
    assert interviewed(Person(how_many_cramps="0")).cramps == ()


def test_what_makes_no_sense_is_asked_again():
    person = Person(how_many_cramps=["many", "-1", "1"], pain=["bad", "12", "6"])
    assert interviewed(person).cramps[0].told == {"pain": 6}
    assert len(person.heard) >= 4


def test_an_early_end_keeps_what_was_told():
    diary = interviewed(Person(how_many_cramps="2", pain="6", minutes_did=EOFError))
    assert [cramp.told for cramp in diary.cramps] == [{"pain": 6}]
    assert interviewed(Person(partner=EOFError, restless="y")).told == {"restless_legs": True}


def test_the_sleeper_is_asked_only_about_what_was_not_spoken_of():
    found = [
        Event(18_600.0, 80.0, "cramp", "left", "EMG L GM", 0.9),
        Event(9_000.0, 30.0, "possible_cramp", "left", "EMG L GM", 0.4),
        Event(12_000.0, 60.0, "cramp", "left", "EMG L GM", 0.8),
    ]
    noted = [Mark(START + timedelta(seconds=12_100), side="left")]
    person = Person(how_many_cramps="1", when="03:10+00:00", was_it_a_cramp=["no"])
    person.answers["when"] = "2026-02-01 03:10+00:00"
    diary = interviewed(person, found, noted)
    asked = [question for question in person.asked if "was it a cramp" in question]
    assert len(asked) == 1
    (answer,) = diary.answers
    assert (answer.felt, answer.side, answer.channel) == (False, "left", "EMG L GM")
    assert (answer.at - START).total_seconds() == 9_000.0


def test_arguments_make_a_diary_and_show_reads_it(run, night):
    ran = run(
        "diary", "--night", night, "--cramp", "23:01 left calf, pain 7", "--cramp", "foot",
        "--set", "exercise=hard", "--set", "medicines=stat,naproxen", "--set", "fluids_l=1,5",
        "--set", "stretched=no", "--set", "partner_noticed=kick", "--text", "long day",
    )  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    diary = read_diary(night)
    assert [cramp.muscles for cramp in diary.cramps] == [("calf",), ("foot",)]
    assert f"{diary.cramps[0].at:%Y-%m-%d %H:%M}" == "2026-01-31 23:01"
    assert diary.cramps[1].at is None
    assert diary.factors == {
        "exercise": "hard", "fluids_l": 1.5, "stretched": False,
        "medicines": ("statin", "naproxen"),
    }  # fmt: skip
    assert diary.told == {"partner_noticed": ("kicking",)}
    shown = run("diary", "--night", night, "--show").out
    assert "Cramps remembered: 2" in shown
    assert "long day" in shown


def test_a_file_makes_a_diary(run, night, tmp_path):
    content = {
        "cramps": [{"at": "23:01", "side": "left", "muscles": ["calf"], "pain": 7}],
        "restless_legs": False,
        "factors": {"pregnancy_week": 30},
    }
    (tmp_path / "d.json").write_text(json.dumps(content))
    assert run("diary", "--night", night, "--json", tmp_path / "d.json").code == 0
    diary = read_diary(night)
    assert diary.cramps[0].told == {"pain": 7}
    assert diary.notes == ()
    content["factors"]["mood"] = "good"
    (tmp_path / "d.json").write_text(json.dumps(content))
    ran = run("diary", "--night", night, "--json", tmp_path / "d.json", "--again")
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
    assert "'mood' is not known" in ran.err
    assert read_diary(night) == diary


def test_a_diary_is_not_written_over(run, night):
    assert run("diary", "--night", night, "--no-cramp").code == 0
    ran = run("diary", "--night", night, "--no-cramp")
    assert (ran.code, "--again" in ran.err) == (1, True)
    assert run("diary", "--night", night, "--text", "two", "--again").code == 0
    assert read_diary(night).text == "two"
    assert json.loads((night / "diary.1.json").read_text())["cramps"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--set", "exercise=extreme"], 1),
        (["--set", "mood=good"], 1),
        (["--set", "exercise"], 1),
        (["--cramp", "25:00 left calf", "--no-cramp"], 1),
        (["--no-cramp", "--cramp", "left calf"], 1),
        (["--show"], 1),
        (["--json", "nowhere.json"], 1),
        (["--json", "d.json", "--no-cramp"], 2),
        ([], 2),
    ],
)
def test_what_makes_no_sense_writes_nothing(run, night, arguments, code, monkeypatch):
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        ran = run("diary", "--night", night, *arguments)
    assert ran.code == code
    assert "Traceback" not in ran.err
    assert not (night / FILE).exists()


if POSIX:

    def on_a_terminal(night, *answers):
        import fcntl
        import pty
        import select
        import signal
        import termios

        def own_terminal():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            # a background job of a shell hands an ignored one down
            signal.signal(signal.SIGINT, signal.SIG_DFL)

        leader, follower = pty.openpty()
        command = [sys.executable, "-m", "crampwatch", "diary", "--night", str(night)]
        with subprocess.Popen(
            command,
            stdin=follower,
            stdout=follower,
            stderr=follower,
            start_new_session=True,
            preexec_fn=own_terminal,  # noqa: PLW1509
        ) as running:
            os.close(follower)
            shown = b""
            for answer in answers:
                # what is typed before a question is asked may be read in another mode
                asked = b""
                while not asked.endswith(b": "):
                    asked += os.read(leader, 4096)
                shown += asked
                os.write(leader, answer)
            try:
                chunk = b"."
                while chunk:
                    # a signal just before the terminal is waited for shows at the next key
                    while not select.select([leader], [], [], 1.0)[0]:
                        os.write(leader, answers[-1])
                    chunk = os.read(leader, 4096)
                    shown += chunk
            except OSError:
                pass
            finally:
                os.close(leader)
        return running.returncode, shown.decode()

    def test_a_person_at_a_terminal(night):
        code, shown = on_a_terminal(
            night, b"1\n", b"23:01\n", b"left\n", b"calf\n", b"7\n", b"\x04"
        )
        assert code == 0
        assert "Written into" in shown
        (cramp,) = read_diary(night).cramps
        assert (cramp.side, cramp.muscles, cramp.told) == ("left", ("calf",), {"pain": 7})

    def test_ctrl_c_drops_it(night):
        code, _ = on_a_terminal(night, b"1\n", b"\x03")
        assert code == 130
        assert not (night / FILE).exists()
