"""False alarms: how many a night, over what, and which mimics were called a cramp."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bootstrap import Bootstrap
from .matching import CRAMP, NAMES, POSSIBLE
from .rates import Rate, Share, rate, share
from .tally import Decision, NightTally

NIGHT_H = 8.0
"""Hours that count as one night."""

EITHER = "either"

Nights = Sequence[tuple[NightTally, Decision]]


@dataclass(frozen=True, slots=True)
class Alarms:
    """False alarms of one name.

    Attributes
    ----------
    per_night
        Over nights of eight recorded hours.
    per_valid_hour
        Over hours that could be scored.
    nights_with
        Nights with at least one.
    touching
        Finds that overlap a true or doubtful contraction without being its hit; not counted
        as false.
    """

    per_night: Rate
    per_valid_hour: Rate
    nights_with: Share
    touching: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """A kind of event that must not be called a cramp.

    Attributes
    ----------
    n
        How many there were.
    cramp, either
        Of them called ``cramp``, and ``cramp`` or ``possible_cramp``.
    alarms
        False alarms that it explains, by name; several may lie over one event.
    """

    n: int
    cramp: Share
    either: Share
    alarms: Mapping[str, int]


def false_alarms(nights: Nights, bootstrap: Bootstrap) -> dict[str, Alarms]:
    """Return the false alarms called ``cramp``, ``possible_cramp``, and of either name."""
    return {name: _alarms(nights, bootstrap, name) for name in (*NAMES, EITHER)}


def false_alarms_by_scenario(nights: Nights, seed: int) -> dict[str, dict[str, Alarms]]:
    """Return the false alarms of the nights of each scenario; none where none is named."""
    found = {}
    for scenario in sorted({night.group for night, _ in nights if night.group}):
        own = [(night, decision) for night, decision in nights if night.group == scenario]
        bootstrap = Bootstrap(persons_of([night for night, _ in own]), seed=seed)
        found[scenario] = false_alarms(own, bootstrap)
    return found


def confusions(nights: Nights, bootstrap: Bootstrap) -> dict[str, Confusion]:
    """Return for each kind of event how many were called a cramp, the commonest alarms first.

    Where no event explains an alarm its cause stands with an `n` of 0.
    """
    causes = {cause for _, decision in nights for cause in decision.mimics}
    alarms: dict[str, Counter[str]] = {}
    for _, decision in nights:
        for alarm in decision.false_alarms:
            alarms.setdefault(alarm.cause, Counter())[alarm.name] += 1
    found = {}
    for cause in causes | set(alarms):
        table = np.array([_called(decision, cause) for _, decision in nights], np.int64)
        table = table.reshape(-1, 3)
        of = int(table[:, 0].sum())
        shares = [
            share(
                int(table[:, column].sum()),
                of,
                bootstrap.ratio_interval(table[:, column], table[:, 0]) if of else None,
            )
            for column in (1, 2)
        ]
        counted = alarms.get(cause, Counter())
        found[cause] = Confusion(
            of, shares[0], shares[1], {name: counted[name] for name in NAMES}
        )
    return dict(
        sorted(
            found.items(),
            key=lambda item: (
                -item[1].alarms[CRAMP],
                -item[1].alarms[POSSIBLE],
                -item[1].n,
                item[0],
            ),
        )
    )


def swallowed(nights: Nights) -> dict[str, dict[str, int]]:
    """Return the leg movements that false finds cover, by type and by name of the find."""
    return {
        kind: {
            name: sum(decision.swallowed[kind][name] for _, decision in nights)
            for name in NAMES
        }
        for kind in ("PLM", "LM")
    }


def exposure_nights(nights: Sequence[NightTally]) -> NDArray[np.float64]:
    """Return the length of each night in nights of eight hours."""
    return np.array([night.duration_s / 3600.0 / NIGHT_H for night in nights], np.float64)


def alarm_counts(nights: Nights, name: str) -> NDArray[np.int64]:
    """Return the number of false alarms of each night, shape ``(n_nights,)``."""
    wanted = NAMES if name == EITHER else (name,)
    return np.array(
        [sum(a.name in wanted for a in decision.false_alarms) for _, decision in nights],
        np.int64,
    )


def persons_of(nights: Sequence[NightTally]) -> list[str]:
    """Return whose night each is; a night of nobody stands for itself."""
    return [
        f"night:{night.id}" if night.person is None else f"person:{night.person}"
        for night in nights
    ]


def _alarms(nights: Nights, bootstrap: Bootstrap, name: str) -> Alarms:
    counts = alarm_counts(nights, name)
    total = int(counts.sum())
    length = exposure_nights([night for night, _ in nights])
    valid = np.array([night.valid_s / 3600.0 for night, _ in nights], np.float64)
    some = (counts > 0).astype(np.int64)
    wanted = NAMES if name == EITHER else (name,)
    return Alarms(
        rate(total, float(length.sum()), bootstrap.ratio_interval(counts, length)),
        rate(total, float(valid.sum()), bootstrap.ratio_interval(counts, valid)),
        share(int(some.sum()), len(nights), bootstrap.ratio_interval(some, np.ones_like(some))),
        sum(decision.touching[each] for _, decision in nights for each in wanted),
    )


def _called(decision: Decision, cause: str) -> tuple[int, int, int]:
    mimic = decision.mimics.get(cause)
    if mimic is None:
        return 0, 0, 0
    return mimic.n, mimic.called[CRAMP], mimic.called[CRAMP] + mimic.called[POSSIBLE]
