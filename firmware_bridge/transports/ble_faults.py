"""What bleak and the Bluetooth of each system say when it fails, sorted by what helps.

Sources: ``bleak.exc`` and the backends of bleak 3.1; ``doc/org.bluez.*.rst`` of BlueZ; the
D-Bus specification, "Error names". What Windows and macOS say is taken from bleak's source and
its issues.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from .transport import Fault, TransportError

if TYPE_CHECKING:
    from bleak.exc import BleakBluetoothNotAvailableError, BleakDBusError

NOTHING_TO_SAY = "no reason given"
LONGEST_REASON = 160

_SWITCH_ON = {
    "Linux": "switch it on in the settings, or run `bluetoothctl power on` "
    "(and `rfkill unblock bluetooth` where that refuses)",
    "Darwin": "switch it on in System Settings, Bluetooth",
    "Windows": "switch it on in Settings, Bluetooth & devices",
}
_ALLOW = {
    "Linux": "run `sudo usermod -aG bluetooth $USER`, then log out and in again",
    "Darwin": "allow it for your terminal in System Settings, Privacy & Security, Bluetooth",
    "Windows": "allow it in Settings, Privacy & security, Bluetooth",
}
_NO_SERVICE = (
    "the Bluetooth service does not run: install it with `sudo apt install bluez` and start it "
    "with `sudo systemctl enable --now bluetooth`"
)
_HANGS = (
    "the Bluetooth service does not answer: restart it, with "
    "`sudo systemctl restart bluetooth` or by switching Bluetooth off and on"
)
_NO_ADAPTER = "there is no Bluetooth adapter: plug one in (any USB adapter with Bluetooth 4.2)"
_PAIR = {
    "Linux": "pair it once, with `bluetoothctl pair {target}` or in the settings",
    "Darwin": "answer the pairing question of macOS; where it was paired before, "
    "forget it in System Settings, Bluetooth",
    "Windows": "pair it once in Settings, Bluetooth & devices",
}

_SECURITY_CODES = {0x05, 0x08, 0x0C, 0x0F}
"""Too little authentication, authorization, key size or encryption (Core, Vol 3, F, 3.4.1)."""

_WINDOWS_CODES = {
    -2147020577: Fault.ADAPTER_OFF,  # the device is not ready for use
    -2147221231: Fault.NO_ADAPTER,  # ClassFactory cannot supply requested class
    -2147023836: Fault.NO_ADAPTER,  # the service does not exist
    -2147024891: Fault.NO_PERMISSION,  # access is denied
    -2147483629: Fault.LOST,  # the object has been closed
    -2147023673: Fault.LOST,  # the operation was cancelled by the user
}

_BY_NAME = {
    "org.freedesktop.DBus.Error.ServiceUnknown": Fault.NO_ADAPTER,
    "org.freedesktop.DBus.Error.NameHasNoOwner": Fault.NO_ADAPTER,
    "org.freedesktop.DBus.Error.NoServer": Fault.NO_ADAPTER,
    "org.freedesktop.DBus.Error.AccessDenied": Fault.NO_PERMISSION,
    "org.freedesktop.DBus.Error.AuthFailed": Fault.NO_PERMISSION,
    "org.freedesktop.DBus.Error.Disconnected": Fault.LOST,
    "org.freedesktop.DBus.Error.NoReply": Fault.NO_ANSWER,
    "org.freedesktop.DBus.Error.Timeout": Fault.NO_ANSWER,
    "org.freedesktop.DBus.Error.TimedOut": Fault.NO_ANSWER,
    "org.freedesktop.DBus.Error.UnknownObject": Fault.NOT_FOUND,
    "org.freedesktop.DBus.Error.UnknownInterface": Fault.NOT_FOUND,
    "org.freedesktop.DBus.Error.UnknownMethod": Fault.NOT_FOUND,
    "org.bluez.Error.DoesNotExist": Fault.NOT_FOUND,
    "org.bluez.Error.NotAvailable": Fault.NOT_FOUND,
    "org.bluez.Error.NotReady": Fault.ADAPTER_OFF,
    "org.bluez.Error.InProgress": Fault.BUSY,
    "org.bluez.Error.AlreadyConnected": Fault.BUSY,
    "org.bluez.Error.NotConnected": Fault.LOST,
    "org.bluez.Error.ConnectionAttemptFailed": Fault.NO_ANSWER,
    "org.bluez.Error.NotSupported": Fault.FOREIGN,
    "org.bluez.Error.InvalidArguments": Fault.FOREIGN,
}

_PAIRING_NAMES = ("org.bluez.Error.Authentication", "org.bluez.Error.NotAuthorized")
_PAIRING_WORDS = (
    "not paired",
    "insufficient authentication",
    "insufficient encryption",
    "insufficient authorization",
    "authentication is insufficient",
    "encryption is insufficient",
    "authorization is insufficient",
    "pairing information",
    "org.bluez.error.authentication",
)

_BY_WORDS = (
    ("is bluetooth turned on", Fault.ADAPTER_OFF),
    ("turned off", Fault.ADAPTER_OFF),
    ("powered off", Fault.ADAPTER_OFF),
    ("not powered", Fault.ADAPTER_OFF),
    ("no powered", Fault.ADAPTER_OFF),
    ("resource not ready", Fault.ADAPTER_OFF),
    ("adapter", Fault.NO_ADAPTER),
    ("access denied", Fault.NO_PERMISSION),
    ("unreachable", Fault.NO_ANSWER),
    ("host is down", Fault.NO_ANSWER),
    ("connection-abort", Fault.NO_ANSWER),
    ("connection abort", Fault.NO_ANSWER),
    ("connection-canceled", Fault.NO_ANSWER),
    ("connection-timeout", Fault.NO_ANSWER),
    ("page-timeout", Fault.NO_ANSWER),
    ("failed to connect", Fault.NO_ANSWER),
    ("timed out", Fault.NO_ANSWER),
    ("connection-busy", Fault.BUSY),
    ("resource busy", Fault.BUSY),
    ("already in progress", Fault.BUSY),
    ("notify acquired", Fault.BUSY),
    ("already connected", Fault.BUSY),
    ("in use", Fault.BUSY),
    ("disconnected", Fault.LOST),
    ("not connected", Fault.LOST),
    ("has not been performed", Fault.LOST),
    ("object has been closed", Fault.LOST),
    ("could not get gatt", Fault.LOST),
    ("not found", Fault.NOT_FOUND),
)

_SEARCHING = {
    Fault.NOT_FOUND: (Fault.NO_ADAPTER, _NO_ADAPTER),
    Fault.FOREIGN: (Fault.NO_ADAPTER, _NO_ADAPTER),
    Fault.LOST: (Fault.NO_ADAPTER, _NO_SERVICE),
    Fault.NO_ANSWER: (Fault.NO_ADAPTER, _HANGS),
}
"""Said while no sensor was asked yet, these are about the adapter and its service."""

_STREAMING = {Fault.NOT_FOUND: Fault.LOST, Fault.FOREIGN: Fault.LOST}
"""Said of a connection that stood before, these mean that it has gone."""

During = Literal["search", "connection", "stream"]


@contextmanager
def ble_failures(
    sensor: str, target: str = "", *, during: During = "connection"
) -> Iterator[None]:
    """Turn whatever fails within into a `TransportError`.

    Parameters
    ----------
    sensor
        Whom the line is about.
    target
        Its address, where the line tells how to pair it.
    during
        What was going on: the same words mean another thing before and after.
    """
    try:
        yield
    except TransportError:
        raise
    except Exception as error:
        raise sort_failure(error, sensor, target, during=during) from error


def sort_failure(
    error: Exception, sensor: str, target: str = "", *, during: During = "connection"
) -> TransportError:
    """Return a failure as its fault and one line with the way out; see `ble_failures`."""
    if _wants_pairing(error):
        fix = _here(_PAIR).format(target=target or "ADDRESS")
        return TransportError(Fault.NO_PERMISSION, f"{sensor} wants to be paired first: {fix}")
    fault = _fault(error)
    line = _line_of_its_own(error)
    if during == "search" and fault in _SEARCHING:
        fault, general = _SEARCHING[fault]
        line = line or general
    if during == "stream":
        fault = _STREAMING.get(fault, fault)
    return TransportError(fault, line or _line(fault, sensor, _reason(error)))


def _line_of_its_own(error: Exception) -> str:
    if isinstance(error, ImportError):
        return f"Bluetooth needs bleak ({_reason(error)}): run `pip install --upgrade bleak`"
    if _is(error, "BleakBluetoothNotAvailableError"):
        return _not_available(error)
    if _is(error, "BleakDBusError"):
        return _no_service(error)
    if isinstance(error, FileNotFoundError | ConnectionRefusedError):
        return _NO_SERVICE
    return _NO_SERVICE if _is(error, "InvalidAddressError") else ""


def _is(error: Exception, name: str) -> bool:
    """Say whether an error is of a class, without the import of bleak where it never came."""
    return any(each.__name__ == name for each in type(error).__mro__)


def _here(lines: dict[str, str]) -> str:
    return lines.get(platform.system(), lines["Linux"])


def _wants_pairing(error: Exception) -> bool:
    if _is(error, "BleakGATTProtocolError"):
        return error.args[0] in _SECURITY_CODES
    words = " ".join(map(str, error.args)).lower()
    if _is(error, "BleakDBusError") and str(error.args[0]).startswith(_PAIRING_NAMES):
        return True
    return any(each in words for each in _PAIRING_WORDS)


def _fault(error: Exception) -> Fault:
    by_class = {
        "BleakDeviceNotFoundError": Fault.NOT_FOUND,
        "BleakCharacteristicNotFoundError": Fault.FOREIGN,
        "BleakGATTProtocolError": Fault.FOREIGN,
        "AuthError": Fault.NO_PERMISSION,
        "InvalidAddressError": Fault.NO_ADAPTER,
    }
    for name, fault in by_class.items():
        if _is(error, name):
            return fault
    if _is(error, "BleakBluetoothNotAvailableError"):
        return _not_available_fault(error)
    if isinstance(error, ImportError):
        return Fault.OTHER
    return _fault_by_words(error)


def _fault_by_words(error: Exception) -> Fault:
    if isinstance(error, TimeoutError):
        return Fault.NO_ANSWER
    if isinstance(error, OSError):
        return _fault_of_system(error)
    if isinstance(error, EOFError):
        return Fault.LOST
    if error.args and (_is(error, "BleakDBusError") or ".Error." in str(error.args[0])):
        name = str(error.args[0])
        if ".Error.Spawn." in name or name in _BY_NAME:
            return _BY_NAME.get(name, Fault.NO_ADAPTER)
    words = " ".join(map(str, error.args)).lower()
    return next((fault for part, fault in _BY_WORDS if part in words), Fault.OTHER)


def _fault_of_system(error: OSError) -> Fault:
    code = getattr(error, "winerror", None)
    if code in _WINDOWS_CODES:
        return _WINDOWS_CODES[code]
    if isinstance(error, PermissionError):
        return Fault.NO_PERMISSION
    if isinstance(error, FileNotFoundError | ConnectionRefusedError):
        return Fault.NO_ADAPTER
    return Fault.LOST


def _not_available_fault(error: Exception) -> Fault:
    reason = _not_available_reason(error)
    if reason == "POWERED_OFF":
        return Fault.ADAPTER_OFF
    return Fault.NO_PERMISSION if reason.startswith("DENIED") else Fault.NO_ADAPTER


def _not_available(error: Exception) -> str:
    reason = _not_available_reason(error)
    if reason == "NO_BLE_CENTRAL_ROLE":
        return (
            "this Bluetooth adapter is too old to find sensors: "
            "plug in a USB adapter with Bluetooth 4.2 or newer"
        )
    if reason == "DENIED_BY_SYSTEM":
        return f"this system does not let you use Bluetooth ({_reason(error)}): {_here(_ALLOW)}"
    if reason == "UNKNOWN":
        return f"Bluetooth is not ready ({_reason(error)}): switch it off and on again"
    return ""


def _not_available_reason(error: Exception | BleakBluetoothNotAvailableError) -> str:
    return str(getattr(error.args[1], "name", "UNKNOWN")) if len(error.args) > 1 else "UNKNOWN"


def _no_service(error: Exception | BleakDBusError) -> str:
    name = str(error.args[0])
    if _BY_NAME.get(name) is Fault.NO_ADAPTER or ".Spawn." in name:
        return _NO_SERVICE
    return ""


def _line(fault: Fault, sensor: str, reason: str) -> str:
    lines = {
        Fault.NOT_FOUND: f"{sensor} is not there ({reason}): switch it on and bring it close",
        Fault.BUSY: f"{sensor} or the Bluetooth adapter is busy ({reason}): "
        "close other programs and phone apps that use it",
        Fault.NO_PERMISSION: f"you may not use Bluetooth ({reason}): {_here(_ALLOW)}",
        Fault.NO_ADAPTER: _NO_ADAPTER,
        Fault.ADAPTER_OFF: f"Bluetooth is switched off: {_here(_SWITCH_ON)}",
        Fault.NO_ANSWER: f"{sensor} does not answer ({reason}): bring it close, "
        "charge it, and close phone apps that may hold it",
        Fault.FOREIGN: f"{sensor} answers and is another kind of sensor ({reason}): "
        "name the right driver before the @",
        Fault.LOST: f"{sensor} has broken the connection ({reason}): "
        "it is out of range, empty or switched off",
    }
    return lines.get(fault, f"Bluetooth failed with {sensor} ({reason}): try again")


def _reason(error: Exception) -> str:
    """Return what the error says on one short line."""
    if isinstance(error, TimeoutError) and not error.args:
        return "no answer in time"
    words = " ".join(str(each) for each in error.args if isinstance(each, str | int))
    words = "".join(c if c.isprintable() else " " for c in words)
    words = " ".join(words.split()) or type(error).__name__
    return words if len(words) <= LONGEST_REASON else words[:LONGEST_REASON] + " ..."
