"""A night of a calf, and the command line in this process."""

from __future__ import annotations

import sys
from datetime import datetime

import numpy as np
import pytest

from crampwatch.app.cli import main
from crampwatch.recording.writers.edf import EdfSignal, write_edf

SECONDS = 2400
CONTRACTION = (1200, 1260)


@pytest.fixture(scope="session")
def calf_night(tmp_path_factory):
    """Forty minutes from 22:40 on of a left calf at rest; at 23:00 it contracts for 60 s."""
    rng = np.random.default_rng(3)
    emg = rng.normal(0.0, 30.0, SECONDS * 500)
    emg[CONTRACTION[0] * 500 : CONTRACTION[1] * 500] *= 12.0
    still = rng.normal(0.0, 10.0, (3, SECONDS * 25))
    still[2] += 8192
    path = tmp_path_factory.mktemp("recording") / "night.edf"
    signals = [EdfSignal("EMG L GM", "uV", -3276.8, 3276.7, -32768, 32767, 500)]
    signals += [EdfSignal(f"ACC L {axis}", "g", -4.0, 4.0, -32768, 32767, 25) for axis in "XYZ"]
    block = [emg.round().astype(np.int16), *(axis.round().astype(np.int16) for axis in still)]
    start = datetime(2026, 1, 31, 22, 40)  # noqa: DTZ001
    write_edf(path, signals, [block], start=start, record_s=1.0)
    return path


@pytest.fixture
def night(calf_night, tmp_path):
    """Return a folder of its own with that night."""
    folder = tmp_path / "night"
    folder.mkdir()
    (folder / "night.edf").write_bytes(calf_night.read_bytes())
    return folder


class Ran:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


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
