"""What each contraction is, by the marks of those who know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...detection.cramps.candidates import Candidate
from ...recording.labels import guess
from ...recording.model import Event
from .table import CrampFacts

COVERED = 0.2
"""Least share of a contraction, or of a cramp, that the other must cover to be the same."""

_SOON_S = 10.0


@dataclass(frozen=True, slots=True)
class Label:
    """What one contraction is.

    Attributes
    ----------
    label
        1 a cramp, 0 none, -1 left out.
    left_out
        Why it is left out, empty else.
    mimic
        What it overlaps most, in the words of the truth; ``nothing`` else.
    cramp
        Number of the true cramp of the night that it covers, -1 for none.
    """

    label: int
    left_out: str
    mimic: str
    cramp: int


def label_candidates(
    candidates: Sequence[Candidate], truth: Sequence[Event]
) -> tuple[list[Label], list[Event]]:
    """Return a label for each contraction, and the true cramps that labels count by.

    A contraction is a cramp where it and a true one on the same muscle of the same leg cover
    at least a fifth of either; it is none where it touches no cramp of its leg; all else is
    left out: a lesson must not be a guess.

    Parameters
    ----------
    candidates
        Contractions of one night.
    truth
        Marks of one annotator.
    """
    cramps = [event for event in truth if event.trial_type == "cramp"]
    doubtful = [event for event in truth if event.trial_type == "possible_cramp"]
    others = [event for event in truth if event.trial_type not in _NO_EVENT]
    muscles = [_muscle(event.channel) for event in cramps]
    return [_label(c, cramps, muscles, doubtful, others) for c in candidates], cramps


def true_cramps(
    night: int, cramps: Sequence[Event], labels: Sequence[Label]
) -> list[CrampFacts]:
    """Return the facts of the true cramps of a night and which of them were met."""
    met = {label.cramp for label in labels}
    return [
        CrampFacts(
            night,
            float(event.onset),
            float(event.duration),
            event.side or "",
            event.channel or "",
            number in met,
        )
        for number, event in enumerate(cramps)
    ]


def disagreement(
    candidates: Sequence[Candidate],
    opinions: Sequence[Sequence[Event]],
) -> tuple[NDArray[np.bool_], int, int, float | None]:
    """Return where annotators disagree, and how far they agree.

    Parameters
    ----------
    candidates
        Contractions of one night.
    opinions
        Marks of each annotator, at least two.

    Returns
    -------
    disputed : numpy.ndarray
        Whether two annotators see different things, bool, shape ``(len(candidates),)``.
    compared, agreed : int
        Complete contractions that all judged, and on how many they agree.
    kappa : float or None
        Cohen's kappa of the first two, None where all contractions are of one kind.
    """
    judged = np.array(
        [[label.label for label in label_candidates(candidates, one)[0]] for one in opinions],
        np.int64,
    ).reshape(len(opinions), len(candidates))
    disputed = np.any(judged != judged[0], axis=0)
    complete = np.array([c.cut_s is None for c in candidates], bool)
    clear = complete & np.all(judged >= 0, axis=0)
    agreed = int(np.sum(clear & ~disputed))
    return disputed, int(clear.sum()), agreed, _kappa(judged[0][clear], judged[1][clear])


def _label(
    candidate: Candidate,
    cramps: Sequence[Event],
    muscles: Sequence[str | None],
    doubtful: Sequence[Event],
    others: Sequence[Event],
) -> Label:
    start, end = _span(candidate)
    mimic = _most(candidate, start, end, others)
    best, reason = -1, ""
    most = 0.0
    for number, event in enumerate(cramps):
        if not _same_leg(candidate.side, event.side):
            continue
        shared = min(end, event.end) - max(start, event.onset)
        if shared <= 0:
            late = candidate.cut_s is not None and 0 <= event.onset - end < _SOON_S
            reason = reason or ("not yet" if late else "")
        elif not _same_muscle(candidate, event, muscles[number]):
            reason = "other muscle"
        elif shared < COVERED * (end - start) and shared < COVERED * event.duration:
            reason = reason if reason == "other muscle" else "barely touched"
        elif shared > most:
            best, most = number, shared
    if best >= 0:
        return Label(1, "", mimic, best)
    if not reason and any(
        _same_leg(candidate.side, event.side) and event.onset < end and start < event.end
        for event in doubtful
    ):
        reason = "uncertain"
    return Label(-1, reason, mimic, -1) if reason else Label(0, "", mimic, -1)


def _span(candidate: Candidate) -> tuple[float, float]:
    end = candidate.onset_s + candidate.duration_s
    if candidate.cut_s is not None:
        end = min(end, candidate.onset_s + candidate.cut_s)
    return candidate.onset_s, end


def _most(candidate: Candidate, start: float, end: float, events: Sequence[Event]) -> str:
    """Return the cause of the event that covers most of the contraction, its own leg first."""
    found, most = "nothing", (False, 0.0)
    for event in events:
        shared = min(end, event.end) - max(start, event.onset)
        rank = (_same_leg(candidate.side, event.side), shared)
        if shared > 0 and rank > most:
            found, most = str(event.extra.get("cause") or event.trial_type), rank
    return found


def _same_leg(one: str | None, other: str | None) -> bool:
    return one is None or other in (None, "both", one)


def _same_muscle(candidate: Candidate, event: Event, muscle: str | None) -> bool:
    if event.channel is None or event.channel == candidate.channel:
        return True
    return muscle is not None and muscle == candidate.muscle


def _muscle(channel: str | None) -> str | None:
    return None if channel is None else guess(channel).placement


def _kappa(one: NDArray[np.int64], other: NDArray[np.int64]) -> float | None:
    if not one.size:
        return None
    seen = float(np.mean(one == other))
    by_chance = float(np.mean(one) * np.mean(other) + np.mean(1 - one) * np.mean(1 - other))
    return None if by_chance >= 1.0 else (seen - by_chance) / (1.0 - by_chance)


_NO_EVENT = ("sleep_W", "sleep_N1", "sleep_N2", "sleep_N3", "sleep_R", "marker")
