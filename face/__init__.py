"""Crampwatch: cramp-like contractions and leg movements in a night of EMG and motion.

Everything here is loaded on first use, so that ``import crampwatch`` costs nothing::

    import crampwatch

    night = crampwatch.open_recording("night.edf")
    score = crampwatch.score_night(night)
    print(score.summary())

Figures for papers are in ``crampwatch.plot``, where matplotlib is installed.

Research and self-logging software, not a medical device.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .app import plot as plot
    from .detection import score_night
    from .detection.result import NightScore
    from .detection.settings import Settings
    from .recording.errors import CrampwatchError, RecordingError
    from .recording.model import Event, Night, Stream
    from .recording.readers import open_recording

    __version__: str

__all__ = [
    "CrampwatchError",
    "Event",
    "Night",
    "NightScore",
    "RecordingError",
    "Settings",
    "Stream",
    "__version__",
    "open_recording",
    "score_night",
]

_ROOMS = {"plot": "app.plot"}
"""What needs packages that not everybody has, so that ``__all__`` leaves it out."""

_HOMES = {
    "CrampwatchError": "recording.errors",
    "Event": "recording.model",
    "Night": "recording.model",
    "NightScore": "detection.result",
    "RecordingError": "recording.errors",
    "Settings": "detection.settings",
    "Stream": "recording.model",
    "open_recording": "recording.readers",
    "score_night": "detection",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("crampwatch")
    elif name in _ROOMS:
        value = import_module(f".{_ROOMS[name]}", __name__)
    elif name in _HOMES:
        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS])
