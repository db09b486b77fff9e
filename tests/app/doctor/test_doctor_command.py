"""``crampwatch doctor`` as a person meets it: on this very computer, whatever it has."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from crampwatch.app.doctor import examine
from crampwatch.app.doctor.examine import Wishes
from crampwatch.app.doctor.system import System
from crampwatch.app.record.checks import Check, Verdict
from crampwatch.app.record.sources import resolve

NOWHERE = "unix:path=/nonexistent/bus"
ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("CRAMPWATCH_")},
    "NO_COLOR": "1",
    "DBUS_SYSTEM_BUS_ADDRESS": NOWHERE,
    "DBUS_SESSION_BUS_ADDRESS": NOWHERE,
}


def doctor(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crampwatch", "doctor", *map(str, arguments)]
    return subprocess.run(
        command, env=ENVIRONMENT, capture_output=True, encoding="utf-8", check=False
    )


def test_a_simulated_night_can_be_recorded_here(tmp_path: Path) -> None:
    ran = doctor("--device", "left-calf=sim:cyton", "--out", tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "ok  left-calf: " in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("A night can be recorded")
    assert list(tmp_path.iterdir()) == []


def test_json_tells_the_same(tmp_path: Path) -> None:
    ran = doctor("--device", "left-calf=sim:cyton", "--out", tmp_path, "--json")
    told = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr, told["ready"]) == (0, "", True)
    assert {"group", "what", "verdict", "words"} == set(told["checks"][0])
    assert {check["verdict"] for check in told["checks"]} <= {"ok", "look", "stop"}
    groups = {check["group"] for check in told["checks"]}
    assert {"Settings", "Sensors", "Power and sleep", "Disk", "Clock", "Program"} <= groups


@pytest.mark.system
def test_what_would_spoil_a_night_ends_with_one(tmp_path: Path) -> None:
    config = tmp_path / "band.toml"
    config.write_text("until = '7 o clock'\n[sensors.left-calf]\naddress = 'sim:cyton'\n")
    ran = doctor("--config", config, "--out", tmp_path)
    assert ran.returncode == 1
    assert "NO  settings: " in ran.stdout
    assert "Traceback" not in ran.stderr
    away = doctor("--device", "left-calf=myo@ble:F1:22:33:44:55:66", "--out", tmp_path)
    assert away.returncode == 1
    assert "NO  bluetooth: " in away.stdout
    assert "would spoil a night" in away.stdout.splitlines()[-1]


@pytest.mark.system
def test_a_sensor_wired_to_a_body_is_judged_as_record_judges_it(tmp_path: Path) -> None:
    wired = doctor("--device", f"calf=chords-serial@serial:{tmp_path / 'tty'}", "--json")
    told = {check["what"]: check for check in json.loads(wired.stdout)["checks"]}
    assert wired.returncode == 1
    assert told["your body"]["verdict"] == "stop"
    assert "plug" not in told["your body"]["words"]
    assert told["calf"]["verdict"] == "stop"


def test_alerts_that_cannot_be_told_would_spoil_a_night(tmp_path: Path) -> None:
    def verdict(alerts: str) -> list[str]:
        config = tmp_path / "band.toml"
        config.write_text(f"[sensors.left-calf]\naddress = 'sim:cyton'\n[alerts]\n{alerts}\n")
        wishes = Wishes(tmp_path, resolve({}, [], config, {}), listen_s=0.0)
        groups = examine.examine(System(environment={"PATH": ""}), wishes).groups
        return [
            check.verdict.value
            for group in groups
            for check in group.checks
            if check.what in ("ways", "speaker")
        ]

    assert verdict("on = false") == ["ok"]
    assert verdict("on = true") == ["ok", "ok"]
    assert verdict("on = true\nsound = true")[1] == "look"
    assert verdict("on = true\napprise_file = '/nonexistent/file'")[0] == "stop"


def test_a_check_that_fails_ends_no_other(monkeypatch, tmp_path: Path) -> None:
    def fail(*_given, **_named):
        raise ZeroDivisionError("of the check")

    monkeypatch.setattr(examine.clock, "clock_checks", fail)
    monkeypatch.setattr(examine.bluetooth, "scan", fail)
    found = examine.examine(System(), Wishes(tmp_path, listen_s=1.0))
    titles = [group.title for group in found.groups]
    assert {"Clock", "Disk", "Program"} <= set(titles)
    assert any("ZeroDivisionError: of the check" in check.words for check in found.doubts)


def test_ports_that_cannot_be_listed_are_not_told_as_none(tmp_path, monkeypatch) -> None:
    def fails():
        raise OSError("the list is locked")

    monkeypatch.setattr(examine, "list_ports", fails)
    found = examine.examine(System(), Wishes(tmp_path, listen_s=0.0))
    [ports] = [group for group in found.groups if group.title == "Serial ports"]
    assert [(each.what, each.verdict, each.words) for each in ports.checks] == [
        ("ports", Verdict.WARN, "cannot be listed (OSError: the list is locked)")
    ]


def test_other_systems_end_nothing(tmp_path: Path) -> None:
    for platform in ("darwin", "win32", "freebsd14"):
        system = System(root=tmp_path, platform=platform, environment={"PATH": ""})
        found = examine.examine(system, Wishes(tmp_path, listen_s=0.0))
        assert not any("cannot be looked at" in check.words for check in found.doubts)


def test_no_network_is_touched(monkeypatch, tmp_path: Path) -> None:
    asked = []
    connect = socket.socket.connect

    def watched(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            asked.append(address)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **_named: asked.append(given))
    examine.examine(System(), Wishes(tmp_path, listen_s=0.0))
    assert asked == []


def test_only_what_would_spoil_a_night_makes_it_not_ready() -> None:
    ok, look, stop = (Check("a", verdict, "b") for verdict in Verdict)
    group = examine.Group("t", (ok, look))
    assert examine.Examination((group,)).ready
    assert not examine.Examination((group, examine.Group("u", (stop,)))).ready


@pytest.mark.system
def test_a_band_in_the_air_of_a_private_bus_is_found(tmp_path: Path, monkeypatch) -> None:
    from private_bus import PrivateBus, on_bus

    band = {"address": "C0:00:00:00:00:01", "name": "Crampwatch1"}

    async def run() -> tuple[int, dict]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "crampwatch", "doctor", "--json", "--seconds", "2",
            "--device", "left-calf=open-sensor@ble:C0:00:00:00:00:01", "--out", str(tmp_path),
            env={**ENVIRONMENT, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path / 'bus'}"},
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        told = {check["what"]: check for check in json.loads(out)["checks"]}
        assert process.returncode is not None
        return process.returncode, told

    async def play(bus: PrivateBus) -> None:
        await bus.start_bus()
        _, told = await run()
        assert "service does not run" in told["bluetooth"]["words"]
        await bus.start_bluez(band, powered=False)
        _, told = await run()
        assert "switched off" in told["bluetooth"]["words"]
        await bus.happens("power", on=True)
        code, told = await run()
        assert (code, told["left-calf"]["verdict"]) == (0, "ok")
        assert "Crampwatch1" in told["bluetooth"]["words"]
        await bus.happens("leave", address=band["address"])
        code, told = await run()
        assert (code, told["left-calf"]["verdict"]) == (1, "stop")
        await bus.happens("unplug")
        _, told = await run()
        assert "no Bluetooth adapter" in told["bluetooth"]["words"]

    on_bus(tmp_path, monkeypatch, play)
