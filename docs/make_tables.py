"""Make the tables of these pages from the program: ``python docs/make_tables.py``.

A table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``. With ``--check`` nothing
is written, and the exit code is 1 where a page differs from the program.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from crampwatch.app.record.alerts.settings import COUNTS, NAMES, AlertSettings
from crampwatch.app.record.alerts.table import COLUMNS as ALERT_COLUMNS
from crampwatch.app.record.times import length
from crampwatch.detection.cramps.features.catalogue import FEATURES
from crampwatch.recording.annotations import markers, vocabulary
from crampwatch.recording.annotations.columns import LEVELS, describe
from crampwatch.sample_data import second_simulator
from crampwatch.sample_data.simulator import FAMILIES, SCENARIOS
from crampwatch.sample_data.simulator.happenings import TRUTH_COLUMNS
from crampwatch.sample_data.simulator.parameters import PARAMETERS

HERE = Path(__file__).resolve().parent
COLUMNS = (
    "onset",
    "duration",
    "trial_type",
    "side",
    "channel",
    "probability",
    "probability_causal",
    "rule",
    "amplitude",
    "ratio",
    "ratio_peak",
    "rise_s",
    "peak_reference",
    "ending",
    "movement_before",
    "movement_after",
    "stood_up",
    "settled_s",
    "turn_deg",
    "reason",
    "cause",
    "gaps",
    "lost_s",
    "channels",
    "clm",
    "movement",
    "series",
    "imi",
    "stage",
    "respiratory",
    "arousal",
    "bursts",
    "rate_hz",
    "text",
    "confirmation",
    "outcome",
    "earlier_s",
    "later_s",
    "pain",
    "source",
)


def columns() -> Iterable[tuple[str, ...]]:
    """Yield the rows of the table of columns."""
    yield "column", "unit", "meaning"
    for name, entry in describe(COLUMNS).items():
        values = [f"`{value}`" for value in entry.get("Levels", ()) if name != "trial_type"]
        meaning = entry["Description"] + (f" One of {', '.join(values)}." if values else "")
        yield f"`{name}`", entry.get("Units", ""), meaning


def types() -> Iterable[tuple[str, ...]]:
    """Yield the rows of the table of event types."""
    yield "trial_type", "meaning"
    for name, meaning in LEVELS.items():
        yield f"`{name}`", meaning


def marks() -> Iterable[tuple[str, ...]]:
    """Yield the rows of the table of columns of markers.tsv."""
    yield "column", "meaning"
    values = {
        "kind": vocabulary.KINDS,
        "side": vocabulary.SIDES,
        "muscle": vocabulary.MUSCLES,
    }
    for name, meaning in markers.COLUMNS.items():
        levels = ", ".join(f"`{level}`" for level in values.get(name, ()))
        yield f"`{name}`", meaning + (f" One of {levels}." if levels else "")


def words(meanings: Mapping[str, str]) -> Iterable[tuple[str, ...]]:
    """Yield the rows of a table of words."""
    yield "word", "meaning"
    for name, meaning in meanings.items():
        yield f"`{name}`", meaning


def alerts() -> Iterable[tuple[str, ...]]:
    """Yield the rows of the table of kinds of alerts."""
    yield "table", "alert", "threshold", "what it counts", "level", "again", "most"
    usual = AlertSettings()
    for kind, name in NAMES.items():
        rule = usual.rule(kind)
        yield (
            f"`alerts.{name}`",
            kind.value,
            f"{rule.threshold:g}",
            COUNTS[name],
            rule.level.value,
            length(rule.again),
            str(rule.most),
        )


def fields(of: Iterable[vocabulary.Field]) -> Iterable[tuple[str, ...]]:
    """Yield the rows of the table of fields of the diary."""
    rows = tuple(of)
    sourced = any(one.source for one in rows)
    yield "field", "meaning", "values", *(("tied to cramps by",) if sourced else ())
    for one in rows:
        limits = f"{one.low:g} to {one.high:g}"
        values = {
            "yes_no": "true, false",
            "scale": f"whole number, {limits}",
            "number": f"{limits} {one.unit}".strip(),
            "choice": "one of " + ", ".join(f"`{value}`" for value in one.values),
            "choices": "any of " + ", ".join(f"`{value}`" for value in one.values),
        }
        source = (one.source,) if sourced else ()
        yield f"`{one.name}`", one.about, values[one.kind], *source


def scenarios() -> Iterable[tuple[str, ...]]:
    """Yield the rows of the table of scenarios."""
    yield "scenario", "hours", "what happens"
    for scenario in SCENARIOS.values():
        yield f"`{scenario.name}`", f"{scenario.hours:g}", scenario.about


def families() -> Iterable[tuple[str, ...]]:
    """Yield the rows of the table of families."""
    yield "family", "for", "what differs"
    for family in FAMILIES.values():
        use = "the final test" if family.held_out else "training"
        yield f"`{family.name}`", use, family.about


def second_kinds() -> Iterable[tuple[str, ...]]:
    """Yield the rows of the table of the second simulator's kinds of nights."""
    yield "kind", "what happens"
    for kind in second_simulator.KINDS:
        yield f"`{kind}`", second_simulator.about(kind)


def truth_columns() -> Iterable[tuple[str, ...]]:
    """Yield the rows of the table of the truth's free columns."""
    yield "column", "unit", "meaning"
    for name, entry in TRUTH_COLUMNS.items():
        levels = [f"`{level}`" for level in entry.get("Levels", ())]
        meaning = entry["Description"] + (f" One of {', '.join(levels)}." if levels else "")
        yield f"`{name}`", entry.get("Units", ""), meaning


def parameters() -> Iterable[tuple[str, ...]]:
    """Yield the rows of the table of parameters."""
    yield "parameter", "drawn from", "unit", "source"
    for name, row in PARAMETERS.items():
        yield f"`{name}`", str(row.distribution), row.unit, row.source


def features() -> Iterable[tuple[str, ...]]:
    """Yield the rows of the table of features."""
    yield "feature", "unit", "group", "what it is", "speaks", "learnt from", "source"
    ways = {1: "for a cramp", -1: "against", 0: "either way"}
    for f in FEATURES:
        learnt = "no" if not f.portable else "only after the event" if f.follows else "yes"
        yield f"`{f.name}`", f.unit, f.group, f.about, ways[f.expects], learnt, f.source


PAGES: Mapping[str, Mapping[str, Iterable[tuple[str, ...]]]] = {
    "alerts.md": {"alerts": alerts()},
    "detector.md": {"features": features()},
    "formats.md": {
        "columns": columns(),
        "types": types(),
        "alert columns": words(ALERT_COLUMNS),
        "marks": marks(),
        "kinds": words(vocabulary.KINDS),
        "muscles": words(vocabulary.MUSCLES),
        "endings": words(vocabulary.ENDINGS),
        "medicines": words(
            next(one for one in vocabulary.FACTORS if one.name == "medicines").values
        ),
        "cramp fields": fields(vocabulary.CRAMP_FIELDS),
        "night fields": fields(vocabulary.NIGHT_FIELDS),
        "factors": fields(vocabulary.FACTORS),
    },
    "simulator.md": {
        "scenarios": scenarios(),
        "families": families(),
        "second": second_kinds(),
        "truth": truth_columns(),
        "parameters": parameters(),
    },
}


def filled(page: str, text: str) -> str:
    """Return the text of a page with its tables made anew."""
    for name, rows in PAGES[page].items():
        head, *body = (f"| {' | '.join(row)} |" for row in rows)
        rule = "|---" * (head.count("|") - 1) + "|"
        table = "\n".join((head, rule, *body))
        text, found = re.subn(
            rf"(<!-- table: {name} -->\n).*?(\n<!-- end -->)",
            lambda match, table=table: f"{match[1]}{table}{match[2]}",
            text,
            flags=re.DOTALL,
        )
        if found != 1:
            sys.exit(f"{page} needs one place marked <!-- table: {name} -->")
    return text


def main() -> None:
    """Write the pages, or check them."""
    for page in PAGES:
        old = (HERE / page).read_text(encoding="utf-8")
        new = filled(page, old)
        if "--check" not in sys.argv[1:]:
            (HERE / page).write_text(new, encoding="utf-8")
        elif new != old:
            sys.exit(f"{page} differs: python docs/make_tables.py")


if __name__ == "__main__":
    main()
