"""Which true contractions were found: over all, and by what they are like."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .bootstrap import Bootstrap
from .matching import CRAMP
from .rates import Share, share
from .tally import Decision, NightTally, TrueCramp

DURATIONS: tuple[tuple[str, float, float], ...] = (
    ("< 10 s", 0.0, 10.0),
    ("10-20 s", 10.0, 20.0),
    ("20-60 s", 20.0, 60.0),
    ("> 60 s", 60.0, np.inf),
)
OVER_20_S = "> 20 s"
LEVELS: tuple[tuple[str, float, float], ...] = (
    ("< 5 uV", 0.0, 5.0),
    ("5-15 uV", 5.0, 15.0),
    ("15-50 uV", 15.0, 50.0),
    (">= 50 uV", 50.0, np.inf),
)

Class = Callable[[NightTally, TrueCramp], str]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How many of some true contractions were found.

    Attributes
    ----------
    cramp
        Found and called ``cramp``.
    either
        Found and called ``cramp`` or ``possible_cramp``.
    """

    cramp: Share
    either: Share


def sensitivities(
    nights: Sequence[tuple[NightTally, Decision]], bootstrap: Bootstrap
) -> dict[str, dict[str, Sensitivity]]:
    """Return the sensitivity over all, and by class.

    Returns
    -------
    dict
        ``all`` with one entry, ``duration`` (with the sum of those over 20 s), ``level``,
        ``signal``, ``muscle``, ``ending``, ``sensor``, ``family``, ``scenario``, ``source``;
        those by which nothing differs are left out.
    """
    found = {"all": _by(nights, bootstrap, lambda _night, _cramp: "all")}
    duration = _by(nights, bootstrap, lambda _, c: _bin(c.duration_s, DURATIONS))
    if duration:
        over = _by(nights, bootstrap, lambda _, c: OVER_20_S if c.duration_s >= 20 else "")
        found["duration"] = {**_ordered(duration, DURATIONS), **over}
    level = _by(nights, bootstrap, lambda _, c: _bin(_number(c.facts.get("level_uv")), LEVELS))
    found["level"] = _ordered(level, LEVELS)
    for name, of in _CLASSES.items():
        classes = _by(nights, bootstrap, of)
        if len(classes) > 1 or (name in ("sensor", "family", "scenario") and classes):
            found[name] = dict(sorted(classes.items()))
    return {name: classes for name, classes in found.items() if classes}


_CLASSES: Mapping[str, Class] = {
    "signal": lambda _, cramp: "marred by half" if cramp.marred > 0.5 else "usable",
    "muscle": lambda _, cramp: cramp.facts.get("muscle", ""),
    "ending": lambda _, cramp: cramp.facts.get("ending", ""),
    "sensor": lambda night, _: night.about.get("sensor", ""),
    "family": lambda night, _: night.about.get("family", ""),
    "scenario": lambda night, _: night.group,
    "source": lambda night, _: night.source,
}


def _by(
    nights: Sequence[tuple[NightTally, Decision]], bootstrap: Bootstrap, of: Class
) -> dict[str, Sensitivity]:
    """Return the sensitivity of each class; an empty name is no class."""
    counts: dict[str, np.ndarray[tuple[int, int], np.dtype[np.int64]]] = {}
    for number, (night, decision) in enumerate(nights):
        for cramp, hit in zip(night.cramps, decision.hits, strict=True):
            name = of(night, cramp)
            if not name:
                continue
            table = counts.setdefault(name, np.zeros((len(nights), 3), np.int64))
            table[number] += (1, hit is not None and hit.name == CRAMP, hit is not None)
    return {
        name: Sensitivity(
            *(
                share(
                    int(table[:, column].sum()),
                    int(table[:, 0].sum()),
                    bootstrap.ratio_interval(table[:, column], table[:, 0]),
                )
                for column in (1, 2)
            )
        )
        for name, table in counts.items()
    }


def _ordered(
    found: Mapping[str, Sensitivity], classes: Sequence[tuple[str, float, float]]
) -> dict[str, Sensitivity]:
    return {name: found[name] for name, _, _ in classes if name in found}


def _bin(value: float, classes: Sequence[tuple[str, float, float]]) -> str:
    return next((name for name, low, high in classes if low <= value < high), "")


def _number(text: str | None) -> float:
    try:
        return float(text) if text is not None else np.nan
    except ValueError:
        return np.nan
