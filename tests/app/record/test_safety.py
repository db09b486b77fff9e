"""Body safety: a wire from the skin to a computer on mains power is never recorded from."""

from __future__ import annotations

import pytest

from crampwatch.app.record.checks import Verdict, body_safety, supply
from crampwatch.app.record.power import Power, Source, from_sysfs

WIRED = ("left-calf",)


@pytest.mark.parametrize("source", [Source.MAINS, Source.UNKNOWN])
def test_a_wired_sensor_is_refused_off_the_battery(source: Source) -> None:
    check = body_safety(WIRED, Power(source), isolator=False)
    assert check is not None
    assert check.verdict is Verdict.FAIL
    assert "--isolator" in check.words


def test_a_wired_sensor_records_on_the_battery_or_behind_an_isolator() -> None:
    on_battery = body_safety(WIRED, Power(Source.BATTERY, 80.0), isolator=False)
    isolated = body_safety(WIRED, Power(Source.MAINS), isolator=True)
    assert on_battery is not None
    assert isolated is not None
    assert on_battery.verdict is isolated.verdict is Verdict.OK


def test_sensors_by_radio_need_no_word() -> None:
    assert body_safety((), Power(Source.MAINS), isolator=False) is None


@pytest.mark.parametrize("source", Source)
@pytest.mark.parametrize("percent", [3.0, 30.0, 100.0, float("nan")])
@pytest.mark.parametrize("isolator", [True, False])
def test_a_wired_person_is_never_told_to_plug_in(source, percent, isolator) -> None:
    power = Power(source, percent)
    check = body_safety(WIRED, power, isolator=isolator)
    assert check is not None
    lines = [check.words, supply(power, 28800.0, wired=True).words]
    assert not any(word in line for line in lines for word in ("plug", "charge it", "connect"))


def test_without_wires_a_battery_is_told_to_be_charged() -> None:
    check = supply(Power(Source.BATTERY, 80.0), 28800.0, wired=False)
    assert check.verdict is Verdict.WARN
    assert "plug" in check.words


@pytest.mark.parametrize(
    ("supplies", "source"),
    [
        (
            {"AC": {"type": "Mains", "online": "0"}, "BAT0": {"status": "Discharging"}},
            "battery",
        ),
        ({"AC": {"type": "Mains", "online": "1"}, "BAT0": {"status": "Charging"}}, "mains"),
        ({"AC": {"type": "Mains", "online": "1"}, "BAT0": {"status": "Discharging"}}, "mains"),
        ({"BAT0": {"status": "Discharging"}, "ucsi": {"type": "USB", "online": "1"}}, "mains"),
        ({"BAT0": {"status": "Full"}}, "mains"),
        ({"BAT0": {"status": "Unknown"}}, "unknown"),
        ({"BAT0": {"status": "Not charging"}, "BAT1": {"status": "Discharging"}}, "mains"),
        ({"mouse": {"type": "Battery", "scope": "Device", "status": "Discharging"}}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_the_supply_is_told_from_what_linux_says(supplies, source, tmp_path) -> None:
    for name, said in supplies.items():
        folder = tmp_path / name
        folder.mkdir()
        for key, value in {"type": "Battery", "capacity": "71", **said}.items():
            (folder / key).write_text(f"{value}\n")
    assert from_sysfs(tmp_path).source.value == source


def test_a_system_that_says_nothing_is_unknown(tmp_path) -> None:
    assert from_sysfs(tmp_path / "nothing").source is Source.UNKNOWN
