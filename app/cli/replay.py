"""``crampwatch replay``: a recording through the live engine."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import on_terminal, progress, say
from .options import (
    JsonOption,
    MapOption,
    ModelOption,
    RateOption,
    Recording,
    Rules,
    RulesOption,
    UnitOption,
    label_map,
)

if TYPE_CHECKING:
    from datetime import datetime

    from ...detection.result import NightScore, Notice


def replay(
    recording: Recording,
    *,
    speed: Annotated[
        str,
        typer.Option(
            "--speed", metavar="N", help="Times real time; 0 or max: as fast as possible."
        ),
    ] = "1",
    rules: RulesOption = Rules.wasm2016,
    rate: RateOption = None,
    unit: UnitOption = None,
    map_: MapOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play a recording through the live engine.

    It arrives as a sensor would send it, and events are printed as they are decided.

    Events are provisional until the night has ended; `score` gives the final ones.
    """
    factor = parse_speed(speed)
    labels = label_map(map_)
    from ...detection import play
    from ...detection.settings import Settings
    from ..scoring import Request

    settings = Settings(rules=rules.value)
    request = Request(
        recording, settings, rate_hz=rate, unit=unit, label_map=labels, model=model
    )
    judging = request.judging()
    night = request.open()
    show = _Json() if as_json else _Text(night.start)
    seen = 0.0
    try:
        show.begin(recording.resolve().name, night.duration_s, factor, judging.facts)
        playback = play(night, settings, judging.judge)
        with progress("Replaying", quiet=as_json or not on_terminal()) as update:
            for now, notices in paced(playback, factor, time.monotonic, time.sleep):
                seen = now
                for notice in notices:
                    show.notice(notice)
                update(now / max(night.duration_s, 1.0))
    except KeyboardInterrupt:
        show.stopped(seen)
        raise
    show.end(playback.result)


def parse_speed(text: str) -> float:
    """Return times real time, infinity for ``0`` and ``max``.

    Raises
    ------
    typer.BadParameter
        `text` is neither ``max`` nor a number from 0 up.
    """
    try:
        factor = 0.0 if text.strip().lower() == "max" else float(text)
    except ValueError:
        factor = math.nan
    if not (factor >= 0 and math.isfinite(factor)):
        raise typer.BadParameter(
            f"{text!r} is neither a number from 0 up nor max", param_hint="--speed"
        )
    return factor or math.inf


def paced(
    steps: Iterable[tuple[float, list[Notice]]],
    speed: float,
    now: Callable[[], float],
    sleep: Callable[[float], None],
) -> Iterator[tuple[float, list[Notice]]]:
    """Yield steps no earlier than their time comes, `speed` times faster than it ran.

    A step that is late delays no other: times are held against the beginning.
    """
    begun = now()
    for at, notices in steps:
        wait = begun + at / speed - now()
        if wait > 0:
            sleep(wait)
        yield at, notices


class _Text:
    """Lines for a person."""

    def __init__(self, start: datetime | None) -> None:
        self._start = start

    def begin(
        self, name: str, duration_s: float, speed: float, named_by: Mapping[str, Any]
    ) -> None:
        from ..judging import naming_note
        from ..report.words import duration

        pace = "as fast as possible" if math.isinf(speed) else f"at {speed:g} x real time"
        say(
            f"Replaying {name}, {duration(duration_s)}, {pace}; events are provisional."
            f" {naming_note(named_by)}"
        )

    def notice(self, notice: Notice) -> None:
        from ..findings import event_words
        from ..report.words import clock, duration

        event = notice.event
        kind, side, channel = event_words(event)
        length = duration(event.duration)
        state = f"{length} so far, goes on" if notice.ongoing else f"{length}, ended"
        at = clock(self._start, notice.decided_at)
        began = clock(self._start, event.onset)
        place = ", ".join(part for part in (side, channel) if part != "-")
        say(f"{at} {kind} ({place}): began {began}, {state} (provisional)")

    def stopped(self, seen: float) -> None:
        from ..report.words import clock

        say(f"Stopped at {clock(self._start, seen)}; nothing is final.")

    def end(self, result: NightScore) -> None:
        from ..findings import short
        from ..report.words import headline

        say(f"Final: {headline(result)} ({short(result)}).")


class _Json:
    """A JSON object on each line."""

    def begin(
        self, name: str, duration_s: float, speed: float, named_by: Mapping[str, Any]
    ) -> None:
        pace = None if math.isinf(speed) else speed
        self._line(
            {
                "recording": name,
                "duration_s": duration_s,
                "speed": pace,
                "model": dict(named_by),
            }
        )

    def notice(self, notice: Notice) -> None:
        event = notice.event
        self._line(
            {
                "decided_at": notice.decided_at,
                "ongoing": notice.ongoing,
                "provisional": True,
                "onset": round(event.onset, 6),
                "duration": round(event.duration, 6),
                "trial_type": event.trial_type,
                "side": event.side,
                "channel": event.channel,
                "probability": event.probability,
                **event.extra,
            }
        )

    def stopped(self, seen: float) -> None:
        self._line({"stopped_at": round(seen, 6)})

    def end(self, result: NightScore) -> None:
        self._line({"final": True, **result.summary()})

    @staticmethod
    def _line(value: dict[str, Any]) -> None:
        from ..jsontext import to_json

        typer.echo(to_json(value, indent=None))
