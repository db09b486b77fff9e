"""What bleak says on every system is sorted by what helps, in one line with the way out."""

from __future__ import annotations

from typing import Any

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.firmware_bridge.transports import Fault
from crampwatch.firmware_bridge.transports import ble_faults as faults
from crampwatch.firmware_bridge.transports.ble_faults import sort_failure

WHY = BleakBluetoothNotAvailableReason
ADDRESS = "C0:00:00:00:00:01"


def windows(code: int) -> OSError:
    error = OSError(22, "in the words of this Windows")
    error.winerror = code
    return error


MACOS_UNPAIRED = "failed to connect: CBErrorDomain Code=14 Peer removed pairing information"
MACOS_ENCRYPTED = "Failed to update: CBATTErrorDomain Code=15 Encryption is insufficient."

CASES: list[tuple[Exception, Fault, str]] = [
    (
        BleakBluetoothNotAvailableError("Bluetooth is unsupported", WHY.NO_BLUETOOTH),
        Fault.NO_ADAPTER,
        "plug one in",
    ),
    (
        BleakBluetoothNotAvailableError("no central", WHY.NO_BLE_CENTRAL_ROLE),
        Fault.NO_ADAPTER,
        "too old",
    ),
    (
        BleakBluetoothNotAvailableError("off", WHY.POWERED_OFF),
        Fault.ADAPTER_OFF,
        "switched off",
    ),
    (
        BleakBluetoothNotAvailableError("denied", WHY.DENIED_BY_USER),
        Fault.NO_PERMISSION,
        "may not use",
    ),
    (
        BleakBluetoothNotAvailableError("policy", WHY.DENIED_BY_SYSTEM),
        Fault.NO_PERMISSION,
        "does not let you",
    ),
    (
        BleakBluetoothNotAvailableError("resetting", WHY.UNKNOWN),
        Fault.NO_ADAPTER,
        "off and on again",
    ),
    (BleakDeviceNotFoundError(ADDRESS, "not found"), Fault.NOT_FOUND, "switch it on"),
    (BleakCharacteristicNotFoundError("2a37"), Fault.FOREIGN, "right driver"),
    (BleakGATTProtocolError(0x05), Fault.NO_PERMISSION, "paired first"),
    (BleakGATTProtocolError(0x0F), Fault.NO_PERMISSION, "paired first"),
    (BleakGATTProtocolError(0x03), Fault.FOREIGN, "Write Not Permitted"),
    (
        BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", ["x"]),
        Fault.NO_ADAPTER,
        "apt install bluez",
    ),
    (
        BleakDBusError("org.freedesktop.DBus.Error.Spawn.ServiceNotFound", ["x"]),
        Fault.NO_ADAPTER,
        "apt install",
    ),
    (
        BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", ["x"]),
        Fault.NO_PERMISSION,
        "usermod",
    ),
    (
        BleakDBusError("org.freedesktop.DBus.Error.NoReply", ["x"]),
        Fault.NO_ANSWER,
        "does not answer",
    ),
    (
        BleakDBusError("org.bluez.Error.NotReady", ["Resource Not Ready"]),
        Fault.ADAPTER_OFF,
        "bluetoothctl power on",
    ),
    (
        BleakDBusError("org.bluez.Error.InProgress", ["Operation already in progress"]),
        Fault.BUSY,
        "close other",
    ),
    (
        BleakDBusError("org.bluez.Error.Failed", ["le-connection-abort-by-local"]),
        Fault.NO_ANSWER,
        "bring it close",
    ),
    (BleakDBusError("org.bluez.Error.Failed", ["br-connection-busy"]), Fault.BUSY, "busy"),
    (BleakDBusError("org.bluez.Error.Failed", ["Not connected"]), Fault.LOST, "out of range"),
    (
        BleakDBusError("org.bluez.Error.AuthenticationTimeout", []),
        Fault.NO_PERMISSION,
        f"pair {ADDRESS}",
    ),
    (BleakError("Not connected"), Fault.LOST, "out of range"),
    (
        BleakError("failed to discover services, device disconnected"),
        Fault.LOST,
        "out of range",
    ),
    (
        BleakError("Failed to start scanner. Is Bluetooth turned on?"),
        Fault.ADAPTER_OFF,
        "switched off",
    ),
    (
        BleakError("Could not get GATT services: Unreachable"),
        Fault.NO_ANSWER,
        "does not answer",
    ),
    (
        BleakError("Could not get GATT characteristics: Access Denied"),
        Fault.NO_PERMISSION,
        "may not use",
    ),
    (BleakError("adapter 'hci1' not found"), Fault.NO_ADAPTER, "no Bluetooth adapter"),
    (BleakError("device 'dev_C0' not found"), Fault.NOT_FOUND, "switch it on"),
    (BleakError(MACOS_UNPAIRED), Fault.NO_PERMISSION, "paired first"),
    (BleakError(MACOS_ENCRYPTED), Fault.NO_PERMISSION, "paired first"),
    (BleakError("something new"), Fault.OTHER, "something new"),
    (TimeoutError(), Fault.NO_ANSWER, "no answer in time"),
    (EOFError(), Fault.LOST, "out of range"),
    (FileNotFoundError(2, "No such file"), Fault.NO_ADAPTER, "service does not run"),
    (ConnectionRefusedError(111, "refused"), Fault.NO_ADAPTER, "service does not run"),
    (PermissionError(13, "Permission denied"), Fault.NO_PERMISSION, "may not use"),
    (BrokenPipeError(32, "Broken pipe"), Fault.LOST, "out of range"),
    (
        ModuleNotFoundError("No module named 'bleak'"),
        Fault.OTHER,
        "pip install --upgrade bleak",
    ),
    (windows(-2147020577), Fault.ADAPTER_OFF, "switched off"),
    (windows(-2147483629), Fault.LOST, "out of range"),
    (windows(-2147024891), Fault.NO_PERMISSION, "may not use"),
    (AssertionError(), Fault.OTHER, "AssertionError"),
]


@pytest.mark.parametrize(("error", "fault", "words"), CASES)
def test_a_failure_is_sorted_by_what_helps(
    error: Exception, fault: Fault, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults.platform, "system", lambda: "Linux")
    failure = sort_failure(error, "the band", ADDRESS)
    assert failure.fault is fault, str(failure)
    assert words in str(failure)


@pytest.mark.parametrize("system", ["Linux", "Darwin", "Windows", "Plan 9"])
@pytest.mark.parametrize(("error", "fault", "_words"), CASES)
def test_every_system_gets_one_line(
    error: Exception, fault: Fault, _words: str, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults.platform, "system", lambda: system)
    failure = sort_failure(error, "the band", ADDRESS)
    assert failure.fault is fault
    assert str(failure).isprintable()
    assert "{" not in str(failure)


def test_an_object_that_is_gone_is_the_adapter_before_and_the_connection_after() -> None:
    error = BleakDBusError("org.freedesktop.DBus.Error.UnknownObject", ["gone"])
    assert sort_failure(error, "the band", during="search").fault is Fault.NO_ADAPTER
    assert sort_failure(error, "the band", during="connection").fault is Fault.NOT_FOUND
    assert sort_failure(error, "the band", during="stream").fault is Fault.LOST


@given(
    kind=st.sampled_from([BleakError, OSError, RuntimeError, KeyError, ValueError]),
    words=st.lists(st.one_of(st.text(), st.integers(), st.none()), max_size=4),
)
def test_whatever_is_said_becomes_one_bounded_line(kind: Any, words: list[Any]) -> None:
    failure = sort_failure(kind(*words), "the band")
    assert str(failure).isprintable()
    assert len(str(failure)) < 600
