"""Recorders in programs of their own, and what is in the night afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from crampwatch.recording.journal.reader import JournalReader

CALF = "left-calf=sim:cyton"
BAND = "right-calf=sim:open-sensor"
FAST = ("--speed", "60", "--no-score")
ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("CRAMPWATCH_")},
    "TERM": "dumb",
    "NO_COLOR": "1",
    "COLUMNS": "96",
    "PYTHONUNBUFFERED": "1",
    "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus",
    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus",
}


class Lines:
    """A view that keeps what it was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.shown = 0

    def say(self, text: str) -> None:
        self.lines.append(text)

    def checked(self, check) -> None:
        self.lines.append(f"{check.what}: {check.words}")

    def show(self, _status) -> None:
        self.shown += 1

    def close(self) -> None:
        pass


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "crampwatch", *map(str, arguments)]


def crampwatch(*arguments: str | Path, **said: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        env={**ENVIRONMENT, **said},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@contextmanager
def recording(
    *arguments: str | Path, said: dict[str, str] | None = None, **more: Any
) -> Iterator[subprocess.Popen[str]]:
    """Run the recorder until the block ends, at the latest."""
    with subprocess.Popen(
        command("record", *arguments),
        env={**ENVIRONMENT, **(said or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        **more,
    ) as recorder:
        try:
            yield recorder
        finally:
            recorder.kill()


def until(recorder: subprocess.Popen[str], words: str) -> str:
    """Read what it prints until a line holds the words."""
    assert recorder.stdout is not None
    said = ""
    for line in recorder.stdout:
        said += line
        if words in line:
            return said
    assert recorder.stderr is not None
    raise AssertionError(f"it ended: {said}{recorder.stderr.read()}")


def grown(recorder: subprocess.Popen[str], path: Path, size: int) -> None:
    """Wait until a file is larger; the recorder writes it all the time."""
    while not path.exists() or path.stat().st_size < size:
        if recorder.poll() is not None:
            out, err = recorder.communicate()
            raise AssertionError(f"it ended: {out}{err}")
        time.sleep(0.05)


def notes(night: Path, *kinds: str) -> list[Any]:
    """Return the notes of some kinds."""
    with closing(JournalReader(night / "night.mcap")) as reader:
        return list(reader.notes(kinds))


def reason(night: Path) -> str:
    """Return why it ended, or nothing where it was cut off."""
    told = [note.data for note in notes(night, "recorder")]
    assert told[0]["event"] == "start"
    return str(told[-1].get("reason", "")) if told[-1]["event"] == "stop" else ""


def samples(night: Path) -> dict[tuple[str, str, int], np.ndarray]:
    """Return the running numbers of each stream, by sensor, stream and generation."""
    found: dict[tuple[str, str, int], list[np.ndarray]] = {}
    with closing(JournalReader(night / "night.mcap")) as reader:
        assert not [each for each in reader.damage if not each.torn]
        for channel, stream in reader.streams.items():
            key = stream.sensor, stream.stream, stream.generation
            blocks = found.setdefault(key, [])
            blocks += [block.index for block in reader.blocks(channel)]
    return {
        key: np.concatenate(blocks) if blocks else np.empty(0, np.int64)
        for key, blocks in found.items()
    }


def without_hole(night: Path) -> int:
    """Return how many samples there are; of each stream all since the first one."""
    count = 0
    for key, index in samples(night).items():
        assert (np.diff(index) == 1).all(), key
        count += len(index)
    return count
