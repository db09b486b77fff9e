"""What an evaluation says of everything but cramps found and falsely named."""

from __future__ import annotations

from ...models.evaluation import Evaluation
from ...models.evaluation.calibration import Calibration, Estimate
from ...models.evaluation.evaluation import AT_SHARE
from ...models.evaluation.movement_score import F1, MovementScore
from .layout import Section, Table
from .numbers import interval, number, percent, percents, share

_HOW_CALIBRATED = (
    "Candidates in ten bins of equal number by probability. The calibration error is the mean"
    " distance between the probability and the share of true ones; a candidate that merely"
    " touches a true contraction, or lies on another muscle of its leg, is left out."
    " Where nearly all candidates are plainly none, these alone make the error small: it is"
    " given once more for candidates with a probability of 0.05 and above."
)
MOST_SHOWN = 50
_KINDS = {"final": "with what follows", "causal": "without what follows"}


def goal_section(evaluation: Evaluation) -> Section:
    """Return what was to be reached, and whether it was."""
    rows = [
        [
            goal.what,
            f"{'at least' if goal.at_least else 'at most'} {number(goal.limit)}",
            number(goal.measured),
            {True: "reached", False: "NOT reached", None: "cannot be told from these nights"}[
                goal.reached
            ],
        ]
        for goal in evaluation.goals
    ]
    missed = frozenset(n for n, goal in enumerate(evaluation.goals) if goal.reached is False)
    table = Table("Goals", ["what", "to reach", "measured", "verdict"], rows, missed)
    return Section("Goals", [], [table])


def calibration_section(evaluation: Evaluation) -> Section:
    """Return whether a probability means what it says."""
    found = evaluation.calibration
    if not found:
        return Section(
            "Probabilities", ["This detector gives no probabilities, so none can be checked."]
        )
    assumed = evaluation.model.get("prevalence")
    text = [_HOW_CALIBRATED]
    if isinstance(assumed, float):
        text.append(
            f"The probabilities assume that {percent(assumed)} of the candidates are cramps."
            " They are shown as they are given, and moved to the share of cramps here by Bayes'"
            " theorem."
        )
    heads = [
        "probability",
        "candidates",
        "cramps",
        "calibration error",
        "95 %",
        "of probabilities from 0.05 on",
        "95 %",
        "Brier score",
        "of the bare share",
        "area under ROC",
        "average precision",
    ]
    rows = [_calibration(name, one) for name, one in found.items()]
    tables = [Table("Calibration", heads, rows)]
    tables += [
        _bins(f"Reliability, {_kind(name)}", found[name]) for name in _KINDS if name in found
    ]
    return Section("Probabilities", text, tables, figure="reliability")


def movement_section(evaluation: Evaluation) -> Section:
    """Return the leg movements."""
    groups = evaluation.movements
    if not groups:
        return Section("Leg movements", ["None were marked and none found."])
    text = (
        "Rows LM and PLM of each leg against the marked ones, one to one, by intersection over"
        " union. Fragments are extra finds that overlap a marked large movement. Movements of a"
        " tibialis anterior that no channel records, as with a band on the calf, are in the"
        " last column only: they are neither misses nor, where found, right or false."
    )
    heads = [
        "",
        "found of marked (IoU 0.2)",
        "right of found",
        "F1 (IoU 0.2)",
        "95 %",
        "F1 (IoU 0.5)",
        "F1 in series",
        "F1 without fragments",
        "fragments",
        "in cramps",
        "found of those not recorded",
    ]
    rows = [
        [name if group in ("all", "leg") else f"{group}: {name}", *_movements(score)]
        for group, classes in groups.items()
        for name, score in classes.items()
    ]
    return Section("Leg movements", [text], [Table("Leg movements", heads, rows)])


def night_section(evaluation: Evaluation) -> Section:
    """Return which nights these are, and which could not be judged."""
    facts = evaluation.nights
    rows = [
        ["nights judged", str(facts["judged"])],
        ["nights that could not be judged", str(facts["unusable"])],
        ["persons", str(facts["persons"])],
        ["hours, of them scored", f"{facts['hours']:.1f}, {facts['valid_hours']:.1f}"],
        ["nights kept out of training", str(facts["held_out"])],
        ["true cramp-like contractions", str(facts["cramps"])],
        [
            "more of them in muscles that were not recorded, not counted",
            str(facts["unwatched"]),
        ],
        ["contractions looked at", str(facts["candidates"])],
        *(
            [f"{name}", ", ".join(f"{key} {count}" for key, count in facts[name].items())]
            for name in ("sources", "families", "scenarios", "sensors")
            if facts[name]
        ),
        ["bootstrap", f"{evaluation.resamples} draws of persons, seed {evaluation.seed}"],
    ]
    tables = [Table("Nights", ["", ""], rows)]
    if evaluation.unusable:
        failed = [[one.id, one.reason] for one in evaluation.unusable]
        tables.append(Table("Could not be judged", ["night", "why"], failed))
    if evaluation.remarks:
        remarks = [
            [night, text] for night, texts in evaluation.remarks.items() for text in texts
        ]
        tables.append(Table("Note", ["night", ""], remarks))
    return Section("Nights", _notes(evaluation), tables)


def case_section(evaluation: Evaluation) -> Section:
    """Return single false alarms and misses."""
    heads = ["night", "begins", "lasts", "leg", "what", "why", "probability"]
    tables = [
        Table(
            name,
            heads,
            [
                [
                    case.night,
                    f"{case.onset_s:.1f} s",
                    f"{case.duration_s:.1f} s",
                    case.side or "",
                    case.what.replace("_", " "),
                    case.why.replace("_", " "),
                    number(case.probability),
                ]
                for case in cases[:MOST_SHOWN]
            ],
        )
        for name, cases in (
            ("Single false alarms", evaluation.false),
            ("Misses", evaluation.missed),
        )
        if cases
    ]
    text = (
        f"The gravest first, at most {MOST_SHOWN} of each; evaluation.json holds more."
        if tables
        else "No false alarm and no miss."
    )
    return Section("Single cases", [text], tables, folded=True)


def model_section(evaluation: Evaluation) -> Section:
    """Return what was judged."""
    rows = [
        [name, f"{value:.6g}" if isinstance(value, float) else str(value)]
        for name, value in evaluation.model.items()
        if name not in ("remarks", "thresholds") and value not in (None, [])
    ]
    thresholds = evaluation.model.get("thresholds")
    if isinstance(thresholds, dict):
        rows += [
            [f"threshold, {_KINDS.get(way, way)}", _pairs(values)]
            for way, values in thresholds.items()
        ]
    return Section("Detector", [], [Table("Detector", ["", ""], rows)], folded=True)


def _notes(evaluation: Evaluation) -> list[str]:
    facts = evaluation.nights
    notes = []
    trained = evaluation.model.get("trained_on_families") or ()
    known = sum(count for name, count in facts["families"].items() if name in trained)
    if known:
        notes.append(
            f"{known} of {facts['judged']} nights are of families of bodies and sensors that"
            " the model was trained on; only the others tell how it does on what it never met."
        )
    if facts["persons"] < 2:
        notes.append(
            "All nights are of one person, so there is no interval over persons: nothing here"
            " says how the detector does on somebody else."
        )
    if facts["person_unknown"]:
        notes.append(
            f"{facts['person_unknown']} nights name no person and count as one each; if some"
            " are of the same person the intervals over persons are too narrow."
        )
    return notes


def _calibration(name: str, one: Calibration) -> list[str]:
    auc: Estimate | None = one.roc_auc
    return [
        _kind(name),
        str(one.n),
        str(one.positives),
        number(one.error.value, 4),
        interval(one.error.bootstrap, 4),
        f"{number(one.open_error.value, 4)} ({one.n_open})" if one.open_error else "",
        interval(one.open_error.bootstrap, 4) if one.open_error else "",
        number(one.brier.value, 4),
        number(one.brier_of_base_rate, 4),
        number(auc.value, 4) if auc else "",
        number(one.average_precision, 4),
    ]


def _bins(name: str, one: Calibration) -> Table:
    rows = [
        [
            f"{number(each.low)}-{number(each.high)}",
            percent(each.mean),
            share(each.true),
            percents(each.true.wilson),
        ]
        for each in one.bins
    ]
    return Table(name, ["probability", "mean", "true", "95 %"], rows)


def _kind(name: str) -> str:
    kind, moved, _ = name.partition(AT_SHARE)
    if kind.startswith("after "):
        kind = f"live, {kind}"
    return _KINDS.get(kind, kind) + (AT_SHARE if moved else "")


def _movements(score: MovementScore) -> list[str]:
    def f1(one: F1) -> str:
        return number(one.f1)

    return [
        share(score.loose.recall),
        share(score.loose.precision),
        f1(score.loose),
        interval(score.loose.bootstrap),
        f1(score.strict),
        f1(score.series),
        number(score.without_fragments),
        str(score.fragments),
        str(score.in_cramps),
        share(score.unrecorded),
    ]


def _pairs(values: object) -> str:
    if not isinstance(values, dict):
        return str(values)
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())
