import errno

import pytest
import typer

from crampwatch.app.cli.failures import explain
from crampwatch.recording.errors import RecordingError


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (RecordingError("a.edf: empty"), 1, "crampwatch: a.edf: empty"),
        (RecordingError("two\nlines \x1b[2J"), 1, "crampwatch: two lines �[2J"),
        (
            OSError(errno.ENOSPC, "No space left on device", "out"),
            1,
            "crampwatch: out: No space left on device; free some space on that disk",
        ),
        (
            IsADirectoryError(errno.EISDIR, "Is a directory", "d"),
            1,
            "crampwatch: d: Is a directory; name a file, not a folder",
        ),
        (OSError(errno.ENODEV, "No such device"), 1, "crampwatch: No such device"),
        (KeyboardInterrupt(), 130, "crampwatch: stopped"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 1, ""),
    ],
)
def test_a_failure_is_one_line_and_a_code(capsys, error, code, line):
    assert explain(error) == code
    said = capsys.readouterr()
    assert said.err.strip() == line
    assert said.out == ""


def test_memory_that_runs_out_is_no_fault_of_the_program(capsys):
    assert explain(MemoryError()) == 1
    assert "out of memory" in capsys.readouterr().err


def fail():
    raise KeyError("level")


@pytest.mark.parametrize("debug", [False, True])
def test_a_fault_of_the_program_says_so_and_debug_shows_where(capsys, debug):
    with pytest.raises(KeyError) as caught:
        fail()
    assert explain(caught.value, debug=debug) == 1
    said = capsys.readouterr().err
    assert "a fault of the program: KeyError: 'level' (test_failures.py, line" in said
    assert "--debug" in said
    assert ("Traceback" in said) is debug
    assert (len(said.splitlines()) == 1) is not debug


@pytest.mark.parametrize("error", [typer.Exit(0), typer.BadParameter("x"), typer.Abort()])
def test_wrong_usage_is_left_to_the_library(capsys, error):
    assert explain(error) is None
    assert capsys.readouterr().err == ""
