"""Which serial ports there are, and which one a person means."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .transport import Fault, TransportError

BY_ID = Path("/dev/serial/by-id")

USB_HINTS: tuple[tuple[int, int | None, str], ...] = (
    (0x0403, 0x6015, "cyton"),  # FT231X of the dongle, and of many other things
    (0x303A, None, "open-sensor"),  # Espressif chips with a USB port of their own
    (0x2341, None, "chords-serial"),  # Arduino
    (0x2A03, None, "chords-serial"),
)
NAME_HINTS = (("shimmer3", "shimmer3"), ("bitalino", "bitalino"), ("npg", "chords-serial"))


@dataclass(frozen=True, slots=True)
class FoundPort:
    """A serial port of this computer.

    Attributes
    ----------
    port
        As the system names it now: ``/dev/ttyUSB0``, ``COM3``.
    description
        What it says it is, for people.
    vid, pid
        USB vendor and product, None where it is no USB device.
    serial_number
        USB serial number, empty where it has none.
    stable_name
        What finds it again after it was plugged in anew: its ``/dev/serial/by-id`` name,
        else its serial number, else `port`.
    driver
        The driver its chip or name hints at, None without a hint. Only a hint: the same
        chips sit in many things.
    permitted
        Whether this user may open it.
    """

    port: str
    description: str
    vid: int | None
    pid: int | None
    serial_number: str
    stable_name: str
    driver: str | None
    permitted: bool


def list_ports() -> list[FoundPort]:
    """Return the serial ports there are, in the order of their names."""
    from serial.tools.list_ports import comports

    ids = {os.path.realpath(path): str(path) for path in sorted(BY_ID.glob("*"))}
    found = []
    for info in sorted(comports()):
        number = info.serial_number or ""
        description = _words(info.description or info.name or "")
        found.append(
            FoundPort(
                port=info.device,
                description=description,
                vid=info.vid,
                pid=info.pid,
                serial_number=_words(number),
                stable_name=ids.get(os.path.realpath(info.device)) or number or info.device,
                driver=driver_hint(info.vid, info.pid, f"{info.device} {description}"),
                permitted=os.name != "posix" or os.access(info.device, os.R_OK | os.W_OK),
            )
        )
    return found


def driver_hint(vid: int | None, pid: int | None, name: str) -> str | None:
    """Return the driver that USB numbers or a name hint at."""
    for vendor, product, driver in USB_HINTS:
        if vid == vendor and product in (None, pid):
            return driver
    lower = name.lower()
    return next((driver for word, driver in NAME_HINTS if word in lower), None)


def stable_name(port: str) -> str:
    """Return what finds the port now called `port` again after a re-plug; else `port`."""
    real = os.path.realpath(port)
    for found in list_ports():
        if os.path.realpath(found.port) == real:
            return found.stable_name
    return port


def find_port(wanted: str, ports: Sequence[FoundPort] | None = None) -> str:
    """Return the port that is meant now.

    Parameters
    ----------
    wanted
        A port (``/dev/ttyUSB0``, ``ttyUSB0``, ``COM3``), a link to one
        (``/dev/serial/by-id/...``), a pattern (``/dev/ttyUSB*``), a USB serial number, or
        USB numbers ``VID:PID`` in hexadecimal.
    ports
        The ports there are, where they are known already.

    Raises
    ------
    TransportError
        Nothing fits, or a pattern fits several.
    """
    if any(c in wanted for c in "*?["):
        pattern = str(Path("/dev", wanted)).removeprefix("/")
        try:
            fits = sorted({os.path.realpath(path) for path in Path("/").glob(pattern)})
        except (OSError, ValueError) as error:
            line = f"serial:{wanted}: no pattern of a port: {error}"
            raise TransportError(Fault.OTHER, line) from None
        return _only(wanted, fits, ports)
    for path in (Path(wanted), Path("/dev", wanted)):
        if path.is_absolute() and path.exists():
            return str(path)
    if ports is None:
        ports = list_ports()
    if wanted in {each.port for each in ports}:
        return wanted
    fits = [each.port for each in ports if each.serial_number.lower() == wanted.lower()]
    numbers = re.fullmatch(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})", wanted)
    if not fits and numbers:
        pair = int(numbers[1], 16), int(numbers[2], 16)
        fits = [each.port for each in ports if (each.vid, each.pid) == pair]
    return _only(wanted, fits, ports)


def missing_line(wanted: str, ports: Sequence[FoundPort] | None = None) -> str:
    """Return the line for a port that is not there, with those that are."""
    there = list_ports() if ports is None else ports
    names = ", ".join(f"{each.port} ({each.description})" for each in there[:8])
    others = f"there are: {names}" if names else "no serial port is there"
    return f"serial:{wanted}: no such port; {others}; plug the sensor in and switch it on"


def _only(wanted: str, fits: Sequence[str], ports: Sequence[FoundPort] | None) -> str:
    if not fits:
        raise TransportError(Fault.NOT_FOUND, missing_line(wanted, ports))
    if len(fits) > 1:
        names = ", ".join(fits[:8])
        line = f"serial:{wanted}: fits several ports, name one of them: {names}"
        raise TransportError(Fault.OTHER, line)
    return fits[0]


def _words(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()[:80]
