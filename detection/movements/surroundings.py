"""Which movements of a muscle are leg movements, seen beside all that is around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...recording.model import Event
from ..channels.tracks import EmgTrack
from ..settings import Settings
from ..signal.quality import CAUSE, Flag
from .arbitration import covered, share
from .muscle_pair import calf_and_shin, share_of

_MOSTLY = 0.5
_ASIDE = 0.5
_CALF_RESTS = 0.4
TURNED = "posture changed"
_BESIDE_S = 2.0


def lost_electrodes(marred: Iterable[Event]) -> list[Event]:
    """Return those of the marred stretches in which an electrode was off."""
    return [event for event in marred if event.extra["cause"] == CAUSE[Flag.ELECTRODE]]


def of_whole_leg(moved: Event, tracks: Sequence[EmgTrack]) -> bool:
    """Return whether a stretch in which the leg moved is more than its shin at work.

    A foot that shakes or is pulled up for long moves the sensor as a turn in bed does, but
    the calf rests; where gravity turned, or no calf is recorded, there is no doubt.
    """
    calf, shin = calf_and_shin(tracks, moved.side)
    if calf is None or shin is None or moved.extra["reason"] == TURNED:
        return True
    return not share_of(calf, shin, [(moved.onset, moved.end)]) < _CALF_RESTS


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What stands around the movements of the night.

    Attributes
    ----------
    tracks
        Scored EMG channels.
    cramps
        Cramp-like contractions.
    lost
        When an electrode was off.
    settings
        Settings of the detector.
    """

    tracks: Sequence[EmgTrack]
    cramps: Sequence[Event]
    lost: Sequence[Event]
    settings: Settings

    def allows(self, movement: Event) -> bool:
        """Return whether a movement stands on its own as a leg movement."""
        return not (
            self.within_cramp(movement)
            or self.of_calf(movement)
            or self.beside_lost_electrode(movement)
        )

    def within_cramp(self, movement: Event) -> bool:
        """Return whether it is a part of a cramp-like contraction, or what ended it.

        A foot that is lifted while the calf holds, far stronger than the calf, is a movement
        of its own; one that is lifted as the contraction stops is the stretch that stopped
        it.
        """
        over = [event for event in self.cramps if covered(movement, [event])]
        calf, shin = calf_and_shin(self.tracks, movement.side)
        if calf is None or shin is None or movement.channel != shin.report.label:
            return bool(over)
        if any(event.channel == movement.channel for event in over):
            return True
        if any(self._ends(movement, e) for e in self.cramps if e.channel == calf.report.label):
            return True
        spans = [(movement.onset, movement.end)]
        return bool(over) and not share_of(calf, shin, spans) < _ASIDE

    def of_calf(self, movement: Event) -> bool:
        """Return whether the shin does not show it, or far weaker than the calf.

        The standards score tibialis anterior. Where it is recorded and can be trusted, what
        it does not show is no leg movement, nor is what it shows while the calf works harder.
        """
        calf, shin = calf_and_shin(self.tracks, movement.side)
        if shin is None:
            return False
        if movement.channel != shin.report.label:
            valid = shin.valid[shin.cells(movement.onset, movement.end)]
            return bool(valid.size) and bool(valid.mean() > _MOSTLY)
        if calf is None:
            return False
        spans = [(movement.onset, movement.end)]
        return bool(share_of(calf, shin, spans) > self.settings.movement.calf_leads)

    def beside_lost_electrode(self, movement: Event) -> bool:
        """Return whether the electrode was off right before or after it."""
        return any(
            event.channel == movement.channel
            and event.onset < movement.end + _BESIDE_S
            and event.end > movement.onset - _BESIDE_S
            for event in self.lost
        )

    @staticmethod
    def _ends(movement: Event, cramp: Event) -> bool:
        overlaps = share(movement, cramp) > 0.0
        return overlaps and movement.onset > cramp.onset and movement.end > cramp.end
