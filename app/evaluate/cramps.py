"""What an evaluation says of cramps: found, missed, falsely named."""

from __future__ import annotations

from collections.abc import Sequence

from ...models.evaluation import Evaluation
from ...models.evaluation.alarms import EITHER, Confusion
from ...models.evaluation.evaluation import DecisionScore
from ...models.evaluation.matching import CRAMP, MIN_COVER, MIN_IOU, POSSIBLE
from ...models.evaluation.sensitivity import OVER_20_S, Sensitivity
from .layout import Section, Table
from .numbers import (
    interval,
    number,
    percent,
    percents,
    rate,
    seconds,
    seconds_between,
    share,
)

NAMED_MIMICS = ("walking", "posture_shift", "peel_off")
"""Where a simple threshold fails: reported one by one."""

_NO_CRAMP = (
    "No true cramp-like contraction is marked in these nights: how many would be found cannot"
    " be told from them."
)
_WORDS = {CRAMP: "cramp", POSSIBLE: "possible cramp", EITHER: "either"}
_GROUPS = {
    "all": "All",
    "duration": "By duration",
    "level": "By planned level of the EMG",
    "signal": "By quality of the signal",
    "muscle": "By muscle",
    "ending": "By how it ended",
    "sensor": "By sensor",
    "family": "By family of bodies and sensors",
    "scenario": "By scenario",
    "source": "By source of evidence",
}


def found_section(evaluation: Evaluation) -> Section:
    """Return how many true cramp-like contractions were found."""
    groups = evaluation.final.sensitivity
    if not groups:
        return Section("Cramp-like contractions found", [_NO_CRAMP])
    text = (
        "A find stands for a true contraction of the same leg if they overlap with an"
        f" intersection over union of at least {MIN_IOU:g}, or if it begins within the true one"
        f" and covers at least {percent(MIN_COVER)} of it. One find stands for one contraction."
        " Of two intervals of 95 % the first takes every contraction as drawn alone (Wilson),"
        " the second draws persons with all their nights (bootstrap)."
    )
    tables = [
        _sensitivity(_GROUPS.get(group, group), classes) for group, classes in groups.items()
    ]
    return Section("Cramp-like contractions found", [text], tables, figure="found")


def alarm_section(evaluation: Evaluation) -> Section:
    """Return the false alarms, over all nights and by scenario."""
    final = evaluation.final
    rows = [
        [
            _WORDS[name],
            rate(alarms.per_night),
            number(alarms.per_night.upper),
            interval(alarms.per_night.bootstrap),
            rate(alarms.per_valid_hour),
            number(alarms.per_valid_hour.upper),
            share(alarms.nights_with),
            str(alarms.touching),
        ]
        for name, alarms in final.false_alarms.items()
    ]
    heads = [
        "called",
        "a night of 8 h (count)",
        "upper bound 95 %",
        "over persons 95 %",
        "a valid hour (count)",
        "upper bound 95 %",
        "nights with one",
        "touching",
    ]
    tables = [Table("False alarms", heads, rows)]
    if len(final.false_alarms_by_scenario) > 1:
        tables.append(_by_scenario(final))
    text = (
        "Finds where no cramp-like contraction is. The upper bound is exact and one-sided, for"
        " a Poisson rate; where alarms come in clusters the interval over persons is the wider"
        " and the better one. Finds that only touch a true contraction, as a second fragment"
        " does, are counted apart (touching) and are neither right nor false."
    )
    return Section("False alarms", [text], tables)


def mimic_section(evaluation: Evaluation) -> Section:
    """Return what else was called a cramp, kind by kind."""
    mimics = evaluation.final.mimics
    named = [(cause, mimics[cause]) for cause in NAMED_MIMICS if cause in mimics]
    others = [(cause, one) for cause, one in mimics.items() if cause not in NAMED_MIMICS]
    heads = [
        "what it was",
        "how many",
        "called cramp",
        "95 %",
        "cramp or possible",
        "95 %",
        "false cramps",
        "false possible",
    ]
    rows = [_mimic(cause, one) for cause, one in (*named, *others)]
    swallowed = [
        [kind, str(counts[CRAMP]), str(counts[POSSIBLE])]
        for kind, counts in evaluation.final.swallowed.items()
    ]
    text = (
        "Each false alarm is blamed on the marked event of its leg that overlaps it best; where"
        ' nothing is marked it is "nothing", or "after a cramp" in the five minutes that'
        " follow one."
    )
    return Section(
        "What else was called a cramp",
        [text],
        [
            Table("Mimics", heads, rows, frozenset(range(len(named)))),
            Table(
                "Leg movements covered by a false find (a fifth of them or more)",
                ["movement", "called cramp", "called possible"],
                swallowed,
            ),
        ],
    )


def latency_section(evaluation: Evaluation) -> Section:
    """Return how far onsets and ends lie from the true ones."""
    final, live = evaluation.final, evaluation.live
    rows = [
        [
            what,
            str(errors.n),
            seconds(errors.median_s),
            f"{seconds(errors.half_s)} ({seconds_between(errors.half_interval)})",
            f"{seconds(errors.most_s)} ({seconds_between(errors.most_interval)})",
        ]
        for what, errors in (
            ("onset", final.onset),
            ("end", final.end),
            ("live: first word after the onset", live.delay if live else None),
        )
        if errors is not None
    ]
    if not rows:
        return Section("Onset and end", ["No contraction was found, so there is nothing here."])
    heads = ["", "hits", "median (late is above 0)", "half within", "90 % within"]
    text = []
    if live is not None:
        alarms = ", ".join(
            f"{number(value)} {_WORDS[name]}" for name, value in live.false_per_night.items()
        )
        text.append(
            f"While the nights ran, {live.told} of {live.of} contractions were told;"
            f" false a night of 8 h: {alarms}."
        )
    table = Table("Differences in time, found minus true", heads, [_bare(row) for row in rows])
    return Section("Onset and end", text, [table])


def predictive_section(evaluation: Evaluation) -> Section:
    """Return the predictive value of a find at stated rates of cramps."""
    text = (
        "Of the finds of somebody who has cramps that often, the share that is right; the mix"
        " of durations is that of these nights. At worst: with the lower bound of the"
        " sensitivity and the upper bound of the false alarms, which is the figure to go by"
        " where there was no false alarm at all."
    )
    rows = [
        [
            one.rate,
            _WORDS[one.name],
            percent(one.value),
            percent(one.at_worst),
            percents(one.bootstrap),
        ]
        for one in evaluation.final.predictive
    ]
    if not rows:
        return Section(
            "What a find is worth", ["Without a true contraction this cannot be told."]
        )
    heads = ["cramps", "called", "right", "at worst", "over persons 95 %"]
    return Section("What a find is worth", [text], [Table("Predictive value", heads, rows)])


def after_section(evaluation: Evaluation) -> Section:
    """Return the decisions with and without what follows a contraction."""
    other = evaluation.without_after
    if other is None:
        return Section(
            "With and without what comes afterwards",
            ["This detector looks at nothing that follows a contraction."],
        )
    text = (
        "A minute of movement after a cramp helps to tell it, but a cramp slept through has"
        " none, and a live alert cannot wait. On the right, every contraction was judged as if"
        " the night ended with it."
    )
    rows = [
        [what, with_after, without]
        for (what, with_after), (_, without) in zip(
            _decision_rows(evaluation.final), _decision_rows(other), strict=True
        )
    ]
    heads = ["", "with", "without"]
    table = Table("With and without what comes afterwards", heads, rows)
    return Section("With and without what comes afterwards", [text], [table])


def _sensitivity(name: str, classes: dict[str, Sensitivity] | object) -> Table:
    heads = [
        "class",
        "called cramp",
        "95 %",
        "over persons",
        "cramp or possible",
        "95 %",
        "over persons",
    ]
    found = classes if isinstance(classes, dict) else {}
    rows = [
        [
            label,
            share(one.cramp),
            percents(one.cramp.wilson),
            percents(one.cramp.bootstrap),
            share(one.either),
            percents(one.either.wilson),
            percents(one.either.bootstrap),
        ]
        for label, one in found.items()
    ]
    strong = frozenset(n for n, row in enumerate(rows) if row[0] in (OVER_20_S, "all"))
    return Table(name, heads, rows, strong)


def _by_scenario(final: DecisionScore) -> Table:
    heads = [
        "scenario",
        "nights of 8 h",
        "false cramps a night (count)",
        "upper bound 95 %",
        "false possible a night (count)",
        "upper bound 95 %",
    ]
    rows = [
        [
            scenario,
            number(alarms[CRAMP].per_night.exposure, 1),
            *(
                text
                for name in (CRAMP, POSSIBLE)
                for text in (
                    rate(alarms[name].per_night),
                    number(alarms[name].per_night.upper),
                )
            ),
        ]
        for scenario, alarms in final.false_alarms_by_scenario.items()
    ]
    return Table("By scenario", heads, rows)


def _mimic(cause: str, one: Confusion) -> list[str]:
    return [
        cause.replace("_", " "),
        str(one.n) if one.n else "",
        share(one.cramp),
        percents(one.cramp.wilson),
        share(one.either),
        percents(one.either.wilson),
        str(one.alarms[CRAMP]),
        str(one.alarms[POSSIBLE]),
    ]


def _decision_rows(score: DecisionScore) -> list[tuple[str, str]]:
    duration = score.sensitivity.get("duration", {})
    classes = ["< 10 s", "10-20 s", "20-60 s", "> 60 s", OVER_20_S]
    rows = []
    for label in classes:
        one = duration.get(label)
        rows += [
            (f"found, {label}, called cramp", share(one.cramp) if one else ""),
            (f"found, {label}, cramp or possible", share(one.either) if one else ""),
        ]
    for name in (CRAMP, POSSIBLE):
        alarms = score.false_alarms[name].per_night
        upper = number(alarms.upper)
        rows.append((f"false {_WORDS[name]} a night of 8 h", f"{rate(alarms)}, up to {upper}"))
    rows.append(("movements of a series called cramp", str(score.swallowed["PLM"][CRAMP])))
    return rows


def _bare(row: Sequence[str]) -> list[str]:
    return [cell.replace(" ()", "") for cell in row]
