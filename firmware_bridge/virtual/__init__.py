"""Sensors made of software: the wire format of a real one, with faults on request."""

from __future__ import annotations

from .faults import FAULT_NAMES, FaultError, Faults
from .sensor import VirtualSensor, virtual_sensor
from .source import Noise, SampleSource, Sensed
from .transport import VirtualTransport
from .truth import StreamTruth, Truth

__all__ = [
    "FAULT_NAMES",
    "FaultError",
    "Faults",
    "Noise",
    "SampleSource",
    "Sensed",
    "StreamTruth",
    "Truth",
    "VirtualSensor",
    "VirtualTransport",
    "virtual_sensor",
]
