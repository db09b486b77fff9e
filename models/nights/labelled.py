"""One labelled night, wherever it comes from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ...recording.model import Event, Night

Source = Literal["simulated", "proxy", "real"]
"""Evidence class: simulated nights, real recordings of something like a cramp, real nights."""


@dataclass(frozen=True, slots=True)
class LabelledNight:
    """A night with what is true about it.

    Attributes
    ----------
    id
        Name of the night, unique among those read together.
    person
        Whose night it is, None where nobody says.
    open
        Opens the recording; can be sent to another process.
    truth
        Marks of the first annotator, sorted by onset.
    source
        Evidence class.
    group
        Scenario of a simulated night, else empty.
    held_out
        Whether it is kept out of training.
    about
        ``family``, ``recording``, ``scenario``, ... as far as they are known.
    identity
        What makes it this night and no other: the same for two copies of one recording.
    second_opinions
        Marks of further annotators by name.
    annotator
        Name of the annotator of `truth`, empty where nobody says.
    everyday
        Whether it is a night as nights are. False where it was made harder on purpose: it
        teaches, and sets no threshold.
    unmarked
        What was put into a simulated night and nobody would mark (a spell of tone, a bed
        partner): no truth to score against, but it explains a false alarm. Type
        ``unmarked``, its name in the column ``cause``.
    """

    id: str
    person: str | None
    open: Callable[[], Night]
    truth: tuple[Event, ...]
    source: Source
    group: str
    held_out: bool
    about: Mapping[str, str]
    identity: str = ""
    second_opinions: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    annotator: str = ""
    everyday: bool = True
    unmarked: tuple[Event, ...] = ()


_SAME_S = 0.005
"""Marks are written to the millisecond."""

Opener = Callable[[str], LabelledNight]
"""Turns an entry of a list, such as ``sim:mixed?seed=7``, into a night."""


def unmarked_events(
    happenings: Iterable[tuple[str, float, float]], truth: Sequence[Event]
) -> tuple[Event, ...]:
    """Return what happened in a simulated night without a mark where it begins.

    Parameters
    ----------
    happenings
        Name, onset and duration of all that was put in, seconds.
    truth
        Marks of the night.
    """
    marks = sorted(event.onset for event in truth)

    def is_marked(onset: float) -> bool:
        at = bisect_left(marks, onset - _SAME_S)
        return at < len(marks) and marks[at] <= onset + _SAME_S

    return tuple(
        Event(onset, duration, "unmarked", extra={"cause": name})
        for name, onset, duration in happenings
        if not is_marked(onset)
    )
