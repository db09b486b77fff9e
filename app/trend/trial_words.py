"""A trial in plain words."""

from __future__ import annotations

from collections import Counter

from .trial_analysis import EARLY, Analysis
from .trial_plan import OUTCOME
from .words import interval, p_words

_SENSORS = (
    "Sensors know nothing of the plan; the sleeper does, and what the sleeper denied or"
    " confirmed may follow from it. Nights are compared as they were assigned."
)


def effect_rows(analysis: Analysis) -> list[tuple[str, ...]]:
    """Return a row for each outcome, the one that was set beforehand first."""
    names = {"cramp_nights": "nights with cramps", "cramps": "contractions a night"}
    rows: list[tuple[str, ...]] = []
    for name, effect in analysis.effects.items():
        kind = "share" if name == "cramp_nights" else ""
        rows.append(
            (
                names[name],
                f"{_shown(effect.mean_with, kind)} with",
                f"{_shown(effect.mean_without, kind)} without",
                f"difference {interval(effect.difference, kind)}",
                f"p {p_words(effect.p)}",
                "set beforehand" if name == OUTCOME else "beside it",
            )
        )
    return rows


def remarks(analysis: Analysis) -> list[str]:
    """Return what the reader must know, one sentence each."""
    taken = sum(planned.measure for planned, _ in analysis.counted)
    planned = sum(night.counted for night in analysis.plan.calendar())
    without = len(analysis.counted) - taken
    count = f"{len(analysis.counted)} of {planned} planned nights count"
    seal = analysis.plan.digest()[:16]
    found = [
        f"{count}: {taken} with the measure, {without} without.",
        analysis.why_not,
        EARLY if not analysis.finished and analysis.effects else "",
        *_left_out(analysis),
        _kept(analysis),
        _SENSORS,
        f"Sealed beforehand as {seal}. It holds for this person and these nights; no advice.",
    ]
    return [each for each in found if each]


def _left_out(analysis: Analysis) -> list[str]:
    counts = Counter(why[:60] for _, why in analysis.left_out)
    if not counts:
        return []
    told = ", ".join(f"{count} ({why})" for why, count in counts.most_common(6))
    return [f"Left out: {told}."]


def _kept(analysis: Analysis) -> str:
    if not analysis.plan.factor:
        return "Whether the plan was kept to is not known: it names no question of the diary."
    return (
        f"The diary tells of {analysis.asked} nights whether the measure was taken; on"
        f" {analysis.kept} of them it was as planned."
    )


def _shown(value: float, kind: str) -> str:
    return f"{100 * value:.0f} %" if kind else f"{value:.2f}"
