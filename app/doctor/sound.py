"""The speaker: whether an alert could be heard."""

from __future__ import annotations

import re

from ..record.checks import Check, Verdict
from .system import System, joined

QUIET_PERCENT = 20.0


def speaker(system: System, *, needed: bool) -> list[Check]:
    """Return whether there is a player, something it plays on, and whether that is audible.

    Parameters
    ----------
    system
        This computer.
    needed
        Whether alerts make a sound; without, a silent computer is all right.
    """
    what = "speaker"
    quiet = Verdict.WARN if needed else Verdict.OK
    only = "" if needed else " (only alerts by sound would need it)"
    if system.platform == "win32":
        return [Check(what, Verdict.OK, "Windows plays by itself; try it before the night")]
    players = [name for name in _players() if system.has(name)]
    if not players:
        words = "nothing here plays a sound: install pipewire-bin or alsa-utils"
        return [Check(what, quiet, words + only)]
    if system.platform == "darwin":
        return [_said(what, _of_macos(system), players, quiet, only)]
    sink = _of_pipewire(system) or _of_pulse(system)
    if sink is None and not _cards(system):
        words = f"{players[0]} is there, and no sound card: connect a speaker"
        return [Check(what, quiet, words + only)]
    return [_said(what, sink, players, quiet, only)]


def _said(
    what: str,
    sink: tuple[float, bool] | None,
    players: list[str],
    quiet: Verdict,
    only: str,
) -> Check:
    if sink is None:
        return Check(what, Verdict.OK, f"plays through {players[0]}; try it before the night")
    percent, muted = sink
    if muted:
        return Check(what, quiet, f"is muted: switch its sound on{only}")
    if percent < QUIET_PERCENT:
        return Check(what, quiet, f"at {percent:.0f} %, which wakes nobody: turn it up{only}")
    return Check(what, Verdict.OK, f"at {percent:.0f} %, through {players[0]}")


def _players() -> list[str]:
    from ..record.alerts.ways.sound import PLAYERS

    return [command[0] for command in PLAYERS]


def _of_pipewire(system: System) -> tuple[float, bool] | None:
    said = system.run("wpctl", "get-volume", "@DEFAULT_AUDIO_SINK@") or ""
    volume = re.search(r"Volume:\s*([\d.]+)", said)
    return None if volume is None else (float(volume[1]) * 100.0, "MUTED" in said)


def _of_pulse(system: System) -> tuple[float, bool] | None:
    said = system.run("pactl", "get-sink-volume", "@DEFAULT_SINK@") or ""
    volume = re.search(r"(\d+)%", said)
    if volume is None:
        return None
    muted = system.run("pactl", "get-sink-mute", "@DEFAULT_SINK@") or ""
    return float(volume[1]), "yes" in muted


def _of_macos(system: System) -> tuple[float, bool] | None:
    said = system.run("osascript", "-e", "get volume settings") or ""
    volume = re.search(r"output volume:(\d+)", said)
    return None if volume is None else (float(volume[1]), "output muted:true" in said)


def _cards(system: System) -> str:
    text = system.text("/proc/asound/cards")
    return joined(re.findall(r"\[(\S+)\s*\]", text))
