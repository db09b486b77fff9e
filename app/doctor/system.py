"""What the checks read of a computer: its files, its programs, its clock."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_S = 5.0
"""A program that says nothing for so long is not waited for."""

MOST_TEXT = 1 << 20


def _groups() -> tuple[int, ...]:
    return tuple(os.getgroups()) if hasattr(os, "getgroups") else ()


@dataclass(frozen=True, slots=True)
class System:
    """One computer; nothing of it is changed, and nothing raises.

    Attributes
    ----------
    root
        Where its files begin.
    platform
        As `sys.platform` names it.
    environment
        Variables; programs are found by its ``PATH``.
    now_s
        Its wall clock, seconds since 1970 UTC.
    groups
        Numbers of the groups that this process has.
    """

    root: Path = Path("/")
    platform: str = sys.platform
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    now_s: float = field(default_factory=time.time)
    groups: tuple[int, ...] = field(default_factory=_groups)

    @property
    def linux(self) -> bool:
        """Whether it is Linux, whose files say most."""
        return self.platform.startswith("linux")

    def path(self, name: str) -> Path:
        """Return where a file of this computer is, ``/proc/mounts`` for one."""
        return self.root / name.lstrip("/")

    def text(self, name: str) -> str:
        """Return what a file says, empty where it cannot be read."""
        try:
            with self.path(name).open("rb") as file:
                return file.read(MOST_TEXT).decode("utf-8", "replace")
        except (OSError, ValueError):
            return ""

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder in their order, none where it cannot be read."""
        try:
            return tuple(sorted(each.name for each in self.path(folder).iterdir()))
        except (OSError, ValueError):
            return ()

    def link(self, name: str) -> str:
        """Return where a link leads, empty where there is none."""
        try:
            return str(self.path(name).readlink())
        except (OSError, ValueError):
            return ""

    def has(self, program: str) -> bool:
        """Return whether there is a program."""
        return shutil.which(program, path=self.environment.get("PATH")) is not None

    def run(self, *command: str) -> str | None:
        """Return what a program prints, None where it is not there, fails or hangs."""
        place = shutil.which(command[0], path=self.environment.get("PATH"))
        if place is None:
            return None
        try:
            done = subprocess.run(  # noqa: S603 - programs that the checks name
                [place, *command[1:]],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env={**self.environment, "LC_ALL": "C"},
                timeout=PATIENCE_S,
                check=False,
            )
        except (OSError, ValueError, subprocess.SubprocessError):
            return None
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def lines_of(pairs: str) -> Mapping[str, str]:
    """Return ``KEY=value`` lines by key; the last one of a key holds."""
    found = {}
    for line in pairs.splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith(("#", ";")):
            found[key.strip()] = value.strip()
    return found


def joined(words: Sequence[str]) -> str:
    """Return words with commas between them."""
    return ", ".join(words)
