"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Recording = Annotated[
    Path,
    typer.Argument(
        metavar="RECORDING",
        help="EDF/BDF file, OpenSignals or OpenBCI log, CSV, or a folder that holds one.",
        show_default=False,
    ),
]


class Rules(StrEnum):
    """Standard whose leg movements are scored."""

    wasm2016 = "wasm2016"
    aasm = "aasm"


RulesOption = Annotated[
    Rules, typer.Option("--rules", help="Standard for leg movements and their series.")
]
RateOption = Annotated[
    float | None,
    typer.Option(
        "--rate",
        metavar="HZ",
        min=0.001,
        max=1e6,
        help="Sampling rate, where the file does not state it.",
        show_default=False,
    ),
]
UnitOption = Annotated[
    str | None,
    typer.Option(
        "--unit",
        metavar="UNIT",
        help="Unit of the EMG (uV, mV, V, count), where the file does not state it.",
        show_default=False,
    ),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="LABEL=NAME",
        help='What a label means: --map "Leg/L=EMG L TA". May be repeated.',
        show_default=False,
    ),
]
HypnogramOption = Annotated[
    Path | None,
    typer.Option(
        "--hypnogram",
        metavar="FILE",
        help="Sleep stages; without them nothing is called periodic in sleep.",
        show_default=False,
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="FILE",
        help='Trained model, or "rule" for the transparent rule; by default the model that'
        " comes with the program, if there is one.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def label_map(pairs: Iterable[str] | None) -> dict[str, str]:
    """Return ``{label in the file: canonical label}`` from ``LABEL=NAME`` arguments.

    Raises
    ------
    typer.BadParameter
        An argument holds no ``=``, an empty side, or a label that came before.
    """
    found: dict[str, str] = {}
    for pair in pairs or ():
        label, equals, name = pair.rpartition("=")
        label, name = label.strip(), name.strip()
        if not (equals and label and name):
            raise typer.BadParameter(
                f'{pair!r} is not LABEL=NAME, as in "Leg/L=EMG L TA"', param_hint="--map"
            )
        if label in found:
            raise typer.BadParameter(f"{label!r} is mapped twice", param_hint="--map")
        found[label] = name
    return found
