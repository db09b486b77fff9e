"""All that judged nights say about a detector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

from ..artefact import at_prevalence
from .alarms import (
    Alarms,
    Confusion,
    confusions,
    false_alarms,
    false_alarms_by_scenario,
    persons_of,
    swallowed,
)
from .bootstrap import RESAMPLES, Bootstrap
from .calibration import Calibration, calibrate
from .cases import Case, false_cases, missed_cases
from .goals import Goal, goals
from .latency import Errors, LiveScore, end_errors, live_score, onset_errors
from .movement_score import MovementScore, movement_scores
from .predictive import RATES, Predictive, predictive_values
from .sensitivity import Sensitivity, sensitivities
from .tally import Decision, NightTally, Unusable

PROGRAM = "crampwatch"
KIND = "evaluation"
DIGITS = 6

AT_SHARE = ", at the share here"
"""Marks probabilities that were moved by Bayes' theorem from the prevalence that the model
assumes to the share of cramps among the candidates of these nights."""

EVIDENCE = {
    "simulated": (
        "SIMULATED: every night here was made by a program. These figures say that the"
        " detector finds what the simulator's authors think a cramp looks like, not how it"
        " does on a leg."
    ),
    "proxy": (
        "PROXY: real muscles, but no nocturnal cramps: contractions that stand for them."
        " These figures say nothing about cramps at night."
    ),
    "real": "Real nights with marks of people who watched or felt them.",
    "mixed": (
        "MIXED: nights of several kinds of evidence stand together here; the table by source"
        " keeps them apart, and no figure over all of them is one for real nights."
    ),
}
"""What a class of evidence means, above all figures."""


@dataclass(frozen=True, slots=True)
class DecisionScore:
    """How one way of deciding fares.

    Attributes
    ----------
    sensitivity
        By group and class, see `sensitivities`.
    false_alarms
        ``cramp``, ``possible_cramp``, ``either``.
    false_alarms_by_scenario
        The same for the nights of each scenario.
    mimics
        By cause.
    swallowed
        Leg movements that false finds cover, by type and name.
    onset, end
        Differences in time of the hits, None without any.
    predictive
        Predictive value at stated rates of cramps.
    """

    sensitivity: Mapping[str, Mapping[str, Sensitivity]]
    false_alarms: Mapping[str, Alarms]
    false_alarms_by_scenario: Mapping[str, Mapping[str, Alarms]]
    mimics: Mapping[str, Confusion]
    swallowed: Mapping[str, Mapping[str, int]]
    onset: Errors | None
    end: Errors | None
    predictive: Sequence[Predictive]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a detector fares on labelled nights.

    Attributes
    ----------
    evidence
        ``simulated``, ``proxy``, ``real``, or ``mixed``.
    model
        What was judged, JSON-ready.
    nights
        Numbers of nights, hours and persons, JSON-ready.
    unusable
        Nights that could not be judged.
    remarks
        By night, what the reader must know.
    final
        Decisions as `score` gives them.
    without_after
        Decisions without what follows a contraction, None where the detector makes no such
        difference.
    calibration
        ``final``, ``causal``, and ``after 10 s`` and so on for candidates that were cut;
        each once more at the share of cramps here, see `AT_SHARE`.
    uncalibrated
        Candidates without a probability.
    movements
        Leg movements by group and class.
    live
        None unless asked for.
    goals
        What is to be reached, and whether it was.
    false, missed
        Single false alarms and misses to go and look at, the gravest first, cut short.
    seed, resamples
        Of the bootstrap.
    """

    evidence: str
    model: Mapping[str, Any]
    nights: Mapping[str, Any]
    unusable: Sequence[Unusable]
    remarks: Mapping[str, Sequence[str]]
    final: DecisionScore
    without_after: DecisionScore | None
    calibration: Mapping[str, Calibration]
    uncalibrated: int
    movements: Mapping[str, Mapping[str, MovementScore]]
    live: LiveScore | None
    goals: Sequence[Goal]
    false: Sequence[Case]
    missed: Sequence[Case]
    seed: int
    resamples: int
    banner: str = field(default="")

    def as_json(self) -> dict[str, Any]:
        """Return all of it, JSON-ready, with a sane number of digits."""
        found: dict[str, Any] = _plain(asdict(self))
        return {"program": PROGRAM, "kind": KIND, "version": version(PROGRAM), **found}


def evaluate_tallies(
    nights: Sequence[NightTally],
    unusable: Sequence[Unusable] = (),
    *,
    model: Mapping[str, Any] | None = None,
    rates: Mapping[str, float] = RATES,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Evaluation:
    """Sum up judged nights.

    Parameters
    ----------
    nights
        At least one.
    unusable
        Nights that could not be judged.
    model
        What was judged, JSON-ready.
    rates
        Cramps per night that predictive values are stated for, by name.
    seed, resamples
        Of the bootstrap: same seed, same intervals.

    Raises
    ------
    ValueError
        There is no night.
    """
    if not nights:
        raise ValueError("no judged night to sum up")
    bootstrap = Bootstrap(persons_of(nights), resamples, seed)
    decided = [(night, night.final) for night in nights]
    final = _decisions(decided, bootstrap, rates, seed)
    causal = [(n, n.without_after) for n in nights if n.without_after is not None]
    calibration = _calibrations(nights, bootstrap, (model or {}).get("prevalence"))
    movements = movement_scores(nights, bootstrap)
    evidence = _evidence(nights)
    return Evaluation(
        evidence=evidence,
        model=dict(model or {}),
        nights=_numbers(nights, unusable, bootstrap.n_persons),
        unusable=list(unusable),
        remarks={night.id: list(night.remarks) for night in nights if night.remarks},
        final=final,
        without_after=(
            _decisions(causal, bootstrap, rates, seed) if len(causal) == len(nights) else None
        ),
        calibration=calibration,
        uncalibrated=sum(
            c.final is None for night in nights for c in night.candidates if c.cut_s is None
        ),
        movements=movements,
        live=live_score(nights, bootstrap),
        goals=goals(
            sensitivity=final.sensitivity,
            alarms=final.false_alarms,
            swallowed=final.swallowed,
            onset=final.onset,
            calibration=calibration,
            movements=movements,
        ),
        false=false_cases(decided),
        missed=missed_cases(decided),
        seed=seed,
        resamples=resamples,
        banner=EVIDENCE[evidence],
    )


def _decisions(
    nights: Sequence[tuple[NightTally, Decision]],
    bootstrap: Bootstrap,
    rates: Mapping[str, float],
    seed: int,
) -> DecisionScore:
    return DecisionScore(
        sensitivities(nights, bootstrap),
        false_alarms(nights, bootstrap),
        false_alarms_by_scenario(nights, seed),
        confusions(nights, bootstrap),
        swallowed(nights),
        onset_errors(nights, bootstrap),
        end_errors(nights, bootstrap),
        predictive_values(nights, bootstrap, rates),
    )


def _calibrations(
    nights: Sequence[NightTally], bootstrap: Bootstrap, assumed: float | None
) -> dict[str, Calibration]:
    kinds: dict[str, list[tuple[float, bool, int]]] = {}
    for number, night in enumerate(nights):
        for c in night.candidates:
            if c.is_cramp is None:
                continue
            if c.cut_s is None and c.final is not None:
                kinds.setdefault("final", []).append((c.final, c.is_cramp, number))
            if c.causal is not None:
                name = "causal" if c.cut_s is None else f"after {c.cut_s:g} s"
                kinds.setdefault(name, []).append((c.causal, c.is_cramp, number))
    found: dict[str, Calibration] = {}
    for name in sorted(kinds, key=_order):
        p, y, where = zip(*kinds[name], strict=True)
        if (calibration := calibrate(p, y, where, bootstrap)) is not None:
            found[name] = calibration
        share = sum(y) / len(y)
        if assumed is None or not 0 < assumed < 1 or not 0 < share < 1:
            continue
        moved = at_prevalence(p, assumed, share).tolist()
        if (calibration := calibrate(moved, y, where, bootstrap)) is not None:
            found[f"{name}{AT_SHARE}"] = calibration
    return found


def _order(name: str) -> tuple[int, float]:
    if name.startswith("after "):
        return 2, float(name.split()[1])
    return ("final", "causal").index(name), 0.0


def _evidence(nights: Sequence[NightTally]) -> str:
    sources = {night.source for night in nights}
    return sources.pop() if len(sources) == 1 else "mixed"


def _numbers(
    nights: Sequence[NightTally], unusable: Sequence[Unusable], persons: int
) -> dict[str, Any]:
    return {
        "judged": len(nights),
        "unusable": len(unusable),
        "persons": persons,
        "person_unknown": sum(night.person is None for night in nights),
        "hours": sum(night.duration_s for night in nights) / 3600.0,
        "valid_hours": sum(night.valid_s for night in nights) / 3600.0,
        "held_out": sum(night.held_out for night in nights),
        "sources": _counted([night.source for night in nights]),
        "scenarios": _counted([night.group for night in nights]),
        "families": _counted([night.about.get("family", "") for night in nights]),
        "sensors": _counted([night.about.get("sensor", "") for night in nights]),
        "cramps": sum(len(night.cramps) for night in nights),
        "unwatched": sum(night.unwatched for night in nights),
        "candidates": sum(c.cut_s is None for night in nights for c in night.candidates),
    }


def _counted(names: Sequence[str]) -> dict[str, int]:
    return dict(sorted(Counter(name for name in names if name).items()))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return round(value, DIGITS) if isinstance(value, float) else value
