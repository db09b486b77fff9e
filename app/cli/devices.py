"""``crampwatch devices``: which sensors there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .console import columns, heading, progress, say
from .options import JsonOption

if TYPE_CHECKING:
    from ..devices.listing import Device, Listing


def devices(
    *,
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds",
            metavar="N",
            min=0.0,
            max=120.0,
            help="How long to listen for Bluetooth; 0 for not at all.",
        ),
    ] = 5.0,
    as_json: JsonOption = False,
) -> None:
    """List the sensors in reach: Bluetooth, serial ports, and simulated ones.

    The address in front is what other commands take. Switch the sensor on first: Bluetooth
    sensors that are connected elsewhere do not show themselves.
    """
    from ..devices.listing import list_devices

    with progress("Listening for sensors", quiet=as_json or not seconds):
        listing = list_devices(seconds)
    if as_json:
        from ..jsontext import to_json

        typer.echo(to_json(listing.as_json()))
        return
    _print(listing, listened=seconds > 0)


def _print(listing: Listing, *, listened: bool) -> None:
    for trouble in listing.troubles:
        say(trouble)
    if listening := listed("ble", listing):
        heading("Bluetooth")
        columns(listening)
    elif listened and not listing.troubles:
        say("Bluetooth: nothing shows itself; switch the sensor on and bring it closer.")
    others = sum(device.driver is None for device in listing.of_kind("ble"))
    if others:
        say(f"  and {others} that no driver is for; --json names them")
    ports = listed("serial", listing)
    if ports:
        heading("Serial ports")
        columns(ports)
    else:
        say("Serial ports: none.")
    heading("Simulated: no muscle is measured")
    columns(listed("sim", listing))


def listed(kind: str, listing: Listing) -> list[tuple[str, ...]]:
    """Return the rows of one kind; of Bluetooth only what a driver is for."""
    return [
        _row(device)
        for device in listing.of_kind(kind)
        if device.driver is not None or kind != "ble"
    ]


def _row(device: Device) -> tuple[str, ...]:
    if device.kind == "sim":
        return device.address, device.title
    words = []
    if device.signal_dbm is not None:
        words.append(f"{device.signal_dbm} dBm, {_strength(device.signal_dbm)}")
    if device.wired_to_body is not None:
        words.append("WIRED TO THE BODY" if device.wired_to_body else "by radio")
    if device.battery_h is not None:
        words.append(f"about {device.battery_h:g} h on a charge")
    if device.note:
        words.append(device.note)
    return device.address, device.title, "; ".join(words)


def _strength(dbm: int) -> str:
    if dbm >= -65:
        return "strong"
    return "good" if dbm >= -80 else "weak: bring it closer"
