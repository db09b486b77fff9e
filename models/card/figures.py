"""Numbers of a card as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def figure(value: float | None) -> str:
    """Return a number with three digits that count, never an invented 0."""
    return "" if value is None else f"{value:.3g}"


def percent(value: float) -> str:
    """Return ``93.1 %``; 100 and 0 only where it is exactly that."""
    text = f"{100 * value:.1f}"
    if text == "100.0" and value < 1:
        return "> 99.9 %"
    if text == "0.0" and value > 0:
        return "< 0.1 %"
    return f"{text.removesuffix('.0')} %"


def counted(counts: Mapping[str, int]) -> str:
    """Return ``name (count), ...``, the most frequent first."""
    order = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{name.replace('_', ' ')} ({count})" for name, count in order)


def sensitivity_rows(table: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return what was found by length, one row each."""
    return [
        (
            row["duration"],
            str(row["cramps"]),
            str(row["looked_at"]),
            str(row["cramp"]),
            str(row["cramp_or_possible"])
            + (f" ({percent(row['share'])})" if row["share"] is not None else ""),
            f"{percent(row['low'])} to {percent(row['high'])}" if row["cramps"] else "",
        )
        for row in table
    ]


def point_rows(facts: Mapping[str, Any], way: str) -> list[tuple[str, ...]]:
    """Return the two thresholds of one estimator, one row each."""
    return [
        (
            f"{way}: {name}",
            figure(point["threshold"]),
            figure(point["wanted"]),
            str(point["false_alarms"]),
            figure(point["nights"]),
            figure(point["rate"]),
            figure(point["upper"]),
            "the bound" if point["by_bound"] else "the mean only: too few nights",
        )
        for name, point in (("cramp", facts["t_cramp"]), ("possible", facts["t_possible"]))
    ]


def agreement_text(two: Mapping[str, Any]) -> str:
    """Return how far two annotators agree."""
    kappa = (
        "not defined, because all are of one kind"
        if two["kappa"] is None
        else f"{two['kappa']:.2f}"
    )
    return (
        f"In {two['nights']} nights two annotators judged {two['compared']} contractions and"
        f" agree on {two['agreed']}; Cohen's kappa {kappa} (mean over nights). Contractions on"
        " which they disagree were left out."
    )
