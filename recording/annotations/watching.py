"""Which muscles were watched, and what became of a cramp that no event was found for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from .mark_matching import Placed, same_leg
from .markers import Mark

Outcome = Literal["matched", "missed", "not_watched", "unclear"]

WATCHED_SHARE: Final = 0.5
"""Share of the possible time that must have been scored for a cramp to count as missed."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A signal on which cramp-like contractions were sought.

    Attributes
    ----------
    channel
        Its label.
    side, muscle
        Leg, and muscle of the vocabulary; None where they are not known.
    spans
        Start and end of each stretch that was scored, in order, seconds.
    """

    channel: str
    side: str | None
    muscle: str | None
    spans: tuple[tuple[float, float], ...]

    def scored(self, start_s: float, end_s: float) -> float:
        """Return how many seconds between two times were scored."""
        overlaps = (min(end, end_s) - max(start, start_s) for start, end in self.spans)
        return sum(overlap for overlap in overlaps if overlap > 0)


def without_event(
    one: Placed, watched: Sequence[Watched], duration_s: float
) -> tuple[Outcome, str]:
    """Return what became of a cramp that no event was found for, and why."""
    mark = one.mark
    if one.end_s <= 0.0 or one.start_s >= duration_s:
        when = "before the recording began" if one.end_s <= 0.0 else "after the recording ended"
        return "not_watched", f"it was {when}"
    if mark.kind == "press":
        return "unclear", "a press does not say what it meant"
    fitting = _watching(mark, watched)
    if not fitting:
        return "not_watched", f"no sensor watched {_place(mark.side, mark.muscles)}"
    share = _share(fitting, one.start_s, one.end_s, either=mark.side is None)
    names = ", ".join(dict.fromkeys(w.channel for w in fitting))
    if share == 0.0:
        return "not_watched", f"{names} could not be scored then"
    return _while_watched(mark, fitting, names, share)


def without_time(mark: Mark, watched: Sequence[Watched]) -> tuple[Outcome, str]:
    """Return what became of a cramp of which no time was told, and why."""
    if _watching(mark, watched):
        return "unclear", "no time was told"
    return "not_watched", f"no sensor watched {_place(mark.side, mark.muscles)}"


def _while_watched(
    mark: Mark, fitting: Sequence[Watched], names: str, share: float
) -> tuple[Outcome, str]:
    unsaid = [
        word
        for word, open_ in (
            ("leg", mark.side is None and not _both_legs(fitting)),
            ("muscle", not mark.muscles),
        )
        if open_
    ]
    if unsaid:
        verb = "was" if len(unsaid) == 1 else "were"
        told = f"the {' and the '.join(unsaid)} {verb} not told; watched: {names}"
        return "unclear", told
    if share < WATCHED_SHARE:
        return "unclear", f"{names} could be scored for only {share:.0%} of that time"
    return "missed", f"{names} could be scored then, and nothing cramp-like was found"


def _watching(mark: Mark, watched: Sequence[Watched]) -> list[Watched]:
    return [
        signal
        for signal in watched
        if same_leg(mark.side, signal.side)
        and (not mark.muscles or signal.muscle is None or signal.muscle in mark.muscles)
    ]


def _share(fitting: Sequence[Watched], start: float, end: float, *, either: bool) -> float:
    """Return the share of a time that was scored; of the worse leg where it may be either."""
    end = max(end, start + 1.0)
    best: dict[str | None, float] = {}
    for w in fitting:
        share = w.scored(start, end) / (end - start)
        best[w.side if either else None] = max(best.get(w.side if either else None, 0.0), share)
    return min(best.values())


def _both_legs(fitting: Sequence[Watched]) -> bool:
    return {"left", "right"} <= {w.side for w in fitting}


def _place(side: str | None, muscles: Sequence[str]) -> str:
    what = " or ".join(muscles) or "leg"
    if side == "both":
        return f"the {what} of either leg"
    return f"the {side} {what}" if side else f"a {what}"
