"""Addresses of sensors, as people write them: ``cyton@serial:/dev/ttyUSB0?gain=24``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args
from urllib.parse import quote, unquote

from ..recording.errors import CrampwatchError

AddressKind = Literal["ble", "serial", "tcp", "file", "sim", "lsl", "brainflow"]
KINDS: tuple[AddressKind, ...] = get_args(AddressKind)
LONGEST = 4096
EXAMPLE = "cyton@serial:/dev/ttyUSB0 or sim:cyton?drop=0.01"

_WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)


class AddressError(CrampwatchError):
    """An address that says nothing."""


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a sensor is, and how it is to be read.

    Attributes
    ----------
    kind
        ``ble``, ``serial``, ``tcp``, ``file``, ``sim``, ``lsl`` or ``brainflow``.
    target
        BLE: hardware address, or the name it advertises. Serial: port. TCP: ``host:port``.
        File: a capture. Sim: the driver. LSL: the stream. BrainFlow: the board.
    driver
        Name of the driver, None where it is not said.
    options
        Of the transport and of the driver, by name.
    """

    kind: AddressKind
    target: str
    driver: str | None = None
    options: Mapping[str, str] = field(default_factory=_nothing, hash=False)

    def __post_init__(self) -> None:
        """Keep addresses equal where they say the same."""
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))

    def __str__(self) -> str:
        """Return what `parse_address` takes."""
        driver = f"{self.driver}@" if self.driver else ""
        options = "&".join(f"{name}={_quoted(value)}" for name, value in self.options.items())
        text = f"{driver}{self.kind}:{_quoted(self.target)}"
        return f"{text}?{options}" if options else text


def parse_address(text: str) -> Address:
    """Return what an address says: ``[DRIVER@]KIND:TARGET[?key=value&...]``.

    ``%3F`` stands for a question mark in the target, ``%26`` for an ampersand in a value,
    ``%25`` for a percent sign before two hexadecimal digits.

    Raises
    ------
    AddressError
        A part is missing or cannot be; the line says how an address looks.
    """
    shown = _shown(text)
    if len(text) > LONGEST:
        raise AddressError(f"{shown}: an address has at most {LONGEST} characters")
    head, colon, rest = text.strip().partition(":")
    driver, at, kind = head.rpartition("@")
    if not colon or kind not in KINDS:
        kinds = ", ".join(f"{each}:" for each in KINDS)
        raise AddressError(f"{shown}: an address needs one of {kinds} as in {EXAMPLE}")
    if at and not _WORD.fullmatch(driver):
        raise AddressError(f"{shown}: before the @ belongs a driver, as in {EXAMPLE}")
    if at and kind == "sim":
        raise AddressError(f"{shown}: a simulated sensor is named after sim:, as in sim:cyton")
    target, _, tail = rest.partition("?")
    target = unquote(target, errors="replace")
    if not target.strip():
        raise AddressError(f"{shown}: nothing stands after {kind}: as in {EXAMPLE}")
    if not (target.isprintable() and target == target.strip()):
        raise AddressError(f"{shown}: {kind}: holds characters that no name has")
    return Address(kind, target, driver or None, _options(tail, shown))


def _options(tail: str, shown: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in tail.split("&") if tail else ():
        name, equals, value = word.partition("=")
        value = unquote(value, errors="replace")
        if not equals or not _WORD.fullmatch(name):
            raise AddressError(f"{shown}: {_shown(word)} is not an option like gain=24")
        if name in found:
            raise AddressError(f"{shown}: {name} is said twice")
        if not value.isprintable():
            raise AddressError(f"{shown}: {name} holds characters that no value has")
        found[name] = value
    return found


def _quoted(text: str) -> str:
    """Return text in which only what would be misread is spelled with a percent sign."""
    out = []
    for place, char in enumerate(text):
        ambiguous = char == "%" and re.match(r"%[0-9a-fA-F]{2}", text[place:])
        edge = char.isspace() and place in (0, len(text) - 1)
        out.append(quote(char, safe="") if char in "?&" or ambiguous or edge else char)
    return "".join(out)


def _shown(text: str) -> str:
    """Return text for a message: printable, and not endless."""
    words = "".join(char if char.isprintable() else "?" for char in text[:80])
    return repr(words + ("..." if len(text) > 80 else ""))
