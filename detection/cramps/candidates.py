"""Cramp candidates, and what a judge says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...recording.model import Side


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A sustained contraction with what is known about it.

    Attributes
    ----------
    onset_s, duration_s
        Seconds from the start of the night.
    side, muscle, channel
        Leg, muscle (``GM``, ``TA``, ...) and label of the signal.
    cut_s
        None where the night is stored: what follows is known as far as it was recorded. Else
        the time after the onset, seconds, at which knowledge ended.
    values
        Every feature of `features.catalogue` by name; NaN is not known.
    """

    onset_s: float
    duration_s: float
    side: Side | None
    muscle: str | None
    channel: str
    cut_s: float | None
    values: Mapping[str, float]

    @property
    def end_s(self) -> float:
        """End, seconds from the start of the night."""
        return self.onset_s + self.duration_s


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a candidate is called.

    Attributes
    ----------
    trial_type
        ``cramp``, ``possible_cramp``, ``large_movement``, or None for none of these.
    probability
        Between 0 and 1, or None where the judge does not give one.
    reason
        The deciding facts, a few words.
    probability_causal
        The same without what follows the contraction.
    """

    trial_type: str | None
    probability: float | None
    reason: str
    probability_causal: float | None = None


class Judge(Protocol):
    """Names candidates. A trained classifier offers this."""

    def judge(self, candidates: Sequence[Candidate]) -> Sequence[Verdict]:
        """Return one verdict for each candidate, in order."""
        ...
