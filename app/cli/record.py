"""``crampwatch record``: a night from the sensors to its folder."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from .console import say


class Missing(StrEnum):
    """What to do where a sensor is not there at the start."""

    refuse = "refuse"
    go_on = "go-on"


DeviceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--device",
        metavar="[NAME=]ADDRESS",
        help="A sensor, as in left-calf=sim:cyton; crampwatch devices lists them. May be"
        " repeated. The name alone takes it from the settings file.",
        show_default=False,
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="NIGHT",
        help="Folder of the night; must not exist, or be empty.",
        show_default=False,
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="F.toml", help="Settings and sensors.", show_default=False
    ),
]


def record(
    *,
    device: DeviceOption = None,
    out: OutOption = None,
    config: ConfigOption = None,
    for_: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="LENGTH", help="How long: 8h, 30min.", show_default=False
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="HH:MM", help="Until when.", show_default=False),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--start", metavar="HH:MM", help="Check now, begin then.", show_default=False
        ),
    ] = None,
    missing: Annotated[
        Missing | None,
        typer.Option(
            "--missing",
            help="Where a sensor is not there at the start: refuse, or go on with the rest.",
            show_default=False,
        ),
    ] = None,
    wait: Annotated[
        str | None,
        typer.Option(
            "--wait",
            metavar="LENGTH",
            help="How long to wait for the sensors: 60s.",
            show_default=False,
        ),
    ] = None,
    isolator: Annotated[
        bool | None,
        typer.Option(
            "--isolator/--no-isolator",
            help="A medical-grade isolator lies between wired sensors and the computer.",
            show_default=False,
        ),
    ] = None,
    raw_log: Annotated[
        bool | None,
        typer.Option(
            "--raw-log/--no-raw-log",
            help="Keep the sensors' bytes besides, in raw/.",
            show_default=False,
        ),
    ] = None,
    calibrate: Annotated[
        bool | None,
        typer.Option(
            "--calibrate/--no-calibrate",
            help="Begin with the guided calibration: about a minute. By default where a person"
            " is at the terminal and there is no --start.",
            show_default=False,
        ),
    ] = None,
    alerts: Annotated[
        bool | None,
        typer.Option(
            "--alerts/--no-alerts",
            help="Tell of suspected cramps, lost links, low batteries while recording; how, is"
            " said in the settings file. Off by default.",
            show_default=False,
        ),
    ] = None,
    score: Annotated[
        bool | None,
        typer.Option("--score/--no-score", help="Score it at its end.", show_default=False),
    ] = None,
    keep_awake: Annotated[
        bool | None,
        typer.Option(
            "--keep-awake/--may-sleep",
            help="Keep the computer from sleeping by itself.",
            show_default=False,
        ),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            "--speed",
            metavar="N",
            help="Simulated sensors: N times as fast.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Record a night: check the sensors, keep every sample, score it at the end.

    Every option may also stand in the settings file (for = "8h") or in the environment
    (CRAMPWATCH_FOR=8h); the command line comes first, then the environment, then the file.
    Ctrl-C ends the night and keeps all of it.
    """
    from ..record.closing import score_apart
    from ..record.session import record_night
    from ..record.sources import resolve
    from ..record.times import length

    said: dict[str, Any] = {
        "for": for_,
        "until": until,
        "start": start,
        "missing": None if missing is None else missing.value,
        "wait": wait,
        "isolator": isolator,
        "raw_log": raw_log,
        "calibrate": calibrate,
        "alerts": alerts,
        "score": score,
        "keep_awake": keep_awake,
        "speed": speed,
    }
    settings = _with_calibration(resolve(said, device or (), config, os.environ))
    folder = out or _from_environment()
    outcome = record_night(settings, folder, _view())
    say(f"{length(outcome.recorded_s)} recorded in {folder}: {outcome.reason}.")
    if not (settings.score and outcome.by_hand):
        say(f"Not scored yet: crampwatch score {folder} --out {folder}")
        return
    if not score_apart(folder):
        say(f"The night is safe, but was not scored: crampwatch score {folder} --out {folder}")
        raise typer.Exit(1)


def _from_environment() -> Path:
    named = os.environ.get("CRAMPWATCH_OUT")
    if not named:
        raise typer.BadParameter("say the folder of the night: --out NIGHT", param_hint="--out")
    return Path(named)


def _with_calibration(settings: Any) -> Any:
    """Return settings that say whether there is a calibration."""
    if settings.calibrate is not None:
        return settings
    there = sys.stdin.isatty() and sys.stdout.isatty()
    wanted = there and settings.speed == 1.0 and settings.start is None
    return settings.model_copy(update={"calibrate": wanted})


def _view() -> Any:
    from ..record.view import QuietView, TerminalView

    shows = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return TerminalView() if shows else QuietView()
