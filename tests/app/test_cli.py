import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from crampwatch.app.cli import main
from crampwatch.recording.annotations.tsv import read_events
from crampwatch.recording.writers.edf import EdfSignal, write_edf

FILES = [
    *("events.json", "events.tsv", "provenance.json"),
    *("report.html", "summary.json", "tracks.json"),
]
SECONDS = 240
POSIX = os.name == "posix"
FULL = Path("/dev/full")


@pytest.fixture(scope="session")
def recording(tmp_path_factory):
    """Four minutes of a calf at rest, with one strong contraction of 50 s."""
    rng = np.random.default_rng(3)
    emg = rng.normal(0.0, 30.0, SECONDS * 500)
    emg[120 * 500 : 170 * 500] *= 12.0
    still = rng.normal(0.0, 10.0, (3, SECONDS * 50))
    still[2] += 8192
    path = tmp_path_factory.mktemp("recording") / "night.edf"
    signals = [EdfSignal("EMG L GM", "uV", -3276.8, 3276.7, -32768, 32767, 500)]
    signals += [EdfSignal(f"ACC L {axis}", "g", -4.0, 4.0, -32768, 32767, 50) for axis in "XYZ"]
    block = [emg.round().astype(np.int16), *(axis.round().astype(np.int16) for axis in still)]
    start = datetime(2026, 1, 31, 23, 59)  # noqa: DTZ001
    write_edf(path, signals, [block], start=start, record_s=1.0)
    return path


class Ran:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err
        self.lines = [line for line in err.splitlines() if line.startswith("crampwatch: ")]


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line in this process."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["crampwatch", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return Ran(end.value.code or 0, said.out, said.err)

    return run


def started(*arguments, **options):
    command = [sys.executable, "-m", "crampwatch", *map(str, arguments)]
    return subprocess.Popen(
        command,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options},
    )


def test_version_says_what_it_is_not(run):
    ran = run("--version")
    assert ran.code == 0
    assert ran.out.startswith(f"crampwatch {version('crampwatch')}\n")
    assert "not a medical device" in ran.out


@pytest.mark.parametrize("verb", ["score", "replay", "demo"])
def test_every_verb_has_help(run, verb):
    assert run("--help").out.count(f"  {verb} ") == 1
    ran = run(verb, "--help")
    assert ran.code == 0
    assert "--json" in ran.out


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nsys.argv = ['crampwatch', '--help']\n"
        "from crampwatch.app.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'scipy', 'pandas', 'bokeh', 'h5py', 'sklearn', 'jinja2'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "HEAVY []" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["score"],
        ["score", "a.edf"],
        ["score", "a.edf", "--out", "o", "--rules", "folklore"],
        ["score", "a.edf", "--out", "o", "--map", "nonsense"],
        ["score", "a.edf", "--out", "o", "--rate", "-5"],
        ["replay", "a.edf", "--speed", "-1"],
        ["dance"],
        ["--dance"],
    ],
)
def test_wrong_usage_exits_2_and_names_the_mistake(run, arguments):
    ran = run(*arguments)
    assert ran.code == 2
    assert "Usage:" in ran.err
    assert "Traceback" not in ran.err


def test_score_writes_a_whole_folder(run, recording, tmp_path):
    out = tmp_path / "deep" / "out"
    ran = run("score", recording, "--out", out)
    assert (ran.code, ran.lines) == (0, [])
    assert sorted(file.name for file in out.iterdir()) == FILES
    assert [entry.name for entry in out.parent.iterdir()] == ["out"]
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    events = read_events(out / "events.tsv")
    assert sum(summary["counts"].values()) == len(events) > 0
    assert summary["start"] == "2026-01-31T23:59:00"
    assert "not a medical device" in summary["disclaimer"]
    assert next(c["label"] for c in summary["channels"]) == "EMG L GM"
    origin = json.loads((out / "provenance.json").read_text("utf-8"))
    assert origin["input"]["files"][0]["size"] == recording.stat().st_size
    assert str(recording.parent) not in (out / "provenance.json").read_text("utf-8")
    assert "EMG L GM" in ran.out
    assert f"Written into {out}" in ran.out


def test_score_again_gives_the_same_and_keeps_what_else_is_there(run, recording, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    run("score", recording, "--out", out, "--no-report")
    first = (out / "events.tsv").read_bytes(), (out / "summary.json").read_bytes()
    run("score", recording, "--out", out, "--no-report")
    assert first == ((out / "events.tsv").read_bytes(), (out / "summary.json").read_bytes())
    names = sorted(file.name for file in out.iterdir())
    assert names == sorted({*FILES, "notes.txt"} - {"report.html"})


def test_json_is_what_was_written(run, recording, tmp_path):
    ran = run("score", recording, "--out", tmp_path / "out", "--json")
    printed = json.loads(ran.out)
    assert printed.pop("files") == FILES
    assert printed == json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert ran.err == ""


def test_rules_and_labels_reach_the_provenance(run, recording, tmp_path):
    out = tmp_path / "out"
    ran = run("score", recording, "--out", out, "--rules", "aasm", "--map", "EMG L GM=EMG R TA")
    assert ran.code == 0, ran.err
    origin = json.loads((out / "provenance.json").read_text("utf-8"))
    assert origin["settings"]["rules"] == "aasm"
    assert origin["arguments"]["map"] == {"EMG L GM": "EMG R TA"}
    assert origin["channels"][0]["label"] == "EMG R TA"
    assert origin["channels"][0]["source_labels"] == ["EMG L GM"]


def bad_input(kind, folder):
    path = folder / "bad.edf"
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "not EDF":
        path.write_bytes(b"\x00\x01garbage" * 100)
    elif kind == "folder without recording":
        path.mkdir()
    elif kind == "name with an escape":
        return folder / "bad\x1b[31m\n.edf"
    return path


@pytest.mark.parametrize(
    "kind",
    ["missing", "empty", "not EDF", "folder without recording", "name with an escape"],
)
@pytest.mark.parametrize("verb", ["score", "replay"])
def test_bad_input_is_one_line_and_leaves_nothing(run, tmp_path, kind, verb):
    path = bad_input(kind, tmp_path)
    out = tmp_path / "out"
    ran = run(verb, path, *(["--out", out] if verb == "score" else []))
    assert ran.code == 1
    assert len(ran.lines) == 1
    assert "bad" in ran.lines[0]
    assert "Traceback" not in ran.err
    assert "\x1b" not in ran.err
    assert not out.exists()


def test_an_out_that_is_a_file_is_left_alone(run, recording, tmp_path):
    out = tmp_path / "out"
    out.write_text("mine")
    ran = run("score", recording, "--out", out)
    assert ran.code == 1
    assert len(ran.lines) == 1
    assert out.read_text() == "mine"
    ran = run("score", recording, "--out", out / "below")
    assert ran.code == 1
    assert len(ran.lines) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", FILES)
def test_files_from_elsewhere_are_not_written_over(run, recording, tmp_path, name):
    (tmp_path / name).write_text("mine")
    ran = run("score", recording, "--out", tmp_path)
    assert ran.code == 1
    assert len(ran.lines) == 1
    assert name in ran.lines[0]
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(name, "mine")]


def test_debug_shows_the_traceback_of_a_failure(run, tmp_path):
    ran = run("--debug", "score", tmp_path / "no.edf", "--out", tmp_path / "out")
    assert ran.code == 1
    assert "Traceback" in ran.err
    assert len(ran.lines) == 1


def test_replay_prints_events_as_they_come_and_ends_with_the_final_ones(run, recording):
    ran = run("replay", recording, "--speed", "max")
    lines = ran.out.splitlines()
    assert ran.code == 0
    assert lines[0].startswith("Replaying night.edf, 4 min, as fast as possible")
    assert lines[-1].startswith("Final: ")
    assert all("(provisional)" in line for line in lines[1:-1])


def test_replay_as_json_is_one_object_a_line(run, recording):
    ran = run("replay", recording, "--speed", "0", "--json")
    first, *notices, last = [json.loads(line) for line in ran.out.splitlines()]
    assert first["recording"] == "night.edf"
    assert last["final"] is True
    decided = [notice["decided_at"] for notice in notices]
    assert decided == sorted(decided)
    assert all(notice["provisional"] is True for notice in notices)
    assert all(notice["onset"] <= notice["decided_at"] for notice in notices)


def test_the_final_events_of_a_replay_are_those_of_score(run, recording, tmp_path):
    played = json.loads(
        run("replay", recording, "--speed", "max", "--json").out.splitlines()[-1]
    )
    scored = json.loads(run("score", recording, "--out", tmp_path / "o", "--json").out)
    assert played["counts"] == scored["counts"]
    assert played["channels"] == scored["channels"]


def test_demo_needs_nothing_and_keeps_to_its_folder(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "crampwatch-demo").write_text("mine")
    ran = run("demo")
    assert (ran.code, ran.lines) == (0, [])
    assert "SIMULATED" in ran.out
    assert "found, onset" in ran.out
    assert "Real recording" in ran.out
    out = tmp_path / "crampwatch-demo-2"
    assert "SIMULATED" in (out / "report.html").read_text("utf-8")
    assert (tmp_path / "crampwatch-demo").read_text() == "mine"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        "crampwatch-demo",
        "crampwatch-demo-2",
    ]


def test_demo_as_json(run, tmp_path):
    ran = run("demo", "--json", "--out", tmp_path / "demo")
    found = json.loads(ran.out)["recordings"]
    assert [entry["simulated"] for entry in found][:2] == [True, False]
    assert found[0]["verdict"]
    assert ran.err == ""
    assert run("demo", "--json", "--out", tmp_path / "demo").code == 0


def test_labels_that_the_terminal_cannot_spell_do_not_stop_it(recording, tmp_path):
    path = tmp_path / "nächtlich-夜.edf"
    path.write_bytes(recording.read_bytes())
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = started(
        "score",
        path,
        "--out",
        tmp_path / "out",
        "--no-report",
        env=environment,
        encoding="cp1252",
    )
    out, err = done.communicate()
    assert done.returncode == 0, err
    assert "nächtlich-?.edf" in out


def test_plain_lines_where_there_is_no_terminal(recording, tmp_path):
    done = started("score", recording, "--out", tmp_path / "out", "--no-report")
    out, err = done.communicate()
    assert done.returncode == 0
    assert err == "Scoring night.edf\n"
    assert "\x1b" not in out


def test_a_reader_that_goes_away_is_no_error(recording, tmp_path):
    done = started("score", recording, "--out", tmp_path / "out", "--no-report")
    done.stdout.close()
    err = done.stderr.read()
    done.stderr.close()
    assert done.wait() in (0, 1)
    assert "Traceback" not in err
    assert "Exception" not in err


if POSIX:
    import pty
    import resource

    @pytest.mark.parametrize(
        "verb", [["score", "--no-report", "--out", "out"], ["replay", "--speed", "max"]]
    )
    def test_a_terminal_gets_a_bar_and_no_colour_is_honoured(recording, tmp_path, verb):
        ours, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1"}
        both = {"stdout": theirs, "stderr": theirs}
        done = started(verb[0], recording, *verb[1:], cwd=tmp_path, env=environment, **both)
        os.close(theirs)
        shown = b""
        with suppress(OSError):
            while part := os.read(ours, 4096):
                shown += part
        os.close(ours)
        assert done.wait() == 0
        assert "━" in shown.decode()
        assert not re.search(rb"\x1b\[[0-9;]*[34][0-9]m", shown)

    def test_a_full_disk_is_one_line_and_leaves_nothing(recording, tmp_path):
        def little_room():
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

        out = tmp_path / "out"
        done = started("score", recording, "--out", out, preexec_fn=little_room)
        _, err = done.communicate()
        assert done.returncode == 1
        lines = err.splitlines()
        assert len(lines) == 2
        assert lines[1].startswith("crampwatch: cannot write")
        assert list(tmp_path.iterdir()) == []

    def test_ctrl_c_ends_a_replay_cleanly(recording):
        # a shell's background jobs ignore Ctrl-C, and hand that down
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        done = started("replay", recording)
        signal.signal(signal.SIGINT, before)
        assert done.stdout.readline().startswith("Replaying night.edf")
        done.send_signal(signal.SIGINT)
        out, err = done.communicate()
        assert done.returncode == 130
        assert out.startswith("Stopped at ")
        assert err == "crampwatch: stopped\n"


if FULL.exists():

    def test_output_that_cannot_be_written_is_one_line():
        with FULL.open("w") as full:
            done = started("--version", stdout=full)
            _, err = done.communicate()
        assert done.returncode == 1
        assert err.startswith("crampwatch: ")
        assert len(err.splitlines()) == 1
