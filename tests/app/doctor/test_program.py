"""The program, the nights that lie about, and the sensors of the settings."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

import pytest

from crampwatch.app.doctor import nights, sensors, versions
from crampwatch.app.doctor.bluetooth import Heard
from crampwatch.app.record.checks import Verdict
from crampwatch.app.record.equipment import equip
from crampwatch.app.record.sources import resolve
from crampwatch.firmware_bridge.host_clock import SystemClock
from crampwatch.firmware_bridge.transports.ble_scan import Found
from crampwatch.firmware_bridge.transports.serial_ports import FoundPort
from crampwatch.recording.journal import JournalHeader, JournalWriter

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL
NEEDS = (
    "bleak>=3.1",
    "numpy>=1.26",
    'pylsl>=1.18.1; extra == "lsl"',
    'ruff>=0.12; extra == "dev"',
    'tomli>=2; python_version < "3.11"',
)
HERE = {"bleak": "3.2.1", "numpy": "2.4", "pylsl": "1.18.2"}


def test_packages_that_fit_are_told_in_a_line() -> None:
    program, extras = versions.packages("0.1.0", NEEDS, HERE.get)
    assert program.verdict is OK
    assert "bleak 3.2.1" in program.words
    assert (extras.verdict, extras.words) == (OK, "lsl")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bleak": "3.0.9"}, "bleak is 3.0.9, and must be 3.1 or newer"),
        ({"numpy": None}, "numpy is not installed"),
        ({"numpy": "1.3"}, "numpy is 1.3"),
    ],
)
def test_a_package_that_is_old_or_missing_would_spoil_a_night(changes, words) -> None:
    (program,) = versions.packages("0.1.0", NEEDS, {**HERE, **changes}.get)
    assert (program.verdict, words in program.words) == (FAIL, True)


def test_an_extra_that_is_missing_names_its_command() -> None:
    _, extras = versions.packages("0.1.0", NEEDS, {**HERE, "pylsl": None}.get)
    assert "pip install 'crampwatch[lsl]'" in extras.words
    assert "dev" not in extras.words


def test_every_requirement_of_the_program_is_understood() -> None:
    checks = versions.versions()
    assert [check.verdict for check in checks if check.what != "extras"] == [OK, OK], checks
    extras = set(metadata.metadata("crampwatch").get_all("Provides-Extra")) - {"dev", "test"}
    told = " ".join(check.words for check in checks if check.what == "extras")
    assert all(extra in told for extra in extras)


def test_a_model_that_was_changed_is_told(tmp_path: Path, monkeypatch) -> None:
    assert versions.model().verdict is OK
    monkeypatch.setattr(versions, "recorded_digest", lambda _place: "another")
    assert versions.model().verdict is WARN
    broken = tmp_path / "cramp.skops"
    broken.write_bytes(b"PK not a model")
    monkeypatch.setattr(versions, "shipped_model", lambda: broken)
    assert versions.model().verdict is WARN
    monkeypatch.setattr(versions, "shipped_model", lambda: None)
    assert "not there" in versions.model().words


# Nights


def journal(folder: Path) -> JournalWriter:
    folder.mkdir(parents=True)
    return JournalWriter(folder / "night.mcap", JournalHeader(1.8e9, 0.0, 0.0))


def test_nights_that_are_whole_cut_off_and_running_are_told_apart(tmp_path: Path) -> None:
    assert nights.nights(tmp_path) == []
    journal(tmp_path / "monday").close()
    assert [check.verdict for check in nights.nights(tmp_path)] == [OK]
    running = journal(tmp_path / "tuesday")
    (check,) = [each for each in nights.nights(tmp_path) if each.verdict is WARN]
    assert check.words.startswith("tuesday: is being recorded now")
    running.close()
    cut = tmp_path / "wednesday"
    cut.mkdir()
    whole = (tmp_path / "monday" / "night.mcap").read_bytes()
    (cut / "night.mcap").write_bytes(whole[: len(whole) * 2 // 3])
    (check,) = nights.nights(tmp_path)
    assert (check.verdict, f"crampwatch recover {cut}" in check.words) == (WARN, True)
    assert (cut / "night.mcap").read_bytes() == whole[: len(whole) * 2 // 3]


def test_files_that_are_no_nights_end_nothing(tmp_path: Path) -> None:
    (tmp_path / "x" / "night.mcap").mkdir(parents=True)
    (tmp_path / "y").mkdir()
    (tmp_path / "y" / "night.mcap").write_bytes(os.urandom(100))
    (check,) = nights.nights(tmp_path)
    assert check.verdict is WARN


# Sensors

LEFT = "C0:00:00:00:00:01"


def look(address: str, heard: Heard = Heard(), ports=(), missing: str = "refuse"):  # noqa: B008
    settings = resolve({"missing": missing}, [f"left-calf={address}"], None, {})
    (check,) = sensors.sensors(
        equip(settings, SystemClock()), heard, ports, missing=settings.missing
    )
    return check


def found(dbm: int | None = -60, address: str = LEFT, name: str = "Crampwatch1") -> Heard:
    return Heard((Found(address, name, dbm, "open-sensor"),))


@pytest.mark.parametrize("target", [LEFT, LEFT.lower(), LEFT.replace(":", "-"), "crampwatch1"])
def test_a_sensor_that_shows_itself_is_there(target: str) -> None:
    assert look(f"open-sensor@ble:{target}", found()).verdict is OK


def test_a_sensor_that_is_away_would_spoil_a_night_unless_told_otherwise() -> None:
    away = found(address="C0:00:00:00:00:09", name="Other")
    assert look(f"open-sensor@ble:{LEFT}", away).verdict is FAIL
    assert look(f"open-sensor@ble:{LEFT}", away, missing="go-on").verdict is WARN
    assert look(f"open-sensor@ble:{LEFT}", found(-92)).verdict is WARN
    assert look(f"open-sensor@ble:{LEFT}", found(None)).verdict is OK
    assert look(f"open-sensor@ble:{LEFT}", Heard(trouble="none")).verdict is FAIL
    assert look(f"open-sensor@ble:{LEFT}", Heard(tried=False)).verdict is WARN


def test_a_sensor_on_a_port_needs_the_port(tmp_path: Path) -> None:
    place = tmp_path / "ttyUSB7"
    assert look(f"cyton@serial:{place}").verdict is FAIL
    port = FoundPort("/dev/ttyUSB9", "FTDI", 0x0403, 0x6015, "DM01", "DM01", "cyton", True)
    assert look("cyton@serial:DM01", ports=[port]).verdict is OK


def test_captures_networks_and_simulations_are_not_opened(tmp_path: Path) -> None:
    assert look("sim:cyton").verdict is OK
    assert look("cyton@tcp:127.0.0.1:9").verdict is OK
    capture = tmp_path / "capture.bin"
    assert look(f"cyton@file:{capture}").verdict is FAIL
    capture.touch()
    assert look(f"cyton@file:{capture}").verdict is OK
