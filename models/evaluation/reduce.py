"""From a labelled night and a detector to what is kept of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...detection import Candidate, Judge, NightScore, RuleJudge, score_night
from ...detection.cramps.aftertone import without_aftertone
from ...detection.movements.arbitration import covered, strongest_muscle
from ...detection.settings import Settings
from ...detection.signal.scorable import SCORED_KINDS
from ...recording.errors import CrampwatchError
from ...recording.model import Event, Night, Stream
from ..artefact import ModelJudge
from ..nights import LabelledNight
from ..table.labels import label_candidates
from ..table.look import CUTS_S
from .decide import decide, true_cramps
from .live import follow_live
from .matching import CRAMP, NAMES, POSSIBLE
from .movements import count_movements, legs_without_shin
from .tally import Judged, NightTally, TrueCramp

MOST_MARKS, MOST_CRAMPS = 50_000, 2_000
"""Beyond these a file is no account of a night, and would fill the memory."""

MARRED = ("artifact", "unscorable")
GAP = "gap"
_INSIDE_S = 1.0


def reduce_night(
    labelled: LabelledNight,
    judge: Judge,
    settings: Settings | None = None,
    *,
    live: bool = False,
) -> NightTally:
    """Score a night and count what the detector made of it.

    Parameters
    ----------
    labelled
        The night and the truth about it.
    judge
        The detector.
    settings
        Settings of the engine.
    live
        Also play the night through the live engine, which takes longer than scoring it.

    Raises
    ------
    CrampwatchError
        The recording cannot be read, or all marks lie outside it.
    """
    night = labelled.open()
    truth, remarks = _inside(labelled, night)
    truth, unwatched = watched_truth(truth, night)
    score = score_night(night, settings, judge=judge, cuts_s=CUTS_S)
    named = [event for event in score.events if event.trial_type in NAMES]
    causal = named_without_after(score, judge)
    return NightTally(
        id=labelled.id,
        person=labelled.person,
        source=labelled.source,
        group=labelled.group,
        held_out=labelled.held_out,
        about={"sensor": labelled.about.get("sensors") or _sensors(night), **labelled.about},
        duration_s=score.duration_s,
        valid_s=score.valid_s,
        cramps=true_cramps_of(truth, what_marred(score)),
        final=decide(truth, named, labelled.unmarked),
        without_after=None if causal is None else decide(truth, causal, labelled.unmarked),
        movements=count_movements(truth, score.events, legs_without_shin(night.streams)),
        candidates=judged(score.candidates, judge, truth),
        live=follow_live(night, truth, judge, settings) if live else None,
        remarks=tuple(remarks),
        unwatched=unwatched,
    )


def watched_truth(truth: Sequence[Event], night: Night) -> tuple[list[Event], int]:
    """Return the marks with cramps of unrecorded muscles put in doubt, and their number.

    No detector can find a cramp of tibialis anterior on a band that records the calf alone:
    the person was not watched there. What a detector names at that time is not judged.

    Parameters
    ----------
    truth
        Marks of the night. A mark that names no channel is taken for watched.
    night
        The recording.
    """
    emg = [stream for stream in night.streams if stream.kind == "emg"]
    found: list[Event] = []
    unwatched = 0
    for event in truth:
        away = event.trial_type == CRAMP and not _is_watched(event, emg)
        unwatched += away
        found.append(replace(event, trial_type=POSSIBLE) if away else event)
    return found, unwatched


def named_without_after(score: NightScore, judge: Judge) -> list[Event] | None:
    """Return what would be named if the night ended with each contraction.

    Every candidate is judged as one whose knowledge ends at its end. Then the engine's rules
    apply: one row is kept where two muscles of a leg show the same contraction, the most
    probable one; what a contraction leaves behind is none; and none is what a large movement
    covers by more than half.

    Returns
    -------
    list of Event or None
        None for the transparent rule, which looks at nothing that follows.
    """
    if isinstance(judge, RuleJudge):
        return None
    complete = [c for c in score.candidates if c.cut_s is None]
    verdicts = judge.judge([replace(c, cut_s=c.duration_s) for c in complete])
    named = [
        Event(
            c.onset_s,
            c.duration_s,
            v.trial_type,
            c.side,
            c.channel,
            v.probability,
            {"ratio": c.values["ratio_median"]},
        )
        for c, v in zip(complete, verdicts, strict=True)
        if v.trial_type in NAMES
    ]
    large = [event for event in score.events if event.trial_type == "large_movement"]
    kept = [
        event
        for event in without_aftertone(strongest_muscle(named))
        if not covered(event, large)
    ]
    return sorted(kept, key=lambda event: event.onset)


def judged(
    candidates: Sequence[Candidate], judge: Judge, truth: Sequence[Event]
) -> tuple[Judged, ...]:
    """Return every candidate with what it was and the probabilities that it was given.

    What it was is told as for a training table: see `label_candidates`.
    """
    labels, _ = label_candidates(candidates, truth)
    final, causal = _probabilities(judge, candidates)
    return tuple(
        Judged(
            c.duration_s,
            c.cut_s,
            None if label.label < 0 else label.label == 1,
            with_after if c.cut_s is None else None,
            without,
        )
        for c, label, with_after, without in zip(candidates, labels, final, causal, strict=True)
    )


def what_marred(score: NightScore) -> list[Event]:
    """Return what kept signals from being scored, every loss of samples by itself."""
    rows = [e for e in score.events if e.trial_type in MARRED and e.extra.get("cause") != GAP]
    return [*rows, *score.missing]


def true_cramps_of(truth: Sequence[Event], found: Sequence[Event]) -> tuple[TrueCramp, ...]:
    """Return the true contractions with how much of each could not be scored.

    Parameters
    ----------
    truth
        All marks of the night.
    found
        Events of the score.
    """
    marred = [event for event in found if event.trial_type in MARRED]
    return tuple(
        TrueCramp(
            event.onset,
            event.duration,
            event.side,
            _covered_part(event, marred),
            {name: str(value) for name, value in _facts(event).items()},
        )
        for event in true_cramps(truth)
    )


def _is_watched(event: Event, emg: Sequence[Stream]) -> bool:
    if event.channel is None or any(stream.label == event.channel for stream in emg):
        return True
    # the muscle of a standard label such as `EMG L TA`
    words = event.channel.split()
    if len(words) != 3 or words[0].upper() != "EMG":
        return True
    return any(
        stream.placement in (None, words[2])
        and (stream.side == event.side or None in (stream.side, event.side))
        for stream in emg
    )


def _probabilities(
    judge: Judge, candidates: Sequence[Candidate]
) -> tuple[list[float | None], list[float | None]]:
    """Return probabilities with and without what follows; a cut view has the latter only."""
    if isinstance(judge, ModelJudge):
        # the judge keeps back the probability of what it calls a movement
        both = [
            judge.model.probabilities(candidates, causal=causal) for causal in (False, True)
        ]
        return [float(p) for p in both[0]], [float(p) for p in both[1]]
    verdicts = judge.judge(candidates)
    causal = [
        v.probability_causal if c.cut_s is None else v.probability
        for c, v in zip(candidates, verdicts, strict=True)
    ]
    return [v.probability for v in verdicts], causal


def _inside(labelled: LabelledNight, night: Night) -> tuple[list[Event], list[str]]:
    """Return the marks that lie in the night, and what must be known of the others."""
    length = night.duration_s
    inside = [e for e in labelled.truth if e.end > 0 and e.onset < length + _INSIDE_S]
    outside = len(labelled.truth) - len(inside)
    if outside and not inside:
        first = labelled.truth[0]
        raise CrampwatchError(
            f"{labelled.id}: all {outside} marks lie outside the night, which ends at"
            f" {length:g} s (the first begins at {first.onset:g} s); are they of another"
            " recording, or in clock times?"
        )
    cramps = sum(event.trial_type == CRAMP for event in inside)
    if len(inside) > MOST_MARKS or cramps > MOST_CRAMPS:
        raise CrampwatchError(
            f"{labelled.id}: {len(inside)} marks, {cramps} of them cramps, are more than a"
            f" night can hold ({MOST_MARKS} and {MOST_CRAMPS})"
        )
    remarks = []
    if outside:
        word = "mark lies" if outside == 1 else "marks lie"
        remarks.append(f"{outside} {word} outside the night and {_are(outside)} not counted")
    if labelled.second_opinions:
        first_one = labelled.annotator or "the first annotator"
        remarks.append(
            f"judged by the marks of {first_one}; {len(labelled.second_opinions)} more"
            f" {_are(len(labelled.second_opinions))} not used"
        )
    return inside, remarks


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _sensors(night: Night) -> str:
    """Return what was worn, where the data set does not name it: signals, rate and unit."""
    kinds = Counter(
        f"{s.kind.upper()} {s.rate_hz:g} Hz {s.unit}"
        for s in night.streams
        if s.kind in SCORED_KINDS
    )
    return ", ".join(f"{count} x {kind}" for kind, count in sorted(kinds.items()))


def _facts(event: Event) -> Mapping[str, object]:
    muscle = {"muscle": event.channel.split()[-1]} if event.channel else {}
    known = {name: value for name, value in event.extra.items() if value is not None}
    return {**known, **muscle}


def _covered_part(event: Event, others: Sequence[Event]) -> float:
    """Return the share of an event that others on its own channel, or leg, cover together."""
    spans = sorted(
        (max(event.onset, other.onset), min(event.end, other.end))
        for other in others
        if (other.channel == event.channel or None in (other.channel, event.channel))
        and (other.side == event.side or None in (other.side, event.side))
    )
    total, reached = 0.0, event.onset
    for start, end in spans:
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return min(1.0, total / event.duration) if event.duration > 0 else 0.0
