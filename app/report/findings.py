"""What sentences and figures about a night need to know of it."""

from __future__ import annotations

from typing import Protocol

from ...detection.channels.report import ChannelReport
from ...recording.model import Event


class Findings(Protocol):
    """What sentences about a night are made from: a score has it, and a table too."""

    @property
    def duration_s(self) -> float:
        """Length of the night, seconds."""
        ...

    @property
    def valid_s(self) -> float:
        """Seconds that could be scored on the best-covered signal."""
        ...

    @property
    def events(self) -> tuple[Event, ...]:
        """Events by onset."""
        ...

    @property
    def channels(self) -> tuple[ChannelReport, ...]:
        """A report for each signal."""
        ...
