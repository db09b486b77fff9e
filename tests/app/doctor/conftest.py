"""Computers made of files and small programs, for the checks to look at."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crampwatch.app.doctor.system import System

sys.path.insert(0, str(Path(__file__).parents[2] / "firmware_bridge" / "ble"))

EVENING = datetime(2026, 11, 22, 22, 0, tzinfo=UTC).timestamp()


class Machine:
    """A Linux computer of which nothing is known at first."""

    def __init__(self, folder: Path) -> None:
        self.root, self.bin = folder / "root", folder / "bin"
        self.root.mkdir()
        self.bin.mkdir()

    def has(self, name: str, text: str = "") -> Path:
        place = self.root / name.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
        return place

    def program(self, name: str, prints: str = "", *, code: int = 0) -> None:
        script = self.bin / name
        script.write_text(f"#!/bin/sh\n/bin/cat <<'END'\n{prints}\nEND\nexit {code}\n", "utf-8")
        script.chmod(0o755)

    def system(self, **changes: Any) -> System:
        environment = {"PATH": str(self.bin), "USER": "ann", **changes.pop("environment", {})}
        values = {"platform": "linux", "now_s": EVENING, "groups": (1000,), **changes}
        return System(self.root, environment=environment, **values)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)
