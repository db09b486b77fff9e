"""Numbers over many nights in plain words."""

from __future__ import annotations

from ..report.words import duration
from .factors import Compared
from .numbers import Estimate
from .weeks import Weeks

NOTHING = "too few to say"


def headline(weeks: Weeks) -> str:
    """Return the one sentence that a person reads first."""
    counted = weeks.counted
    if not counted:
        return "No night can be counted yet"
    found = sum(bool(night.counted) for night in counted)
    nights = "night" if len(counted) == 1 else "nights"
    return f"Cramp-like contractions in {found} of {len(counted)} {nights}"


def interval(estimate: Estimate, kind: str = "") -> str:
    """Return ``29 % (16 to 45 %)``.

    Parameters
    ----------
    estimate
        What to tell.
    kind
        ``share`` for per cent, ``time`` for seconds, else a plain number.
    """
    if estimate.value is None:
        return "nothing to compute it from"
    shown = _shown(estimate.value, kind)
    if estimate.low is None or estimate.high is None:
        return f"{shown} (interval: {NOTHING})"
    return f"{shown} ({_shown(estimate.low, kind)} to {_shown(estimate.high, kind)})"


def estimate_rows(weeks: Weeks) -> list[tuple[str, str]]:
    """Return a row of name and number for each number."""
    kinds = {"cramp_nights": "share", "duration_s": "time", "settled_s": "time"}
    names = {
        "cramp_nights": "Nights with cramps",
        "cramps_per_8_hours": "Contractions in eight usable hours",
        "duration_s": "Length, median",
        "settled_s": "Until the leg lay at rest, median",
        "plm_per_h": "Index of periodic limb movements, median",
        "usable_hours": "Usable hours, median",
    }
    units = {"plm_per_h": " per hour", "usable_hours": " h"}
    rows = []
    for name, (estimate, _about) in weeks.estimates().items():
        what = "contraction" if kinds.get(name) == "time" else "night"
        many = "" if estimate.n == 1 else "s"
        behind = f", {estimate.n} {what}{many}" if estimate.n else ""
        text = interval(estimate, kinds.get(name, ""))
        unit = units.get(name, "") if estimate.n else ""
        rows.append((names[name], f"{text}{unit}{behind}"))
    return rows


def factor_row(each: Compared) -> tuple[str, ...]:
    """Return factor, nights with and without cramps, both means, difference, p, corrected."""
    return (
        each.about.rstrip(".") + (f", {each.unit}" if each.unit else ""),
        str(each.with_cramps),
        str(each.without_cramps),
        _mean(each.mean_with, each.unit),
        _mean(each.mean_without, each.unit),
        interval(each.effect, "share" if each.unit == "share" else "") if each.effect else "",
        "" if each.p is None else p_words(each.p),
        each.why_not if each.p_corrected is None else p_words(each.p_corrected),
    )


FACTOR_HEADS = (
    "factor",
    "nights with cramps",
    "nights without",
    "mean with",
    "mean without",
    "difference (95 % interval)",
    "p",
    "p, corrected",
)


def factors_note(weeks: Weeks) -> str:
    """Return how many factors were looked at, and how."""
    tested = sum(each.p is not None for each in weeks.factors)
    if not weeks.factors:
        return "The diary of the counted nights tells of no factor that can be compared."
    return (
        f"{len(weeks.factors)} factors were told of, {tested} had enough nights to be tested"
        " (permutation test of the means; p corrected for that number after Holm;"
        " intervals by bootstrap, too narrow with few nights). Nights in a"
        " row are taken as exchangeable, which they are only roughly. Of twenty tests without"
        " any tie, one falls below 0.05 by chance before correction."
    )


def p_words(p: float) -> str:
    """Return a p-value; never zero."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _mean(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return _shown(value, "share" if unit == "share" else "")


def _shown(value: float, kind: str) -> str:
    if kind == "share":
        return f"{100 * value:.0f} %"
    return duration(value) if kind == "time" else f"{value:.3g}"
