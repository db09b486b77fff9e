"""How the transparent cramp rule and the leg movements fare on SIMULATED nights.

    pytest -m evidence --tables docs/evidence

writes the table that the docs show. The nights come from this project's own simulator, so the
figures say that the program does what it was built to do, not how it does on a real leg.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from crampwatch.detection import score_night
from crampwatch.recording import Event
from crampwatch.sample_data.simulator import simulate_night

pytestmark = pytest.mark.evidence

SCENARIOS = ("mixed", "cramp", "plm", "posture", "artefacts", "rest")
SEEDS = range(1001, 1005)
CRAMPS = ("cramp", "possible_cramp")
LEG_MOVEMENTS = ("LM", "PLM")


@dataclass
class Tally:
    """Counts over the nights of one scenario."""

    nights: int = 0
    hours: float = 0.0
    cramps: int = 0
    named_cramp: int = 0
    named_possible: int = 0
    false_cramps: int = 0
    false_possible: int = 0
    series_movements_called_cramp: int = 0
    movements: int = 0
    found: int = 0
    extra: int = 0
    onset_errors: list[float] = field(default_factory=list)


@pytest.fixture(scope="module")
def tallies(reduced: bool) -> dict[str, Tally]:
    scenarios = ("mixed", "plm") if reduced else SCENARIOS
    seeds = SEEDS[:1] if reduced else SEEDS
    return {name: _run(name, seeds, 2.0 if reduced else None) for name in scenarios}


def test_no_movement_of_a_series_is_called_a_cramp(tallies: dict[str, Tally]) -> None:
    assert sum(t.movements for t in tallies.values()) > 0
    assert all(t.series_movements_called_cramp == 0 for t in tallies.values())


def test_leg_movements_are_found(tallies: dict[str, Tally]) -> None:
    tally = tallies["plm"]
    recall = tally.found / tally.movements
    precision = tally.found / (tally.found + tally.extra)
    assert 2 * recall * precision / (recall + precision) >= 0.95


def test_the_first_rule_finds_most_simulated_cramps(tallies: dict[str, Tally]) -> None:
    cramps = sum(t.cramps for t in tallies.values())
    named = sum(t.named_cramp + t.named_possible for t in tallies.values())
    assert cramps > 0
    assert named >= 0.75 * cramps


def test_the_table_is_written_where_asked(
    tallies: dict[str, Tally], tables: Path | None, reduced: bool
) -> None:
    text = _table(tallies)
    assert text.count("\n") == len(tallies) + 2
    if tables is not None and not reduced:
        tables.mkdir(parents=True, exist_ok=True)
        (tables / "simulated_nights.md").write_text(text, "utf-8")


def _run(scenario: str, seeds: Sequence[int], hours: float | None) -> Tally:
    tally = Tally()
    for seed in seeds:
        simulated = simulate_night(scenario, seed, hours=hours)
        score = score_night(simulated.night)
        _count(tally, simulated.truth, score.events)
        tally.nights += 1
        tally.hours += score.duration_s / 3600.0
    return tally


def _count(tally: Tally, truth: Sequence[Event], found: Sequence[Event]) -> None:
    cramps = [e for e in truth if e.trial_type == "cramp"]
    named = [e for e in found if e.trial_type in CRAMPS]
    for cramp in cramps:
        tally.cramps += 1
        hits = [e for e in named if _shared(e, cramp) > 0.2 and _same_leg(e, cramp)]
        if not hits:
            continue
        best = min(hits, key=lambda e: e.trial_type != "cramp")
        tally.named_cramp += best.trial_type == "cramp"
        tally.named_possible += best.trial_type == "possible_cramp"
        tally.onset_errors.append(abs(best.onset - cramp.onset))
    for event in named:
        if any(_touch(event, cramp) for cramp in cramps):
            continue
        tally.false_cramps += event.trial_type == "cramp"
        tally.false_possible += event.trial_type == "possible_cramp"
        tally.series_movements_called_cramp += any(
            e.trial_type == "PLM" and _shared(event, e) > 0.2 for e in truth
        )
    movements = [e for e in truth if e.trial_type in LEG_MOVEMENTS]
    scored = [e for e in found if e.trial_type in LEG_MOVEMENTS]
    hit = [any(_shared(e, m) >= 0.2 and _same_leg(e, m) for e in scored) for m in movements]
    false = [
        not any(_shared(e, m) >= 0.2 and _same_leg(e, m) for m in movements) for e in scored
    ]
    tally.movements += len(movements)
    tally.found += sum(hit)
    tally.extra += sum(false)


def _table(tallies: dict[str, Tally]) -> str:
    head = (
        "| scenario (SIMULATED) | nights | hours | cramps | called cramp | called possible | "
        "false cramps / night | false possible / night | onset error, median; 90 % | "
        "leg movements | found | extra |"
    )
    lines = [head, "|" + "---|" * 12]
    for name, t in tallies.items():
        onset = "-"
        if t.onset_errors:
            half, most = np.quantile(t.onset_errors, [0.5, 0.9])
            onset = f"{half:.1f} s; {most:.1f} s"
        lines.append(
            f"| {name} | {t.nights} | {t.hours:.0f} | {t.cramps} | {t.named_cramp} | "
            f"{t.named_possible} | {t.false_cramps / t.nights:.3f} | "
            f"{t.false_possible / t.nights:.3f} | {onset} | {t.movements} | {t.found} | "
            f"{t.extra} |"
        )
    return "\n".join(lines) + "\n"


def _touch(one: Event, other: Event) -> bool:
    return min(one.end, other.end) > max(one.onset, other.onset)


def _shared(one: Event, other: Event) -> float:
    """Return the overlap of two events over their union."""
    overlap = min(one.end, other.end) - max(one.onset, other.onset)
    union = max(one.end, other.end) - min(one.onset, other.onset)
    return max(0.0, overlap) / union if union > 0 else 0.0


def _same_leg(one: Event, other: Event) -> bool:
    return one.side == other.side or "both" in (one.side, other.side)
