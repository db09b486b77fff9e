"""Leg movements over all nights: precision, recall and F1 with intervals.

Marked movements of a muscle that no channel records are counted apart, see `movements`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from .bootstrap import Bootstrap
from .movements import MovementCounts
from .rates import Interval, Share, share
from .tally import NightTally

_FIELDS = MovementCounts.__slots__


@dataclass(frozen=True, slots=True)
class F1:
    """Agreement of found with marked movements.

    Attributes
    ----------
    recall, precision
        Pairs over marked, and over found.
    f1
        Twice the pairs over marked and found together; None without a marked one.
    bootstrap
        Interval of 95 % of `f1`.
    """

    recall: Share
    precision: Share
    f1: float | None
    bootstrap: Interval | None


@dataclass(frozen=True, slots=True)
class MovementScore:
    """Leg movements of some nights, the legs apart.

    Attributes
    ----------
    loose, strict
        At an intersection over union of 0.2, and of 0.5.
    series
        Movements in series alone, at 0.2.
    without_fragments
        F1 at 0.2 with the fragments of large movements left out of the finds.
    fragments
        Of the finds without a partner those that overlap a true large movement.
    in_cramps
        Of the others those that overlap a true cramp-like contraction.
    unrecorded
        Of the marked movements of a muscle that was not recorded, those that were found all
        the same. No figure above knows of them.
    """

    loose: F1
    strict: F1
    series: F1
    without_fragments: float | None
    fragments: int
    in_cramps: int
    unrecorded: Share


def movement_scores(
    nights: Sequence[NightTally], bootstrap: Bootstrap
) -> dict[str, dict[str, MovementScore]]:
    """Return the scores over ``all``, by ``leg``, ``sensor``, ``family`` and ``scenario``.

    Without marked or found movements there is nothing.
    """
    table = [
        (number, leg, c) for number, n in enumerate(nights) for leg, c in n.movements.items()
    ]
    groups: dict[str, Callable[[NightTally, str], str]] = {
        "all": lambda _night, _leg: "all",
        "leg": lambda _, leg: leg,
        "sensor": lambda night, _: night.about.get("sensor", ""),
        "family": lambda night, _: night.about.get("family", ""),
        "scenario": lambda night, _: night.group,
    }
    found: dict[str, dict[str, MovementScore]] = {}
    for group, of in groups.items():
        sums: dict[str, NDArray[np.int64]] = {}
        for number, leg, counts in table:
            name = of(nights[number], leg)
            if name:
                empty = np.zeros((len(nights), len(_FIELDS)), np.int64)
                sums.setdefault(name, empty)[number] += astuple(counts)
        if sums:
            found[group] = {name: _score(sums[name], bootstrap) for name in sorted(sums)}
    return found


def _score(counts: NDArray[np.int64], bootstrap: Bootstrap) -> MovementScore:
    of = {name: counts[:, column] for column, name in enumerate(_FIELDS)}
    return MovementScore(
        _f1(of["marked"], of["found"], of["matched"], bootstrap),
        _f1(of["marked"], of["found"], of["matched_half"], bootstrap),
        _f1(of["series_marked"], of["series_found"], of["series_matched"], bootstrap),
        _f1(of["marked"], of["found"] - of["fragments"], of["matched"], bootstrap).f1,
        int(of["fragments"].sum()),
        int(of["in_cramps"].sum()),
        share(int(of["unrecorded_found"].sum()), int(of["unrecorded"].sum())),
    )


def _f1(
    marked: NDArray[np.int64],
    found: NDArray[np.int64],
    matched: NDArray[np.int64],
    bootstrap: Bootstrap,
) -> F1:
    pairs, ours, theirs = int(matched.sum()), int(marked.sum()), int(found.sum())
    both = marked + found
    return F1(
        share(pairs, ours, bootstrap.ratio_interval(matched, marked)),
        share(pairs, theirs, bootstrap.ratio_interval(matched, found)),
        2 * pairs / (ours + theirs) if ours else None,
        bootstrap.ratio_interval(2 * matched, both),
    )
