"""``crampwatch decode`` on good captures, bad ones, and wrong words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from device_vectors import DEVICES, differences

from crampwatch.app.cli.program import app

CYTON = DEVICES / "cyton" / "cyton_gains.bin"
POLAR = DEVICES / "polar" / "polar_h10_clean.jsonl"


@dataclass
class Run:
    returncode: int
    stdout: str
    stderr: str


Decode = Callable[..., Run]


@pytest.fixture
def decode(capsys: pytest.CaptureFixture[str]) -> Decode:
    def run(*words: object) -> Run:
        with pytest.raises(SystemExit) as end:
            app(["decode", *map(str, words)])
        return Run(int(end.value.code or 0), *capsys.readouterr())

    return run


@pytest.mark.parametrize("separate", [False, True])
def test_settings_may_stand_together_or_apart(
    decode: Decode, separate: bool, tmp_path: Path
) -> None:
    gains = "gain=1,2,4,6,8,12,24,24"
    words = ["--set", gains, "--set", "fs=250"] if separate else ["--set", gains, "fs=250"]
    run = decode("cyton", CYTON, "--out", tmp_path / "new" / "out", *words)
    assert run.returncode == 0, run.stderr
    assert differences(CYTON.with_suffix(".json"), tmp_path / "new" / "out") == []
    assert "120 samples" in run.stdout


def test_json_is_the_summary(decode: Decode, tmp_path: Path) -> None:
    run = decode("polar", POLAR, "--out", tmp_path, "--json")
    assert json.loads(run.stdout) == json.loads((tmp_path / "summary.json").read_text())


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["cytron", CYTON], 1, "there are: bitalino, chords-ble"),
        (["cyton", CYTON, "--set", "gains=24"], 1, "it has: gain, fs"),
        (["cyton", CYTON, "--set", "gain=1,2"], 1, "1 or 8 numbers"),
        (["cyton", CYTON, "--set", "fs=nan"], 1, "must lie between"),
        (["cyton", CYTON, "--set", "fs=-1"], 1, "must lie between"),
        (["cyton", CYTON, "--set", "chunk=0"], 1, "whole number from 1"),
        (["bitalino", CYTON, "--set", "channels=1,9"], 1, "different channels"),
        (["shimmer3", CYTON, "--set", "channels=zz"], 1, "hexadecimal"),
        (["shimmer3", CYTON, "--set", "channels=00,01,02", "accel_sens=0,0,0"], 1, "inverted"),
        (["ganglion", POLAR, "--set", "firmware=4"], 1, "must be one of 2, 3"),
        (["cyton", "missing.bin"], 1, "check the name"),
        (["cyton", DEVICES], 1, "directory"),
        (["polar", CYTON], 1, "no line is a captured notification"),
        (["cyton", CYTON, "--set", "fs"], 2, "not KEY=VALUE"),
        (["cyton", CYTON, "--set", "fs=1", "fs=2"], 2, "set twice"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    decode: Decode, words: list[object], code: int, says: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run = decode(*words, "--out", out)
    assert run.returncode == code
    assert says in " ".join(run.stderr.replace("│", " ").split())
    assert code == 2 or run.stderr.count("\n") == 1
    assert not out.exists()


def test_a_torn_last_line_is_passed_over(decode: Decode, tmp_path: Path) -> None:
    lines = POLAR.read_bytes().splitlines(keepends=True)
    raw = tmp_path / "torn.jsonl"
    for cut in (b"{", lines[9][:-3], lines[9][:40]):
        raw.write_bytes(b"".join(lines) + cut)
        run = decode("polar", raw, "--out", tmp_path / "out")
        assert run.returncode == 0, run.stderr
        assert differences(POLAR.with_suffix(".json"), tmp_path / "out") == []
        assert "no notification" not in run.stdout


def test_lines_that_are_no_notification_are_counted(decode: Decode, tmp_path: Path) -> None:
    lines = POLAR.read_bytes().splitlines(keepends=True)
    bad = [
        b"\xff\xfe\n",
        b"[]\n",
        b"3\n",
        b'{"t": 1, "char": 5}\n',
        b'{"t": 1, "char": "x", "data": "0g"}\n',
        b'{"t": 1, "char": "x", "data": 7}\n',
        b"[" * 50_000 + b"\n",
        b"x" * 200_000 + b"\n",
    ]
    fine = [b"\n", b'{"t": null, "char": null, "data": ""}\n', b'{"char": "x", "data": "00"}\n']
    raw = tmp_path / "mixed.jsonl"
    raw.write_bytes(b"".join(bad + fine + lines))
    run = decode("polar", raw, "--out", tmp_path / "out", "--json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["unreadable_lines"] == len(bad)
    assert differences(POLAR.with_suffix(".json"), tmp_path / "out") == []


@pytest.mark.parametrize("driver", ["cyton", "polar", "open-sensor"])
def test_an_empty_capture_holds_nothing(decode: Decode, driver: str, tmp_path: Path) -> None:
    raw = tmp_path / "empty"
    raw.write_bytes(b"")
    run = decode(driver, raw, "--out", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    assert "Nothing was found" in run.stdout
    assert (tmp_path / "out" / "summary.json").is_file()
