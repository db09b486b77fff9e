"""How the detector fares on nights that it was not built on.

    cd tests/evidence && python -m second_generator.judge --seeds 1 2 3 --hours 3

prints one table by duration of the cramp and one of what else was named. All nights are
SIMULATED: the figures compare two ideas of a leg and say nothing about a real one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crampwatch.detection import NightScore, score_night
from crampwatch.recording.model import Event, Night

from .night import KINDS, second_night

CLASSES = (("3-10 s", 10.0), ("10-20 s", 20.0), ("20-60 s", 60.0), ("60 s and more", 1e9))
_WEIGHT = {"peel_off": 0.9, "sweat": 0.1, "partly_reattached": 0.2}
NAMED = ("cramp", "possible_cramp")


@dataclass
class Tally:
    """Counts over nights."""

    nights: int = 0
    hours: float = 0.0
    cramps: Counter[tuple[str, str]] = field(default_factory=Counter)
    onset_errors: list[float] = field(default_factory=list)
    false: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    kind_hours: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    series_called_cramp: int = 0
    missed: list[dict[str, object]] = field(default_factory=list)
    wrong: list[dict[str, object]] = field(default_factory=list)


def judge(tally: Tally, kind: str, seed: int, hours: float) -> None:
    """Score one night and add what was found and what was wrongly named."""
    night, truth = second_night(kind, seed, hours)
    count(tally, kind, seed, (night, truth), score_night(night))


def count(
    tally: Tally, kind: str, seed: int, given: tuple[Night, Sequence[Event]], score: NightScore
) -> None:
    """Add one scored night to the tally."""
    night, truth = given
    device = night.devices[0]
    named = [e for e in score.events if e.trial_type in NAMED]
    cramps = [e for e in truth if e.trial_type == "cramp"]
    tally.nights += 1
    tally.hours += hours_of(night)
    tally.kind_hours[kind] += hours_of(night)
    for cramp in cramps:
        hits = [e for e in named if _meets(e, cramp)]
        result = _best(hits)
        group = next(name for name, limit in CLASSES if cramp.duration < limit)
        if cramp.extra["marred"]:
            tally.cramps["marred", result] += 1
            continue
        tally.cramps[group, result] += 1
        if hits:
            tally.onset_errors.append(min(e.onset for e in hits) - cramp.onset)
        elif cramp.duration >= 10.0:
            about = {k: v for k, v in cramp.extra.items() if k not in ("cause", "marred")}
            tally.missed.append({"kind": kind, "seed": seed, "device": device,
                                 "onset": cramp.onset, "duration": cramp.duration,
                                 **about})  # fmt: skip
    for event in named:
        if any(_meets(event, cramp) for cramp in cramps):
            continue
        cause = blame(event, truth)
        tally.false[kind, event.trial_type, cause] += 1
        tally.wrong.append({"kind": kind, "seed": seed, "device": device, "cause": cause,
                            "type": event.trial_type, "onset": event.onset,
                            "duration": event.duration, "channel": event.channel})  # fmt: skip
        series = (e for e in truth if e.trial_type == "PLM")
        if event.trial_type == "cramp" and any(_meets(event, e) for e in series):
            tally.series_called_cramp += cause == "leg_movement"


def hours_of(night: Night) -> float:
    """Return the length of a night, hours."""
    return night.duration_s / 3600.0


def blame(event: Event, truth: Iterable[Event]) -> str:
    """Return the cause of the row that fits an event best, by overlap and by cover.

    What lasts for hours covers everything: a lost electrode explains what it covers, a sweating
    or half-loose one only what nothing else explains.
    """
    best, cause = 0.05, "nothing"
    for row in truth:
        if row.side not in (event.side, "both", None) and event.side != "both":
            continue
        if row.trial_type == "artifact" and row.channel not in (None, event.channel):
            continue
        shared = min(row.end, event.end) - max(row.onset, event.onset) + 1.0
        union = max(row.end, event.end) - min(row.onset, event.onset) + 1.0
        weight = _WEIGHT.get(str(row.extra["cause"]), 0.5)
        score = shared / union + weight * min(1.0, shared / (event.duration + 1.0))
        if shared > 0 and score > best:
            best, cause = score, str(row.extra["cause"])
    return cause


def _meets(event: Event, other: Event) -> bool:
    same = event.side in (other.side, "both", None) or other.side == "both"
    return same and event.onset < other.end and other.onset < event.end


def _best(hits: Sequence[Event]) -> str:
    return next((n for n in NAMED if any(e.trial_type == n for e in hits)), "missed")


def _report(tally: Tally) -> Iterable[str]:
    yield f"{tally.nights} nights, {tally.hours:.1f} h, SIMULATED"
    yield "cramps by duration: cramp / possible_cramp / missed"
    for group in (*(name for name, _ in CLASSES), "marred"):
        row = [tally.cramps[group, r] for r in (*NAMED, "missed")]
        yield f"  {group:14s} {row[0]:4d} {row[1]:4d} {row[2]:4d}"
    errors = sorted(abs(e) for e in tally.onset_errors)
    if errors:
        half, most = errors[len(errors) // 2], errors[int(0.9 * len(errors))]
        yield f"onset error: half within {half:.1f} s, 90 % within {most:.1f} s"
    yield "wrongly named, for 8 h of night: cramp / possible_cramp"
    for kind, hours in tally.kind_hours.items():
        found: Counter[str] = Counter()
        for (where, name, _), number in tally.false.items():
            found[name] += number * (where == kind)
        sure, perhaps = (8 / hours * found[name] for name in NAMED)
        yield f"  {kind:14s} {sure:6.2f} {perhaps:6.2f}"
    yield f"PLM called cramp: {tally.series_called_cramp}"
    causes: Counter[tuple[str, str]] = Counter()
    for (_, name, cause), number in tally.false.items():
        causes[cause, name] += number
    yield "wrongly named by cause: cramp / possible_cramp"
    for cause in sorted({c for c, _ in causes}, key=lambda c: -causes[c, "cramp"]):
        yield f"  {cause:26s} {causes[cause, NAMED[0]]:4d} {causes[cause, NAMED[1]]:4d}"


def main() -> None:
    """Judge the nights named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--hours", type=float, default=3.0)
    parser.add_argument("--list", action="store_true", help="also each miss and false alarm")
    asked = parser.parse_args()
    tally = Tally()
    for kind in asked.kinds:
        for seed in asked.seeds:
            judge(tally, kind, seed, asked.hours)
    sys.stdout.write("\n".join(_report(tally)) + "\n")
    if asked.list:
        for row in (*tally.missed, *tally.wrong):
            sys.stdout.write(json.dumps(row, default=str) + "\n")


if __name__ == "__main__":
    main()
