"""Entries ``sim:...`` and ``sim2:...`` of a list: nights simulated when they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ...models.nights import LabelledNight
from ...models.nights.labelled import unmarked_events
from ...recording.errors import CrampwatchError
from ...recording.model import Night

PREFIX = "sim:"
SECOND_PREFIX = "sim2:"
SECOND = "second"
"""Family of all nights of the second simulator."""

CROWDED = ("dense",)
"""Scenarios with far more of everything than a night has."""

_OPTIONS: Mapping[str, Callable[[str], Any]] = {
    "family": str,
    "sensors": str,
    "seed": int,
    "person": int,
    "hours": float,
    "carriers": int,
}
_SECOND_OPTIONS: Mapping[str, Callable[[str], Any]] = {"seed": int, "hours": float}


def simulated_night(entry: str) -> LabelledNight:
    """Return the night of an entry such as ``sim:mixed?seed=7&family=dry&hours=8&person=3``.

    Nothing is downloaded or written: samples are computed when they are read. ``seed`` is 1,
    ``family`` is ``standard``, and ``hours`` is that of the scenario unless they are named;
    ``carriers=1`` puts in real contraction textures, ``sensors=calf`` leaves out the rest.

    ``sim2:mixed?seed=7&hours=8`` is a night of the second simulator, which knows kinds,
    seeds (1 unless named) and hours (4 unless named) only. Seeds from 1000 on are kept for
    tests. Its nights, and those of the scenario ``dense``, hold more than a night does: they
    are no everyday nights.

    Raises
    ------
    CrampwatchError
        The entry cannot be read, or names a scenario, a kind or a family that is not known.
    """
    if entry.startswith(SECOND_PREFIX):
        return _second_night(entry)
    return _first_night(entry)


@cache
def simulator_version() -> str:
    """Return a digest of the simulator's own source: another simulator, another night."""
    from ...sample_data import simulator

    return _digest(simulator)


@cache
def second_simulator_version() -> str:
    """Return a digest of the second simulator's own source."""
    from ...sample_data import second_simulator

    return _digest(second_simulator)


def _first_night(entry: str) -> LabelledNight:
    from ...sample_data.simulator import simulate_night

    scenario, options = _parse(entry, PREFIX, _OPTIONS, "sim:SCENARIO?seed=7&family=dry")
    if "carriers" in options:
        options["carriers"] = bool(options["carriers"])
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
        everyday=made.scenario.name not in CROWDED,
        about=about,
        unmarked=unmarked_events(
            ((each.name, each.onset_s, each.duration_s) for each in made.plan.happenings),
            made.truth,
        ),
        identity=f"{PREFIX}{urlencode(facts)}&simulator={simulator_version()}",
    )


def _second_night(entry: str) -> LabelledNight:
    from ...sample_data.second_simulator import HELD_OUT_FROM, second_plan

    kind, options = _parse(entry, SECOND_PREFIX, _SECOND_OPTIONS, "sim2:KIND?seed=7&hours=4")
    seed, hours = options["seed"], options.setdefault("hours", 4.0)
    plan = second_plan(kind, seed, hours)
    facts = {
        "scenario": kind,
        "family": SECOND,
        "seed": str(seed),
        "hours": f"{hours:g}",
        "sensors": plan.montage.amplifier.name,
    }
    return LabelledNight(
        id=entry,
        person=f"{SECOND}/seed-{seed}",
        open=partial(_open_second, kind, seed, hours),
        truth=plan.truth,
        source="simulated",
        group=f"{SECOND}/{kind}",
        held_out=seed >= HELD_OUT_FROM,
        everyday=False,
        about={**facts, "recording": entry, "format": "simulated"},
        identity=f"{SECOND_PREFIX}{urlencode(facts)}&simulator={second_simulator_version()}",
    )


def _open(scenario: str, options: tuple[tuple[str, Any], ...]) -> Night:
    from ...sample_data.simulator import simulate_night

    return simulate_night(scenario, **dict(options)).night


def _open_second(kind: str, seed: int, hours: float) -> Night:
    from ...sample_data.second_simulator import second_night

    return second_night(kind, seed, hours)[0]


def _digest(package: ModuleType) -> str:
    digest = hashlib.sha256()
    for file in sorted(Path(str(package.__file__)).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _parse(
    entry: str, prefix: str, known: Mapping[str, Callable[[str], Any]], example: str
) -> tuple[str, dict[str, Any]]:
    """Return the scenario or kind of an entry and its options; the seed is 1 by default."""
    name, _, query = entry.removeprefix(prefix).partition("?")
    options: dict[str, Any] = {"seed": 1}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError as error:
        raise _unreadable(entry, f"write it as {example}") from error
    for option, text in pairs:
        if option not in known:
            raise _unreadable(entry, f"{option[:40]!r} is not one of {', '.join(known)}")
        try:
            options[option] = known[option](text)
        except ValueError as error:
            raise _unreadable(entry, f"{option}={text[:40]!r} is no number") from error
    return name, options


def _unreadable(entry: str, why: str) -> CrampwatchError:
    return CrampwatchError(f"{entry[:200]}: {why}")
