"""Entries ``sim:...`` of a list of nights: nights simulated when they are read."""

from __future__ import annotations

import hashlib
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ...models.nights import LabelledNight
from ...models.nights.labelled import unmarked_events
from ...recording.errors import CrampwatchError
from ...recording.model import Night

PREFIX = "sim:"
_NAMES = ("family", "sensors")
_NUMBERS = {"seed": int, "person": int, "hours": float, "carriers": int}


def simulated_night(entry: str) -> LabelledNight:
    """Return the night of an entry such as ``sim:mixed?seed=7&family=dry&hours=8&person=3``.

    Nothing is downloaded or written: samples are computed when they are read. ``seed`` is 1,
    ``family`` is ``standard``, and ``hours`` is that of the scenario unless they are named;
    ``carriers=1`` puts in real contraction textures, ``sensors=calf`` leaves out the rest.

    Raises
    ------
    CrampwatchError
        The entry cannot be read, or names a scenario or a family that is not known.
    """
    from ...sample_data.simulator import simulate_night

    scenario, options = _parse(entry)
    made = simulate_night(scenario, **options)
    family, person = made.family.name, made.person
    hours = made.plan.duration_s / 3600
    about = {
        "scenario": made.scenario.name,
        "family": family,
        "seed": str(made.seed),
        "hours": f"{hours:g}",
        "recording": entry,
        "format": "simulated",
    }
    if person is not None:
        about["person"] = str(person)
    if made.carriers:
        about["carriers"] = "1"
    if made.sensors is not None:
        about["sensors"] = made.sensors
    facts = {name: about[name] for name in sorted(about) if name not in ("recording", "format")}
    return LabelledNight(
        id=entry,
        person=f"{family}/" + (f"seed-{made.seed}" if person is None else f"person-{person}"),
        open=partial(_open, scenario, tuple(sorted(options.items()))),
        truth=made.truth,
        source="simulated",
        group=made.scenario.name,
        held_out=made.family.held_out,
        about=about,
        unmarked=unmarked_events(
            ((each.name, each.onset_s, each.duration_s) for each in made.plan.happenings),
            made.truth,
        ),
        identity=f"{PREFIX}{urlencode(facts)}&simulator={simulator_version()}",
    )


@cache
def simulator_version() -> str:
    """Return a digest of the simulator's own source: another simulator, another night."""
    from ...sample_data import simulator

    digest = hashlib.sha256()
    for file in sorted(Path(simulator.__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _open(scenario: str, options: tuple[tuple[str, Any], ...]) -> Night:
    from ...sample_data.simulator import simulate_night

    return simulate_night(scenario, **dict(options)).night


def _parse(entry: str) -> tuple[str, dict[str, Any]]:
    scenario, _, query = entry.removeprefix(PREFIX).partition("?")
    options: dict[str, Any] = {"seed": 1}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError as error:
        raise _unreadable(entry, "write it as sim:SCENARIO?seed=7&family=dry") from error
    for name, text in pairs:
        if name in _NAMES:
            options[name] = text
        elif name in _NUMBERS:
            try:
                options[name] = _NUMBERS[name](text)
            except ValueError as error:
                raise _unreadable(entry, f"{name}={text!r} is no number") from error
        else:
            known = ", ".join([*_NAMES, *_NUMBERS])
            raise _unreadable(entry, f"{name!r} is not one of {known}")
    if "carriers" in options:
        options["carriers"] = bool(options["carriers"])
    return scenario, options


def _unreadable(entry: str, why: str) -> CrampwatchError:
    return CrampwatchError(f"{entry[:200]}: {why}")
