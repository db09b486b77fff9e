"""The live engine on a night that goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from ...detection.engine.live import LiveEngine
from ...detection.result import Notice
from ...detection.settings import Settings
from ..judging import Judging, find_judge
from .growing import GrowingNight, Step


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """One step of the night, and what the detector says at its end; provisional."""

    step: Step
    notices: tuple[Notice, ...]


class LiveNight:
    """Says what happens in a night while it is recorded, from its journal alone.

    Parameters
    ----------
    path
        The journal.
    settings
        Settings of the detector.
    judging
        Who names cramp-like contractions; as in `replay` the shipped model by default.

    Attributes
    ----------
    night
        The night as far as it came.

    Raises
    ------
    CrampwatchError
        The journal cannot be read, or the model.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        settings: Settings | None = None,
        judging: Judging | None = None,
    ) -> None:
        settings = settings or Settings()
        judging = judging or find_judge(None, settings)
        self.night = GrowingNight(path)
        self._engine = LiveEngine((), settings, judging.judge)
        self._known = 0
        self._measured: tuple[float, ...] = ()

    def poll(self) -> Iterator[Watched]:
        """Yield what is new since the last call; errors as `GrowingNight.poll`."""
        for step in self.night.poll():
            yield Watched(step, tuple(self._notices(step)))

    def close(self) -> None:
        """Close the journal."""
        self.night.close()

    def _notices(self, step: Step) -> list[Notice]:
        streams = self.night.streams
        self._engine.add(*streams[self._known :])
        self._known = len(streams)
        for chunk in step.chunks:
            self._engine.push(chunk.stream, chunk.segment, chunk.start_s, chunk.raw)
        measured = self._engine.measured_s
        if measured == self._measured:
            return []
        self._measured = measured
        return self._engine.notices(step.now_s)
