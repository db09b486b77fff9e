"""The night: its data model, readers, writers and annotations."""

from .errors import CrampwatchError, RecordingError
from .model import Event, Gap, Night, Segment, Stream
from .readers import open_recording

__all__ = [
    "CrampwatchError",
    "Event",
    "Gap",
    "Night",
    "RecordingError",
    "Segment",
    "Stream",
    "open_recording",
]
