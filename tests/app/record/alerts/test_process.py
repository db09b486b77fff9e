"""Whatever becomes of the alert process, the recorder hears a line of it and goes on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading

import pytest

from crampwatch.app.record.alerts import process as module
from crampwatch.app.record.alerts.process import AlertProcess
from crampwatch.app.record.alerts.settings import AlertSettings

PREFACE = "import json, os, sys, time\norders = json.loads(sys.stdin.readline())\n"
ALIVE = "print(json.dumps({'alive': 1}), flush=True)\n"
WAITS = "sys.stdin.readline()\n"


class Heard:
    """Runs a program as the alert process in a loop that must never be held up."""

    def __init__(self, tmp_path, program, *, silent_s=60.0, settings=None):
        self.path, self.program = tmp_path / "night.mcap", PREFACE + program
        self.silent_s = silent_s
        self.settings = settings or AlertSettings(on=True)
        self.words = []

    async def _run(self, enough, kill):
        words, changed = self.words, asyncio.Event()

        def hear(kind, value):
            words.append((kind, value))
            changed.set()

        process = AlertProcess(
            self.path, ["left-calf"], self.settings, speed=1.0, hear=hear,
            silent_s=self.silent_s, command=(sys.executable, "-c", self.program),
        )  # fmt: skip
        process.start()
        while not enough(words):
            await changed.wait()
            changed.clear()
            if kill is not None and process.pid is not None and words[-1][0] == "last":
                os.kill(process.pid, kill)
        await asyncio.to_thread(process.end, 5.0)
        assert not process.alive

    def until(self, enough, kill=None):
        asyncio.run(self._run(enough, kill))
        return self.words


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.05)


def said(words, kind):
    return [value for each, value in words if each == kind]


def last_told(count):
    return lambda words: len(said(words, "last")) >= count


def ended(count=1):
    return lambda words: sum("ended" in each for each in said(words, "note")) >= count


def test_it_is_handed_everything_on_its_input_and_nothing_by_its_name(tmp_path) -> None:
    program = (
        "print(json.dumps({'last': json.dumps(orders['settings']['apprise'])"
        " + ' '.join(sys.argv)}), flush=True)\n"
    )
    settings = AlertSettings.model_validate({"on": True, "apprise": ["ntfy://secret"]})
    words = Heard(tmp_path, program + WAITS, settings=settings).until(last_told(1))
    assert said(words, "last") == ['["ntfy://secret"]-c']


def test_one_that_is_killed_is_started_anew(tmp_path) -> None:
    program = ALIVE + "print(json.dumps({'last': str(orders['again'])}), flush=True)\n" + WAITS
    words = Heard(tmp_path, program).until(last_told(3), kill=signal.SIGKILL)
    assert said(words, "last")[:3] == ["False", "True", "True"]
    assert "-9" in said(words, "note")[0]


def test_one_that_crashes_again_and_again_is_left_alone(tmp_path) -> None:
    words = Heard(tmp_path, "sys.exit(3)\n").until(
        lambda words: any("no more alerts" in each for each in said(words, "note"))
    )
    assert sum("has ended" in each for each in said(words, "note")) == module.MOST_STARTS


def test_one_that_hangs_is_killed(tmp_path) -> None:
    words = Heard(tmp_path, ALIVE + "time.sleep(1000)\n", silent_s=0.3).until(ended())
    assert "it had hung" in said(words, "note")[0]


def test_one_that_is_stopped_is_killed(tmp_path) -> None:
    program = ALIVE + "print(json.dumps({'last': 'x'}), flush=True)\n" + WAITS
    heard = Heard(tmp_path, program, silent_s=0.3)
    words = heard.until(ended(), kill=signal.SIGSTOP)
    assert "it had hung" in said(words, "note")[0]


def test_one_that_floods_its_output_is_neither_heard_nor_waited_for(tmp_path) -> None:
    program = ALIVE + (
        "block = (b'x' * 5000 + b'\\n' + b'[1]\\n{\"last\": \"y\"}\\n') * 50\n"
        "while True: os.write(1, block)\n"
    )
    words = Heard(tmp_path, program).until(last_told(30))
    assert {kind for kind, _ in words} <= {"last", "note"}
    assert len(words) < 200


def test_one_that_prints_nonsense_forever_is_killed_as_if_it_hung(tmp_path) -> None:
    program = ALIVE + "while True: os.write(1, b'nonsense\\n' * 1000)\n"
    words = Heard(tmp_path, program, silent_s=0.5).until(ended())
    assert "it had hung" in said(words, "note")[0]


def test_one_that_does_not_end_when_asked_is_ended(tmp_path) -> None:
    program = (
        ALIVE + "print(json.dumps({'last': 'x'}), flush=True)\nwhile True: time.sleep(9)\n"
    )
    Heard(tmp_path, program).until(last_told(1))
    assert not [t for t in threading.enumerate() if t.name == "alerts"]


def test_one_that_says_why_it_failed_is_quoted(tmp_path) -> None:
    program = "print(json.dumps({'failed': 'no model'}), flush=True)\nsys.exit(1)\n"
    words = Heard(tmp_path, program).until(ended())
    assert "no model" in said(words, "note")[0]


STRANGE = [
    b"", b"{}", b"[]", b'{"alert": 1, "last": 2}', b"\xff\xfe", b"[" * 5000, b'{"rm": 1}',
    json.dumps({"last": "x" * 9000}).encode(),
]  # fmt: skip


@pytest.mark.parametrize("line", STRANGE)
def test_a_line_that_is_no_word_of_ours_is_passed_over(line) -> None:
    from crampwatch.app.record.alerts.wire import from_line

    assert from_line(line) is None
