"""From settings to ways."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from .....recording.errors import CrampwatchError
from .settings import WaySettings

if TYPE_CHECKING:
    from ..alert import Way
    from ..settings import AlertSettings

Buzz = Callable[[str | None, int, int], None]
"""Asks for a vibration: the sensor or None for all, milliseconds, strength 1 to 255."""

_EXTRAS = {"apprise": "alerts", "paho": "mqtt"}
"""Which extra brings a package."""


def open_ways(settings: AlertSettings, haptic: Buzz) -> tuple[Way, ...]:
    """Return the ways that are wanted; each has still to be opened.

    Parameters
    ----------
    settings
        Of the alerts.
    haptic
        Hands the wish for a vibration to the process that holds the links.

    Raises
    ------
    CrampwatchError
        A package is not installed, or a file cannot be read.
    """
    wanted = settings.ways
    check_ways(wanted)
    found: list[Way] = []
    if wanted.bell:
        from .bell import Bell

        found.append(Bell())
    if wanted.sound:
        from .sound import Sound

        found.append(Sound(None if wanted.sound is True else wanted.sound))
    if wanted.haptic:
        from .haptic import Haptic

        found.append(Haptic(haptic, wanted.haptic_ms, wanted.haptic_strength))
    if wanted.desktop:
        from .desktop import Desktop

        found.append(Desktop())
    if wanted.apprise or wanted.apprise_file:
        from .push import pushes

        found += pushes(wanted)
    if wanted.mqtt is not None:
        from .mqtt import Mqtt

        found.append(Mqtt(wanted.mqtt, detail=settings.detail))
    return tuple(found)


def check_ways(settings: WaySettings) -> None:
    """Look, without importing or opening anything, whether the ways can work at all.

    Raises
    ------
    CrampwatchError
        A package is not installed, or a file cannot be read.
    """
    if settings.apprise or settings.apprise_file:
        _need("apprise", "apprise")
    if settings.mqtt is not None:
        _need("paho", "mqtt")
        _read("alerts.mqtt.ca_file", settings.mqtt.ca_file)
        _read("alerts.mqtt.password_file", settings.mqtt.password_file)
    _read("alerts.apprise_file", settings.apprise_file)
    if not isinstance(settings.sound, bool):
        _read("alerts.sound", settings.sound)


def _need(package: str, way: str) -> None:
    if find_spec(package) is None:
        extra = _EXTRAS[package]
        raise CrampwatchError(f"alerts by {way} need: pip install 'crampwatch[{extra}]'")


def _read(setting: str, path: object) -> None:
    from pathlib import Path

    if path is None:
        return
    file = Path(str(path)).expanduser()
    try:
        with file.open("rb") as opened:
            opened.read(1)
    except OSError as error:
        raise CrampwatchError(
            f"{setting}: cannot read {file}: {error.strerror or error}"
        ) from error
