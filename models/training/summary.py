"""What was learned from, in numbers."""

from __future__ import annotations

import platform
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from ..table.look import program_digest
from ..table.table import TrainingTable

_LIBRARIES = ("crampwatch", "numpy", "scipy", "scikit-learn", "skops")


def data_facts(table: TrainingTable) -> dict[str, Any]:
    """Return nights, persons, hours, sensors, families, labels and agreement, JSON-ready."""
    nights, rows = table.nights, table.rows
    complete = rows.complete
    compared = sum(night.compared for night in nights)
    kappas = [night.kappa for night in nights if night.kappa is not None]
    lengths = np.array([cramp.duration_s for cramp in table.cramps])
    return {
        "fingerprint": table.digest(),
        "nights": len(nights),
        "persons": len(set(table.persons)),
        "persons_with_cramps": len({table.persons[cramp.night] for cramp in table.cramps}),
        "hours": round(sum(night.hours for night in nights), 3),
        "valid_hours": round(sum(night.valid_hours for night in nights), 3),
        "unscorable_nights": sum(not night.scorable for night in nights),
        "sources": _counts(night.source for night in nights),
        "families": _counts(night.family or "none" for night in nights),
        "scenarios": _counts(night.group or "none" for night in nights),
        "sensors": _counts(night.sensors for night in nights),
        "formats": _counts(night.format or "unknown" for night in nights),
        "cramps": len(table.cramps),
        "cramps_looked_at": sum(cramp.met for cramp in table.cramps),
        "cramp_seconds": _quantiles(lengths),
        "contractions": int(complete.sum()),
        "rows": len(rows),
        "labels": {
            "cramp": int(np.sum(complete & (rows.label == 1))),
            "none": int(np.sum(complete & (rows.label == 0))),
            "left_out": _counts(rows.left_out[complete & (rows.label < 0)]),
        },
        "two_annotators": {
            "nights": sum(night.compared > 0 for night in nights),
            "compared": compared,
            "agreed": sum(night.agreed for night in nights),
            "kappa": round(float(np.mean(kappas)), 4) if kappas else None,
        },
    }


def versions() -> dict[str, str]:
    """Return the versions that a model depends on."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    found["detector source"] = program_digest()[:16]
    return found


def _counts(values: Any) -> dict[str, int]:
    return {str(name): count for name, count in sorted(Counter(values).items())}


def _quantiles(lengths: np.typing.NDArray[np.float64]) -> dict[str, float]:
    if not lengths.size:
        return {}
    names = {"shortest": 0.0, "median": 0.5, "longest": 1.0}
    return {name: round(float(np.quantile(lengths, share)), 1) for name, share in names.items()}
