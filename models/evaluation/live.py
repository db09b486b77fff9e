"""What a detector says while the night runs, and how long it takes to say it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...detection import Judge, Notice, Playback
from ...detection.settings import Settings
from ...recording.model import Event, Night
from .decide import true_cramps
from .matching import NAMES, POSSIBLE, meeting
from .tally import Live


def follow_live(
    night: Night, truth: Sequence[Event], judge: Judge, settings: Settings | None = None
) -> Live:
    """Play a stored night through the live engine and note the first word on each cramp.

    Parameters
    ----------
    night
        The recording, given to the engine second by second.
    truth
        All marks of the night.
    judge, settings
        The detector and the settings of the engine.
    """
    told = [
        notice
        for _, notices in Playback(night, settings, judge)
        for notice in notices
        if notice.event.trial_type in NAMES
    ]
    return live_from(told, truth)


def live_from(told: Sequence[Notice], truth: Sequence[Event]) -> Live:
    """Return delays and false alarms of notices, in the order in which they were given."""
    cramps = true_cramps(truth)
    doubtful = [event for event in truth if event.trial_type == POSSIBLE]
    delays: list[float | None] = []
    for cramp in cramps:
        words = [n.decided_at for n in told if meeting([n.event], [cramp])[0]]
        delays.append(min(words) - cramp.onset if words else None)
    false = [n.event for n in told if not meeting([n.event], [*cramps, *doubtful])[0]]
    once: list[Event] = []
    for event in false:
        same = [e for e in once if e.trial_type == event.trial_type]
        if not meeting([event], same)[0]:
            once.append(event)
    counts = Counter(event.trial_type for event in once)
    return Live(tuple(delays), {name: counts[name] for name in NAMES})
