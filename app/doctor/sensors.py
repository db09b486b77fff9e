"""The sensors of the settings: whether each can be found now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from ...firmware_bridge.transports import TransportError
from ...firmware_bridge.transports.ble_scan import Found, full_uuid
from ...firmware_bridge.transports.serial_ports import FoundPort, find_port
from ..record.checks import Check, Verdict
from ..record.equipment import Equipped
from .bluetooth import Heard

MODULES = {"lsl": "pylsl", "brainflow": "brainflow"}
WEAK_DBM = -85


def sensors(
    equipped: Mapping[str, Equipped],
    heard: Heard,
    ports: Sequence[FoundPort],
    *,
    missing: str,
) -> list[Check]:
    """Return a line on each sensor; nothing is connected, and no network is touched.

    Parameters
    ----------
    equipped
        By name.
    heard
        Who shows itself over Bluetooth.
    ports
        Serial ports of this computer.
    missing
        What the recording does without a sensor: ``refuse`` or ``go-on``.
    """
    bad = Verdict.FAIL if missing == "refuse" else Verdict.WARN
    return [_sensor(name, each, heard, ports, bad) for name, each in equipped.items()]


def port_of(sensor: Equipped, ports: Sequence[FoundPort]) -> str | None:
    """Return the port of a sensor as the system names it now, None where it has none."""
    if sensor.opened.address.kind != "serial":
        return None
    try:
        return find_port(sensor.opened.address.target, ports)
    except TransportError:
        return None


def _sensor(
    name: str, sensor: Equipped, heard: Heard, ports: Sequence[FoundPort], bad: Verdict
) -> Check:
    kind, title = sensor.opened.address.kind, sensor.opened.info.title
    if kind == "ble":
        return _by_radio(name, sensor, heard, bad)
    if kind == "serial":
        return _on_a_port(name, sensor, ports, bad)
    if kind == "file":
        return _from_a_file(name, sensor, bad)
    module = MODULES.get(kind)
    if module is not None and find_spec(module) is None:
        words = f"needs {module}: pip install 'crampwatch[{kind}]'"
        return Check(name, Verdict.FAIL, words)
    words = "simulated, no muscle is measured" if kind == "sim" else "on a network: not tried"
    return Check(name, Verdict.OK, f"{title}: {words}")


def _on_a_port(name: str, sensor: Equipped, ports: Sequence[FoundPort], bad: Verdict) -> Check:
    try:
        port = find_port(sensor.opened.address.target, ports)
    except TransportError as error:
        return Check(name, bad, str(error))
    return Check(name, Verdict.OK, f"{sensor.opened.info.title}: {port} is there")


def _from_a_file(name: str, sensor: Equipped, bad: Verdict) -> Check:
    target = sensor.opened.address.target
    if not Path(target).expanduser().is_file():
        return Check(name, bad, f"{target}: no such capture; check its name")
    return Check(name, Verdict.OK, f"{sensor.opened.info.title}: the capture is there")


def _by_radio(name: str, sensor: Equipped, heard: Heard, bad: Verdict) -> Check:
    title, target = sensor.opened.info.title, sensor.opened.address.target
    if not heard.tried:
        return Check(name, Verdict.WARN, f"{title}: nobody listened for it")
    if heard.trouble:
        return Check(name, bad, f"{title}: cannot be looked for without Bluetooth")
    found = next((each for each in heard.found if _answers(target, sensor, each)), None)
    if found is None:
        words = (
            f"{title}: does not show itself: switch it on, bring it closer, and close phone"
            " apps that may hold it"
        )
        return Check(name, bad, words)
    weak = found.rssi_dbm is not None and found.rssi_dbm < WEAK_DBM
    signal = "" if found.rssi_dbm is None else f", {found.rssi_dbm} dBm"
    if weak:
        words = f"{title}: is there{signal}, hardly to be heard: bring it closer"
        return Check(name, Verdict.WARN, words)
    return Check(name, Verdict.OK, f"{title}: is there{signal}")


def _answers(target: str, sensor: Equipped, found: Found) -> bool:
    wanted = target.casefold()
    names = {found.address.casefold(), found.name.casefold()}
    if wanted in names or wanted.replace("-", ":") in names:
        return True
    services = {full_uuid(each) for each in sensor.opened.info.services}
    return found.driver == sensor.opened.info.name and full_uuid(target) in services
