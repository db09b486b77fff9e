"""Wire formats: what the firmware of each sensor makes of its samples, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ....recording.errors import CrampwatchError
from ...drivers.registry import find_driver
from ...drivers.settings import read_settings
from .model import Wire


def wire_for(driver: str, settings: Mapping[str, str] | None = None, seed: int = 0) -> Wire:
    """Return the firmware that a driver reads.

    Parameters
    ----------
    driver
        Its name.
    settings
        As the driver's own, so that both agree.
    seed
        Of what a sensor draws for itself, as the boot ids of the open protocol.

    Raises
    ------
    CrampwatchError
        There is no such driver, or a setting is wrong.
    """
    from . import bitalino, chords, cyton, ganglion, myo, open_sensor, polar, shimmer3

    info = find_driver(driver)
    values: dict[str, Any] = read_settings(driver, info.settings, settings or {})
    if driver == "open-sensor":
        return open_sensor.from_settings(values, seed)
    makers: dict[str, Callable[[Mapping[str, Any]], Wire]] = {
        "bitalino": bitalino.BitalinoWire,
        "chords-ble": chords.ChordsBleWire,
        "chords-serial": chords.ChordsSerialWire,
        "cyton": cyton.CytonWire,
        "ganglion": ganglion.GanglionWire,
        "myo": myo.MyoWire,
        "polar": polar.PolarWire,
        "shimmer3": shimmer3.Shimmer3Wire,
    }
    if driver not in makers:
        raise CrampwatchError(f"there is no simulated {driver}; there are: {', '.join(makers)}")
    return makers[driver](values)
