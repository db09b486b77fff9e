"""What the tests of the monitor watch: bands whose journals are written step by step."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from crampwatch.app.live.watching import LiveNight
from crampwatch.app.monitor.board import Board
from crampwatch.app.monitor.feeds import LiveFeed


def _bands():
    path = Path(__file__).parent.parent / "live" / "conftest.py"
    spec = importlib.util.spec_from_file_location("monitored_bands", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def bands():
    return _bands()


@pytest.fixture
def night(bands, tmp_path):
    """Return a band that is written, its journal, and the board that follows it."""
    path = tmp_path / "night.mcap"
    band = bands.Band(path)
    band.writer.sync()
    board = Board(LiveFeed(LiveNight(path), "night"))
    yield band, path, board
    board.feed.close()
    band.writer.close()
