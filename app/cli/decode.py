"""``crampwatch decode``: raw captured bytes of a sensor to tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import columns, heading, say
from .options import JsonOption

if TYPE_CHECKING:
    from ..decode import DecodeResult


def decode(
    driver: Annotated[
        str,
        typer.Argument(
            metavar="DRIVER", help="Sensor; a wrong name lists them.", show_default=False
        ),
    ],
    raw: Annotated[
        Path,
        typer.Argument(
            metavar="RAWFILE",
            help="Serial: bytes as received. BLE: JSON lines with t, char and data.",
            show_default=False,
        ),
    ],
    more: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    *,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder to write.", show_default=False)
    ],
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Setting of the driver, as in fs=250. May be repeated.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Decode a raw capture: one CSV file for each stream, and summary.json."""
    from ..decode import decode_file

    result = decode_file(driver, raw, out, _pairs([*(setting or ()), *(more or ())]))
    if as_json:
        from ..jsontext import to_json

        typer.echo(to_json(result.as_json()))
        return
    _print(result, raw, out)


def _pairs(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not (equals and key.strip()):
            raise typer.BadParameter(f"{word!r} is not KEY=VALUE", param_hint="--set")
        if key.strip() in found:
            raise typer.BadParameter(f"{key.strip()!r} is set twice", param_hint="--set")
        found[key.strip()] = value
    return found


def _print(result: DecodeResult, raw: Path, out: Path) -> None:
    heading(f"{raw.name}: decoded into {out}")
    columns(
        [
            (name, f"{total.samples} samples", f"{total.lost} lost", f"{total.fs:g} Hz")
            for name, total in result.streams.items()
        ]
    )
    say(f"thrown away: {result.rejected_frames} ({result.rejected_bytes} bytes)")
    if result.unreadable_lines:
        say(f"lines that are no notification: {result.unreadable_lines}")
    if not any(total.samples for total in result.streams.values()):
        say("Nothing was found: check the driver, the settings and the serial speed.")
