"""The program and what it stands on: which versions, which extras, and the model."""

from __future__ import annotations

import hashlib
import platform
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path

from ...models.artefact import load_model, shipped_model
from ...recording.errors import CrampwatchError
from ..record.checks import Check, Verdict
from .system import joined

NAME = "crampwatch"
SHOWN = ("bleak", "numpy", "scipy", "mcap")
NOT_FOR_USERS = ("dev", "test")

_NEED = re.compile(
    r"(?P<name>[\w.-]+)(?:\[[^]]*\])?\s*(?:>=\s*(?P<low>[\d.]+))?[^;]*"
    r"(?:;(?P<marker>.*))?"
)
_EXTRA = re.compile(r"extra\s*==\s*[\"']([\w.-]+)[\"']")


def versions() -> list[Check]:
    """Return what is installed, and whether it is what the program needs."""
    try:
        own = metadata.version(NAME)
        needs = metadata.requires(NAME) or []
    except metadata.PackageNotFoundError:
        return [Check("program", Verdict.WARN, "is not installed: pip install crampwatch")]
    return [*packages(own, needs, _installed), model()]


def packages(
    own: str, needs: Iterable[str], installed: Callable[[str], str | None]
) -> list[Check]:
    """Return a line on the program with its packages, and one on its extras.

    Parameters
    ----------
    own
        Version of the program.
    needs
        Requirements, as the metadata of a package lists them.
    installed
        Version of a package, None where it is not there.
    """
    wrong: list[str] = []
    extras: dict[str, bool] = {}
    for need in needs:
        found = _NEED.fullmatch(need.strip())
        if found is None:
            continue
        extra = _EXTRA.search(found["marker"] or "")
        if extra is None and found["marker"]:
            continue  # for another system or Python
        have = installed(found["name"])
        trouble = _trouble(found["name"], have, found["low"])
        if extra is None:
            wrong += [trouble] if trouble else []
        elif "python_version" not in (found["marker"] or ""):
            extras[extra[1]] = extras.get(extra[1], True) and not trouble
    numbers = [f"{name} {version}" for name in SHOWN if (version := installed(name))]
    words = f"crampwatch {own}, Python {platform.python_version()}, {joined(numbers)}"
    if wrong:
        words = f"{joined(wrong)}: run: pip install --upgrade crampwatch"
        return [Check("program", Verdict.FAIL, words)]
    return [Check("program", Verdict.OK, words), *_extras(extras)]


def model() -> Check:
    """Return whether the detector that comes with the program is there and whole."""
    what = "model"
    mend = "run: pip install --force-reinstall crampwatch"
    place = shipped_model()
    if place is None:
        words = f"the one that comes with the program is not there: {mend}"
        return Check(what, Verdict.WARN, words)
    try:
        found = load_model(place)
    except CrampwatchError as error:
        return Check(what, Verdict.WARN, f"{error}: {mend}")
    told = recorded_digest(place)
    if told is not None and told != _digest(place):
        words = f"{found.name} is not the file that was installed: {mend}"
        return Check(what, Verdict.WARN, words)
    return Check(what, Verdict.OK, f"{found.name}, sha256 {found.digest[:12]}")


def recorded_digest(place: Path) -> str | None:
    """Return the digest that was noted of a file when it was installed, None where none was.

    Source: "Recording installed projects" of the packaging specifications, ``RECORD``.
    """
    try:
        files = metadata.files(NAME) or []
    except metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name == place.name and file.hash is not None and file.hash.mode == "sha256":
            return file.hash.value
    return None


def _digest(place: Path) -> str:
    digest = hashlib.sha256(place.read_bytes()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _extras(extras: dict[str, bool]) -> list[Check]:
    own = {name: there for name, there in extras.items() if name not in NOT_FOR_USERS}
    if not own:
        return []
    there = [name for name, has in own.items() if has]
    away = [name for name, has in own.items() if not has]
    words = joined(there) or "none"
    if away:
        words += f"; not installed: {joined(away)} (pip install 'crampwatch[{away[0]}]')"
    return [Check("extras", Verdict.OK, words)]


def _trouble(name: str, have: str | None, low: str | None) -> str:
    if have is None:
        return f"{name} is not installed"
    if low is not None and _number(have) < _number(low):
        return f"{name} is {have}, and must be {low} or newer"
    return ""


def _number(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", version)
    parts = [int(part) for part in found[0].split(".")] if found else [0]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return tuple(parts)


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
