"""One printed page to take along to a clinician: what was recorded, never what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...recording.annotations.vocabulary import FACTORS
from ..report.markup import Html, tag
from ..report.words import DISCLAIMER
from .page import document, head_of_page
from .weeks import Weeks
from .words import estimate_rows

_CSS = """
@page { size: A4; margin: 14mm; }
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 50rem; background: #fff; color: #1d2430;
  font: 14px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.5rem; margin: .2rem 0 .4rem; }
h2 { font-size: 1rem; margin: .9rem 0 .2rem; border-bottom: 1px solid #c4c9d1; }
p, ul { margin: .25rem 0; } ul { padding-left: 1.2rem; }
.banner { border-left: .35rem solid #9a3d00; color: #9a3d00; padding-left: .6rem;
  font-weight: 600; }
.name, .device { color: #454e5c; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .15rem .6rem .15rem 0;
  border-bottom: 1px solid #d9dde3; } th { font-weight: 600; width: 45%; }
@media print { body { padding: 0; font-size: 11px; line-height: 1.25; max-width: none; }
  h1 { font-size: 1.2rem; } h2 { font-size: .8rem; margin-top: .5rem; }
  th, td { padding-top: .08rem; padding-bottom: .08rem; }
  h2, table, ul { break-inside: avoid; } }
"""


_CONTRACTION = (
    "Cramp-like contraction: a sustained contraction in surface EMG that a program named so."
    " Muscle signals cannot show pain."
)
_NO_ADVICE = (
    "Nothing here is a diagnosis or an advice; the detector was trained on simulated"
    " contractions unless its model card says otherwise."
)


def clinician_page(weeks: Weeks) -> str:
    """Return the page as HTML text, without scripts."""
    body = [
        head_of_page(weeks, f"Summary of nights - {weeks.person}"),
        tag(
            "main",
            tag("h2", "What was recorded"),
            _rows(_recorded(weeks)),
            tag("h2", "What was found, with 95 % intervals"),
            _rows([*estimate_rows(weeks), *_sure(weeks)]),
            tag("h2", "What the words mean"),
            _list(_meanings(weeks)),
            tag("h2", "What the diary tells"),
            _rows(_diary(weeks)),
            tag("h2", "What was not measured"),
            _list(_unknown(weeks)),
        ),
    ]
    return document(f"Summary - {weeks.person} - Crampwatch", _CSS, body)


def _recorded(weeks: Weeks) -> list[tuple[str, str]]:
    watched = Counter(muscle for night in weeks.scored for muscle in night.watched)
    hours = sum(night.valid_s for night in weeks.scored) / 3600.0
    muscles = ", ".join(f"{name} ({count} nights)" for name, count in watched.most_common(6))
    return [
        ("Nights", f"{len(weeks.nights)} found, {len(weeks.scored)} scored"),
        ("Usable hours in all", f"{hours:.1f}"),
        (
            "Nights counted",
            f"{len(weeks.counted)}: at least {weeks.least_hours:g} usable hours, no alerts",
        ),
        ("Evenings without a recording", str(weeks.missing_evenings)),
        ("Surface EMG of", muscles or "no muscle"),
    ]


def _sure(weeks: Weeks) -> list[tuple[str, str]]:
    nights = weeks.counted
    confirmed = sum(night.confirmed for night in nights)
    denied = sum(night.denied for night in nights)
    possible = sum(night.possible for night in nights)
    unanswered = sum(len(night.counted) for night in nights) - confirmed
    told = [night for night in nights if night.remembered is not None]
    missed = sum(night.missed for night in told)
    elsewhere = sum(night.not_watched for night in told)
    hours = ", ".join(f"{hour:02d}h ({n})" for hour, n in weeks.by_hour().items())
    told_words = (
        f"{confirmed} confirmed, {unanswered} unanswered, {denied} denied (not counted),"
        f" {possible} possible (not counted)"
    )
    rows = [
        (
            "Said by the sleeper",
            told_words,
        ),
        (
            "Cramps remembered and not found",
            f"{missed} where watched, {elsewhere} where not; diary of {len(told)} nights",
        ),
    ]
    return [*rows, ("Hour of the clock that they began in", hours)] if hours else rows


def _meanings(weeks: Weeks) -> list[str]:
    definitions = {night.plm_definition for night in weeks.counted if night.plm_definition}
    return [
        _CONTRACTION,
        *(f"Index of periodic limb movements: {each}." for each in sorted(definitions)[:2]),
        "Intervals: Jeffreys (shares), exact Poisson (counts), order statistics (medians).",
    ]


def _diary(weeks: Weeks) -> list[tuple[str, str]]:
    rows = []
    for factor in FACTORS:
        told = [n.factors[factor.name] for n in weeks.scored if factor.name in n.factors]
        if not told:
            continue
        if factor.kind == "yes_no":
            text = f"yes in {sum(each is True for each in told)} of {len(told)} nights"
        elif factor.kind in ("number", "scale"):
            values = sorted(v for v in told if isinstance(v, int | float))
            if not values:
                continue
            text = f"{values[0]:g} to {values[-1]:g} {factor.unit}".strip()
            text += f" ({len(values)} nights)"
        else:
            words = [w for v in told for w in (v if isinstance(v, list | tuple) else [v])]
            counts = Counter(str(word).replace("_", " ")[:40] for word in words)
            text = ", ".join(f"{word} ({n})" for word, n in counts.most_common(6))
        rows.append((factor.about.rstrip("."), text))
    return rows or [("Diary", "nothing was told")]


def _unknown(weeks: Weeks) -> list[str]:
    seen = {muscle.split()[-1] for night in weeks.scored for muscle in night.watched if muscle}
    blind = [name for name in ("calf", "shin", "foot", "thigh") if name not in seen]
    found = [
        "Pain, and sleep itself unless sleep stages were given; muscles under no sensor.",
        *([f"In no night: {', '.join(blind)}."] if blind else []),
        *weeks.remarks()[:6],
        _NO_ADVICE,
    ]
    return [each for each in found if each != DISCLAIMER]


def _rows(rows: Sequence[tuple[str, str]]) -> Html:
    body = (tag("tr", tag("th", name, scope="row"), tag("td", value)) for name, value in rows)
    return tag("table", tag("tbody", *body))


def _list(items: Sequence[str]) -> Html:
    return tag("ul", *(tag("li", item) for item in items))
