"""Who says what about a recording: command line, environment, file, defaults."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...recording.errors import CrampwatchError
from .settings import NAME, RecordSettings

if TYPE_CHECKING:
    from pydantic import ValidationError

PREFIX = "CRAMPWATCH_"
IN_ENVIRONMENT = (
    "for", "until", "start", "missing", "wait", "isolator", "raw_log", "keep_awake", "score",
    "speed", "calibrate", "alerts",
)  # fmt: skip
BETWEEN = ";"
"""Between sensors in ``CRAMPWATCH_DEVICE``."""

MOST_BYTES = 1 << 20


def resolve(
    said: Mapping[str, Any],
    devices: Sequence[str],
    config: Path | None,
    environment: Mapping[str, str],
) -> RecordSettings:
    """Return the settings: the command line first, then environment, file and defaults.

    Parameters
    ----------
    said
        What the command line said, by the names of the file; None for what it did not.
    devices
        ``NAME=ADDRESS``, ``ADDRESS``, or the name of a sensor of the file. Where there are
        any, only these record; what the file says of sensors of the same name still holds.
    config
        TOML file.
    environment
        ``CRAMPWATCH_FOR``, ``CRAMPWATCH_DEVICE`` and so on.

    Raises
    ------
    CrampwatchError
        Something makes no sense; the line says what and who said it.
    """
    named = environment.get(f"{PREFIX}CONFIG")
    path = config or (Path(named) if named else None)
    values = {} if path is None else read_config(path)
    sensors = values.pop("sensors", {})
    from_environment = {
        name: environment[key]
        for name in IN_ENVIRONMENT
        if (key := f"{PREFIX}{name.upper()}") in environment
    }
    for higher in (from_environment, {k: v for k, v in said.items() if v is not None}):
        if "for" in higher or "until" in higher:
            values.pop("for", None)
            values.pop("until", None)
        values |= _within_tables(higher, values)
    wanted = [each for each in environment.get(f"{PREFIX}DEVICE", "").split(BETWEEN) if each]
    wanted = list(devices) or wanted
    if wanted:
        sensors = _chosen(wanted, sensors if isinstance(sensors, dict) else {})
    settings = _validated({**values, "sensors": sensors}, path)
    if not settings.sensors:
        raise CrampwatchError(
            "no sensor: say one with --device, as in --device left-calf=sim:cyton;"
            " crampwatch devices lists them"
        )
    return settings.completed()


def read_config(path: Path) -> dict[str, Any]:
    """Return what a TOML file says.

    Raises
    ------
    CrampwatchError
        It cannot be read.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise CrampwatchError(f"{path}: too long for settings")
        return tomllib.loads(text.decode())
    except OSError as error:
        raise CrampwatchError(f"cannot read {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CrampwatchError(f"{path}: no TOML: {error}") from error


def to_toml(settings: RecordSettings) -> str:
    """Return settings as a file that `resolve` reads."""
    plain = dict(settings.as_plain())
    sensors = plain.pop("sensors")
    alerts = plain.pop("alerts") if settings.alerts.on else {"on": False}
    plain.pop("alerts", None)
    lines = [f"{name} = {_value(value)}" for name, value in plain.items()]
    lines += _table("alerts", alerts)
    for name, sensor in sensors.items():
        lines += ["", f"[sensors.{name}]"]
        lines += [f"{key} = {_value(value)}" for key, value in sensor.items()]
    return "\n".join(lines) + "\n"


def _table(name: str, values: Mapping[str, Any]) -> list[str]:
    """Return the lines of a table, and those of the tables in it."""
    inner = {key: each for key, each in values.items() if isinstance(each, Mapping)}
    lines = ["", f"[{name}]"]
    lines += [f"{key} = {_value(each)}" for key, each in values.items() if key not in inner]
    for key, each in inner.items():
        lines += _table(f"{name}.{key}", each)
    return lines


def in_one_line(error: ValidationError, path: Path | None, *within: str) -> CrampwatchError:
    """Return what is wrong with settings, and how much more, without the value.

    A value may hold a token.

    Parameters
    ----------
    error
        Of pydantic.
    path
        The file they come from.
    within
        The tables that were looked at.
    """
    first, *others = error.errors(include_input=False, include_url=False)
    place = ".".join((*within, *(str(part) for part in first["loc"])))
    words = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        words = "there is no such setting"
    elif first["type"] == "missing":
        words = "must be said"
    where = f"{path}: " if path is not None else ""
    more = f" (and {len(others)} more to mend)" if others else ""
    return CrampwatchError(f"{where}{place}{': ' if place else ''}{words}{more}")


def _within_tables(higher: Mapping[str, Any], lower: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was said, ``--alerts`` as part of the table that the file has of them."""
    told = dict(higher)
    table = lower.get("alerts")
    if "alerts" in told and isinstance(table, Mapping):
        told["alerts"] = {**table, "on": told["alerts"]}
    return told


def _chosen(wanted: Sequence[str], known: Mapping[str, Any]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for text in wanted:
        name, address = _named(text.strip(), known, len(chosen))
        if name in chosen:
            raise CrampwatchError(f"--device: {name} is said twice")
        before = known.get(name, {})
        own = dict(before) if isinstance(before, dict) else {}
        chosen[name] = own if address is None else {**own, "address": address}
    return chosen


def _named(text: str, known: Mapping[str, Any], count: int) -> tuple[str, str | None]:
    """Return the name of a sensor and its address, None where the file has it."""
    if text in known:
        return text, None
    name, equals, address = text.partition("=")
    if equals and ":" not in name and "?" not in name:
        if not NAME.fullmatch(name):
            raise CrampwatchError(
                f"--device: {name!r} is no name for a sensor; say one like left-calf"
            )
        return name, address
    if ":" not in text:
        names = ", ".join(known) or "none"
        raise CrampwatchError(
            f"--device: {text!r} is neither an address like sim:cyton nor a sensor of the"
            f" settings file (it has: {names})"
        )
    return f"sensor-{count + 1}", text


def _validated(values: Mapping[str, Any], path: Path | None) -> RecordSettings:
    from pydantic import ValidationError

    try:
        return RecordSettings.model_validate(values)
    except ValidationError as error:
        raise in_one_line(error, path) from None


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
