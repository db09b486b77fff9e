"""``crampwatch simulate``: a labelled night that never was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import columns, heading, progress, say
from .options import JsonOption

if TYPE_CHECKING:
    from ...sample_data.simulator import Montage, WrittenNight


def simulate(
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="SCENARIO", help="Kind of night; --list names them.", show_default=False
        ),
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder to write.", show_default=False),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, help="Same seed, same bytes.")
    ] = 1,
    hours: Annotated[
        float | None,
        typer.Option(
            "--hours",
            metavar="H",
            help="Length; by default that of the scenario.",
            show_default=False,
        ),
    ] = None,
    family: Annotated[
        str,
        typer.Option(
            "--family", metavar="F", help="Bodies, electrodes and sensors; see --list."
        ),
    ] = "standard",
    person: Annotated[
        int | None,
        typer.Option(
            "--person",
            metavar="N",
            min=0,
            help="A body to simulate several nights of.",
            show_default=False,
        ),
    ] = None,
    carriers: Annotated[
        bool,
        typer.Option(
            "--carriers", help="Put real contraction textures in place of simulated ones."
        ),
    ] = False,
    sensors: Annotated[
        str | None,
        typer.Option(
            "--sensors",
            metavar="S",
            help="What is worn; see --list. By default that of the scenario.",
            show_default=False,
        ),
    ] = None,
    show_list: Annotated[
        bool, typer.Option("--list", help="Name the scenarios and the families, and stop.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Simulate a night of leg EMG and movement, with the truth about it.

    Writes an EDF+ file that score reads, events.tsv with what happens in it, and
    simulation.json with what it was drawn from. No muscle is recorded: it shows that a
    detector finds what the simulator's authors think a cramp-like contraction looks like.
    """
    from ...sample_data.simulator import (
        find_family,
        find_scenario,
        find_sensors,
        write_night,
    )

    if show_list:
        _list(as_json=as_json)
        return
    if scenario is None or out is None:
        raise typer.BadParameter("name a SCENARIO and a folder with --out, or ask with --list")
    find_scenario(scenario)
    find_family(family)
    if sensors is not None:
        find_sensors(sensors)
    with progress(f"Simulating a night: {scenario}", quiet=as_json) as update:
        written = write_night(
            scenario,
            out,
            seed,
            hours=hours,
            family=family,
            person=person,
            carriers=carriers,
            sensors=sensors,
            progress=update,
        )
    _print(written, as_json=as_json)


def _print(written: WrittenNight, *, as_json: bool) -> None:
    from collections import Counter

    from ...recording.annotations.tsv import read_events
    from ..jsontext import to_json

    counts = Counter(event.trial_type for event in read_events(written.truth))
    if as_json:
        files = {
            "recording": str(written.recording),
            "truth": str(written.truth),
            "provenance": str(written.provenance),
        }
        typer.echo(to_json({**files, "events": dict(sorted(counts.items()))}))
        return
    heading("SIMULATED: no muscle was recorded")
    columns([(str(count), name) for name, count in sorted(counts.items())])
    say()
    say(f"Recording: {written.recording}")
    say(f"Truth: {written.truth}")
    say(f"Drawn from: {written.provenance}")


def _list(*, as_json: bool) -> None:
    from ...sample_data.simulator import FAMILIES, SCENARIOS, SENSORS
    from ..jsontext import to_json

    if as_json:
        typer.echo(
            to_json(
                {
                    "scenarios": {s.name: s.about for s in SCENARIOS.values()},
                    "families": {
                        f.name: {"about": f.about, "held_out": f.held_out}
                        for f in FAMILIES.values()
                    },
                    "sensors": {name: _worn(worn) for name, worn in SENSORS.items()},
                }
            )
        )
        return
    heading("Scenarios")
    columns([(s.name, s.about) for s in SCENARIOS.values()])
    say()
    heading("Families")
    columns(
        [
            (f.name, f.about + (" Kept out of training." if f.held_out else ""))
            for f in FAMILIES.values()
        ]
    )
    say()
    heading("Sensors")
    columns([(name, _worn(worn)) for name, worn in SENSORS.items()])


def _worn(worn: Montage) -> str:
    muscles = ", ".join(f"{side} {muscle}" for side, muscle in worn.emg)
    motion = "no accelerometer"
    if worn.accelerometers:
        motion = f"accelerometer at {worn.accelerometer_rate_hz:g} Hz"
    return f"{muscles} at {worn.emg_rate_hz:g} Hz, {motion}."
