"""``crampwatch devices``: what is listed, and what a computer without Bluetooth says."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from crampwatch.app.cli.devices import _print
from crampwatch.app.devices.listing import Listing, from_advert, from_port, list_devices
from crampwatch.firmware_bridge.addresses import parse_address
from crampwatch.firmware_bridge.drivers import driver_names, drivers
from crampwatch.firmware_bridge.transports.ble_scan import Found
from crampwatch.firmware_bridge.transports.serial_ports import FoundPort


def devices(*arguments: str) -> subprocess.CompletedProcess[str]:
    # no bus: as on a computer without Bluetooth
    return subprocess.run(
        [sys.executable, "-m", "crampwatch", "devices", *arguments],
        env={
            **os.environ,
            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus",
            "NO_COLOR": "1",
            "TERM": "dumb",
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_without_bluetooth_it_says_so_and_lists_the_rest() -> None:
    run = devices("--seconds", "0.5")
    assert run.returncode == 0, run.stderr
    first = run.stdout.splitlines()[0]
    assert "bluetooth" in first.lower()
    assert "sudo" in first or "switch" in first
    assert "Serial ports" in run.stdout
    for name in driver_names():
        assert f"  sim:{name} " in run.stdout


def test_json_has_the_same() -> None:
    run = devices("--seconds", "0", "--json")
    assert run.returncode == 0, run.stderr
    listing = json.loads(run.stdout)
    assert listing["troubles"] == []
    simulated = [each for each in listing["devices"] if each["kind"] == "sim"]
    assert [each["driver"] for each in simulated] == list(driver_names())
    for each in simulated:
        assert parse_address(each["address"]).target == each["driver"]
        assert each["wired_to_body"] is False


def test_an_impossible_time_is_wrong_usage() -> None:
    assert devices("--seconds", "-1").returncode == 2


def test_not_listening_is_no_trouble() -> None:
    listing = list_devices(0)
    assert listing.troubles == ()
    assert listing.of_kind("ble") == ()


def test_what_advertises_becomes_an_address_to_paste() -> None:
    known = from_advert(Found("AA:BB:CC:DD:EE:FF", "Polar H10 1", -58, "polar"))
    assert known.address == "polar@ble:AA:BB:CC:DD:EE:FF"
    assert (known.title, known.signal_dbm, known.wired_to_body) == ("Polar H10 1", -58, False)
    assert parse_address(known.address).driver == "polar"
    other = from_advert(Found("11:22:33:44:55:66", "", None, None))
    assert other.address == "DRIVER@ble:11:22:33:44:55:66"
    assert other.driver is other.wired_to_body is None
    assert other.note
    band = from_advert(Found("11:22:33:44:55:67", "Crampwatch band", -70, "open-sensor"))
    assert band.wired_to_body is False


def port(**changes) -> FoundPort:
    values = {
        "port": "/dev/ttyUSB0",
        "description": "FT231X USB UART",
        "vid": 0x0403,
        "pid": 0x6015,
        "serial_number": "DM00",
        "stable_name": "/dev/serial/by-id/usb-FTDI-if00",
        "driver": "cyton",
        "permitted": True,
    }
    return FoundPort(**{**values, **changes})


def test_a_port_is_named_so_that_it_is_found_again() -> None:
    known = from_port(port())
    assert known.address == "cyton@serial:/dev/serial/by-id/usb-FTDI-if00"
    assert known.title.startswith("FT231X USB UART: perhaps OpenBCI Cyton")
    assert known.battery_h == 26.0
    closed = from_port(port(permitted=False, driver=None, description="n/a"))
    assert "usermod" in closed.note
    assert closed.title == "serial port"
    wired = from_port(port(driver="chords-serial"))
    assert wired.wired_to_body is True


def test_the_list_for_people(capsys) -> None:
    found = (
        from_advert(Found("AA:BB:CC:DD:EE:FF", "Polar\x1b[31m H10", -58, "polar")),
        from_advert(Found("11:22:33:44:55:66", "Television", -90, None)),
        from_advert(Found("11:22:33:44:55:67", "Ganglion-1", -88, "ganglion")),
        from_port(port(driver="chords-serial")),
        from_port(port()),
    )
    _print(Listing(found, ("something is off; do this",)), listened=True)
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "something is off; do this"
    assert "polar@ble:AA:BB:CC:DD:EE:FF" in out
    assert "-58 dBm, strong; by radio" in out
    assert "weak: bring it closer" in out
    assert "WIRED TO THE BODY" in out
    assert "about 26 h on a charge" in out
    assert "and 1 that no driver is for" in out
    assert "Television" not in out
    assert "\x1b[31m" not in out
    _print(Listing(), listened=True)
    assert "switch the sensor on" in capsys.readouterr().out


def test_battery_figures_are_hours_or_nothing() -> None:
    for info in drivers():
        assert info.battery_h is None or 1 <= info.battery_h <= 1000
