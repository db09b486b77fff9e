"""What drivers say about themselves, and that a new sensor is one new file."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from device_vectors import vectors

from crampwatch.firmware_bridge.drivers import driver_names, drivers, find_driver
from crampwatch.firmware_bridge.drivers.sensors import __path__ as sensors
from crampwatch.firmware_bridge.drivers.sensors.shimmer3 import settings_from_inquiry
from crampwatch.firmware_bridge.drivers.settings import SettingError

UUID = re.compile(r"[0-9a-f]{4}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PAGE = (Path(__file__).parents[2] / "docs" / "sensors.md").read_text("utf-8")


def test_every_contract_driver_is_there() -> None:
    assert {json.loads(path.read_text())["driver"] for path in vectors()} <= set(driver_names())


@pytest.mark.parametrize("name", driver_names())
def test_a_driver_declares_what_is_needed(name: str) -> None:
    info = find_driver(name)
    driver = info.open()
    assert info.name == name
    assert info.title
    assert info.source
    assert info.calibration
    assert isinstance(info.wired_to_body, bool)
    assert all(UUID.fullmatch(service) for service in info.services)
    assert info.services if info.transport == "ble" else info.baud
    for spec in driver.streams:
        width = (len(spec.columns),)
        assert spec.gain.shape == spec.offset.shape == width
        assert spec.rate_hz > 0
    commands = info.commands_for()
    assert all(write.data for write in commands.start + commands.stop)
    assert all(UUID.fullmatch(uuid) for uuid in commands.notify)


@pytest.mark.parametrize("name", driver_names())
def test_the_page_of_sensors_names_every_driver_and_setting(name: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
    info = find_driver(name)
    for setting in info.settings:
        assert f"`{setting.name}`" in row
    for spec in info.open().streams:
        assert f"`{spec.name}`" in row
    assert ("wired" in row.split("|")[4]) == info.wired_to_body


def test_the_names_are_those_of_the_files() -> None:
    assert [info.name for info in drivers()] == list(driver_names())


def test_polar_is_told_what_the_vendor_documents() -> None:
    acc, ecg = find_driver("polar").commands_for().start
    assert acc.data == bytes.fromhex("02020001C8000101100002010800")
    assert ecg.data == bytes.fromhex("02000001820001010E00")


def test_bitalino_is_told_rate_and_channels() -> None:
    start = find_driver("bitalino").commands_for({"channels": "1,3", "fs": "100"}).start
    assert [write.data for write in start] == [b"\x07", b"\x83", b"\x15"]


def test_shimmer_settings_come_from_its_inquiry() -> None:
    answer = b"\x02\x40\x00\x01\x02\x03\x04\x03\x01\x1d\x1e\x1f"
    assert settings_from_inquiry(answer) == {"channels": "1d,1e,1f", "fs": "512.0"}
    for bad in (b"", answer[:-1], answer[:8] + b"\x02" + answer[9:], answer[:-1] + b"\x99"):
        with pytest.raises(SettingError):
            settings_from_inquiry(bad)


def test_a_new_sensor_is_one_new_file(tmp_path: Path) -> None:
    (folder,) = sensors
    copy = Path(folder) / "chords_ble.py"
    shutil.copy(copy, tmp_path / "planted_sensor.py")
    code = (
        "from crampwatch.firmware_bridge.drivers import sensors, driver_names, find_driver\n"
        f"sensors.__path__.append({str(tmp_path)!r})\n"
        "print(driver_names(), find_driver('planted-sensor').open().streams[0].name)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "'planted-sensor'" in run.stdout
    assert run.stdout.endswith("exg\n")
