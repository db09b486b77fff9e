"""Settings: who says what, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from crampwatch.app.record.settings import RecordSettings
from crampwatch.app.record.sources import resolve, to_toml
from crampwatch.recording.errors import CrampwatchError

FILE = """
for = "8h"
missing = "go-on"
raw_log = true

[sensors.left-calf]
address = "sim:cyton"
muscles = ["GM", "-", "SOL"]

[sensors.shin]
address = "sim:open-sensor"
side = "right"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "band.toml"
    path.write_text(FILE, "utf-8")
    return path


def test_the_command_line_comes_before_environment_file_and_default(config: Path) -> None:
    environment = {"CRAMPWATCH_MISSING": "refuse", "CRAMPWATCH_WAIT": "20s"}
    settings = resolve({"wait": "10s"}, (), config, environment)
    assert settings.wait_s == 10.0
    assert settings.missing == "refuse"
    assert settings.raw_log
    assert settings.duration_s == 8 * 3600.0
    assert not settings.isolator


def test_an_end_said_later_takes_the_place_of_one_said_before(config: Path) -> None:
    settings = resolve({"until": "7:00"}, (), config, {})
    assert settings.until == "07:00"
    assert settings.duration_s is None
    settings = resolve({}, (), config, {"CRAMPWATCH_UNTIL": "06:30"})
    assert (settings.duration_s, settings.until) == (None, "06:30")


def test_two_ends_at_once_are_refused() -> None:
    with pytest.raises(CrampwatchError, match="not both"):
        resolve({"for": "8h", "until": "07:00"}, ["sim:cyton"], None, {})


def test_a_device_keeps_what_the_file_says_of_its_name(config: Path) -> None:
    settings = resolve({}, ["left-calf=sim:myo"], config, {})
    assert list(settings.sensors) == ["left-calf"]
    assert settings.sensors["left-calf"].address == "sim:myo"
    assert settings.sensors["left-calf"].muscles == ("GM", "-", "SOL")


def test_a_name_alone_chooses_from_the_file(config: Path) -> None:
    settings = resolve({}, ["shin"], config, {})
    assert settings.sensors["shin"].address == "sim:open-sensor?leg=right"
    with pytest.raises(CrampwatchError, match="left-calf, shin"):
        resolve({}, ["thigh"], config, {})


def test_devices_may_stand_in_the_environment(config: Path) -> None:
    said = {
        "CRAMPWATCH_DEVICE": "a=sim:cyton?drop=0.1;sim:myo",
        "CRAMPWATCH_CONFIG": str(config),
    }
    settings = resolve({}, (), None, said)
    assert list(settings.sensors) == ["a", "sensor-2"]
    assert settings.raw_log


def test_the_equals_sign_of_an_option_is_not_taken_for_a_name() -> None:
    settings = resolve({}, ["sim:cyton?drop=0.1"], None, {})
    assert settings.sensors["sensor-1"].address == "sim:cyton?drop=0.1"


@pytest.mark.parametrize(
    ("name", "side", "muscles", "placement"),
    [
        ("left-calf", "left", ("GM",), "calf"),
        ("right_shin", "right", ("TA",), "shin"),
        ("r-sol", "right", ("SOL",), None),
        ("band", None, None, None),
    ],
)
def test_a_name_says_where_a_sensor_is_worn(name, side, muscles, placement) -> None:
    settings = resolve({}, [f"{name}=cyton@serial:/dev/ttyUSB0"], None, {})
    sensor = settings.sensors[name]
    assert (sensor.side, sensor.muscles, sensor.placement) == (side, muscles, placement)


def test_a_simulated_sensor_plays_the_leg_it_is_named_after() -> None:
    settings = resolve({}, ["right-calf=sim:cyton?seed=3", "left-calf=sim:cyton"], None, {})
    assert settings.sensors["right-calf"].address == "sim:cyton?seed=3&leg=right"
    assert settings.sensors["left-calf"].address == "sim:cyton"
    assert settings.sensors["left-calf"].muscles == ("GM", "TA")


def test_what_is_saved_with_the_night_is_read_as_the_same(config: Path, tmp_path: Path) -> None:
    devices = ['left-calf=sim:cyton?family="odd\\name"', "x=sim:myo"]
    first = resolve({"start": "23:05", "speed": 2.5}, devices, config, {})
    saved = tmp_path / "night.toml"
    saved.write_text(to_toml(first), "utf-8")
    assert resolve({}, (), saved, {}) == first


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('colour = "red"', "colour: there is no such setting"),
        ("[sensors.a]", "sensors.a.address: must be said"),
        ('[sensors.a]\naddress = "cyton"', "an address needs one of"),
        ('[sensors.a]\naddress = "sim:cyton"\nside = "top"', "sensors.a.side"),
        ('[sensors.a]\naddress = "sim:cyton"\nmuscles = ["?"]', "is no muscle"),
        ('[sensors."../a"]\naddress = "sim:cyton"', "is no name for a sensor"),
        ("speed = nan", "speed"),
        ("for = 1e9", "for"),
        ("for = 8", 'for: must be a length in quotes, like "8h"'),
        ("wait = 30", "wait: must be a length in quotes"),
        ('colour = "red"\nspeed = "slow"\n[alerts]\nbel = true', "(and 2 more to mend)"),
        ("sensors = 3", "sensors"),
        ("for = ", "no TOML"),
        ("a" * 2_000_000, "too long"),
        ("x = " + "[" * 100_000, "no TOML"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "f.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(CrampwatchError) as caught:
        resolve({}, (), path, {})
    line = str(caught.value)
    assert words in line
    assert str(path) in line
    assert "\n" not in line


def test_no_sensor_is_told_with_the_way_out() -> None:
    with pytest.raises(CrampwatchError, match="--device"):
        resolve({}, (), None, {})


def test_only_simulated_sensors_live_faster() -> None:
    with pytest.raises(CrampwatchError, match="only simulated"):
        resolve({"speed": 60}, ["cyton@serial:/dev/ttyUSB0"], None, {})
    with pytest.raises(CrampwatchError, match="--speed"):
        resolve({}, ["sim:cyton?speed=60"], None, {})


def test_defaults_refuse_and_are_written_out() -> None:
    settings = RecordSettings()
    assert settings.missing == "refuse"
    assert not settings.isolator
    assert settings.score
    assert "isolator = false" in to_toml(settings)
