"""The parts of a card in the order in which they are read: evidence first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..artefact.model import EVIDENCE_WORDS, Model
from .figures import (
    agreement_text,
    counted,
    figure,
    percent,
    point_rows,
    sensitivity_rows,
)
from .layout import Block, Grid

_MEANING: Mapping[str, str] = {
    "simulated": (
        "it was trained and judged on simulated nights only. No muscle was recorded. Its"
        " numbers say how well it tells the simulator's cramps from"
        " the simulator's other events,"
        " and nothing about people. What it gives is shown as score (simulated)."
    ),
    "proxy": (
        "it was trained and judged on real recordings of something like a cramp, not of"
        " cramps in sleep."
    ),
    "real": "it was trained and judged on labelled nights of real sleepers.",
    "mixed": (
        "it was trained on nights of several kinds of evidence, counted below; figures over all"
        " of them hold for none of them alone."
    ),
}
DEVICE = (
    "Not a medical device. Research and self-logging software: it never diagnoses and never"
    " advises treatment. EMG cannot show pain: what it finds are cramp-like contractions."
)


def title(model: Model) -> str:
    """Return the one line above everything."""
    name = model.name or "a detector of cramp-like contractions"
    return f"Model card: {name}"


def banner(model: Model) -> str:
    """Return the evidence class and what it means."""
    meaning = _MEANING[model.evidence]
    if not model.about.get("validated"):
        meaning += " It was NOT VALIDATED: nothing is known of how well it does."
    return f"{EVIDENCE_WORDS[model.evidence]}: {meaning}"


def blocks(model: Model) -> list[Block]:
    """Return all parts of the card."""
    about = model.about
    parts = [_data(about), _annotators(about), _features(model)]
    if about.get("adaptation"):
        parts.insert(0, _adaptation(about["adaptation"]))
    if about.get("validated"):
        parts += _validation(model)
    else:
        parts.append(_thresholds_only(model))
    return [*(part for part in parts if part is not None), _limits(model), *_origin(model)]


def _data(about: Mapping[str, Any]) -> Block:
    data = about["data"]
    labels = data["labels"]
    length = data["cramp_seconds"]
    rows = [
        ("nights", str(data["nights"])),
        ("persons", f"{data['persons']}, of them {data['persons_with_cramps']} with cramps"),
        ("hours", f"{data['hours']:g}, of them {data['valid_hours']:g} that could be scored"),
        ("nights that could not be scored", str(data["unscorable_nights"])),
        ("evidence", counted(data["sources"])),
        ("families of nights", counted(data["families"])),
        ("scenarios", counted(data["scenarios"])),
        ("sensors", counted(data["sensors"])),
        ("formats", counted(data["formats"])),
        (
            "true cramps",
            f"{data['cramps']}, of them {data['cramps_looked_at']} looked at",
        ),
        (
            "length of true cramps",
            f"{length['shortest']:g} to {length['longest']:g} s, median {length['median']:g} s"
            if length
            else "",
        ),
        (
            "sustained contractions looked at",
            f"{data['contractions']}: {labels['cramp']} cramps, {labels['none']} others,"
            f" {sum(labels['left_out'].values())} left out"
            + (f" ({counted(labels['left_out'])})" if labels["left_out"] else ""),
        ),
        ("fingerprint of the data", data["fingerprint"]),
    ]
    return Block("What it was trained on", grid=Grid(("what", "how much"), rows))


def _annotators(about: Mapping[str, Any]) -> Block | None:
    two = about["data"]["two_annotators"]
    if not two["nights"]:
        return None
    return Block("Where two people marked the same night", [agreement_text(two)])


def _features(model: Model) -> Block:
    after = sorted(set(model.final.features) - set(model.causal.features))
    return Block(
        "What it looks at",
        [
            (
                f"{len(model.final.features)} features of each sustained"
                " contraction, defined with"
                " unit and source in the catalogue of the detector. The causal estimator, which"
                f" live alerts use, does without the {len(after)} that need what follows the"
                f" contraction: {', '.join(after)}."
            ),
            (
                "In training every contraction came twice, once as a lesser"
                " sensor would have seen"
                " it: without the antagonist, the other leg, the"
                " accelerometer, the spectrum, or"
                " a trusted scale. What is missing at night is missing, never guessed."
            ),
        ],
    )


def _validation(model: Model) -> list[Block]:
    final, causal = model.about["final"], model.about["causal"]
    choice = final["choice"]
    loss = choice["log_loss"]
    chosen = {"linear": "a penalised linear score", "trees": "boosted trees"}
    parts = [
        Block(
            "Found on persons it was not trained on",
            [
                (f"Grouped cross-validation in {final['folds']} folds: no person is in the"
                " training and in the test of one fold. Intervals are 95 % (Wilson). Cramps"
                " that no contraction met count as missed."),
            ],
            Grid(
                ("length", "cramps", "looked at", "called cramp", "cramp or possible", "95 %"),
                sensitivity_rows(final["sensitivity"]),
            ),
            [
                "Without what follows the contraction: "
                + "; ".join(
                    f"{row['duration']} {row['cramp_or_possible']} of {row['cramps']}"
                    for row in causal["sensitivity"]
                    if row["cramps"]
                )
                + "."
            ],
        ),
        Block(
            "Thresholds and false alarms",
            [
                ("Each threshold is the lowest that keeps held-out false alarms to what was"
                " asked for: by the one-sided 95 % upper bound (Poisson) where there are nights"
                " enough, else by the mean. A night is eight hours that could be scored.")
            ],
            Grid(
                ("threshold", "probability", "asked for", "false alarms", "nights",
                 "a night", "upper bound", "kept by"),
                [*point_rows(final, "final"), *point_rows(causal, "causal")],
            ),
        ),
    ]  # fmt: skip
    if final.get("other_families"):
        parts.append(_families(final["other_families"]))
    parts.append(
        Block(
            "What else was called a cramp",
            grid=Grid(
                ("what it was", "contractions", "called cramp", "cramp or possible"),
                [
                    (row["mimic"].replace("_", " "), str(row["count"]), str(row["cramp"]),
                     str(row["cramp_or_possible"]))
                    for row in final["mimics"]
                ],
            ),
        )
    )  # fmt: skip
    calibration = final["calibration"]
    parts.append(
        Block(
            "Calibration",
            [
                (
                    f"By {calibration['method']}, on held-out scores. Expected"
                    " calibration error"
                    f" {figure(calibration['expected_error'])}; causal"
                    f" {figure(causal['calibration']['expected_error'])}."
                ),
                _prevalence(model),
            ],
            Grid(
                ("said", "happened", "contractions"),
                [
                    (percent(row["said"]), percent(row["happened"]), str(row["count"]))
                    for row in calibration["curve"]
                ],
            ),
        )
    )
    parts.append(
        Block(
            "How it was chosen",
            [
                (
                    "A penalised linear score (logistic regression on scaled"
                    " features and on what"
                    " is missing), boosted trees with monotonic constraints"
                    " where physiology says"
                    " the sign, and the mean of both were compared by the log loss of held-out"
                    " predictions, classes and persons weighing the same. Of those within"
                    f" {figure(choice['margin'])} of the best (half a standard error) the"
                    f" smoothest was taken: {chosen.get(choice['chosen'], 'the mean of both')}."
                ),
                f"The causal estimator: {model.about['causal']['choice']['chosen']}.",
            ],
            Grid(
                ("estimator", "persons held out", "families held out"),
                [
                    (name, figure(row["persons"]), figure(row.get("families")))
                    for name, row in loss.items()
                ],
            ),
        )
    )
    parts += _importance(final)
    parts.append(
        Block(
            "Would more persons help?",
            ["Held-out predictions when only some of the other persons were learned from."],
            Grid(
                ("persons", "log loss", "average precision"),
                [
                    (figure(row["persons"]), figure(row["log_loss"]),
                     figure(row["average_precision"]))
                    for row in final["learning_curve"]
                ],
            ),
        )
    )  # fmt: skip
    return parts


def _families(rows: list[Mapping[str, Any]]) -> Block:
    return Block(
        "On families of nights it was not trained on",
        [
            ("Bodies, electrodes and sensors of one kind held out together, at the thresholds"
            " above: how it may fare on nights that are unlike those of the training.")
        ],
        Grid(
            ("family", "nights", "cramps", "called cramp", "cramp or possible",
             "false cramps", "false possible ones"),
            [
                (row["family"], figure(row["nights"]), str(row["cramps"]), str(row["cramp"]),
                 str(row["cramp_or_possible"]), str(row["false_cramp"]),
                 str(row["false_possible"]))
                for row in rows
            ],
        ),
    )  # fmt: skip


def _importance(final: Mapping[str, Any]) -> list[Block]:
    found = final["importance"]
    named = found["features"][:12]
    return [
        Block(
            "What it goes by",
            ["Rise of the held-out log loss when a group of features is permuted together."],
            Grid(
                ("group", "rise"),
                [(row["name"], figure(row["rise"])) for row in found["groups"]],
            ),
            [
                "The features that count most by themselves: "
                + ", ".join(f"{row['name']} ({figure(row['rise'])})" for row in named)
                + "."
            ],
        )
    ]


def _thresholds_only(model: Model) -> Block:
    final = model.final
    return Block(
        "Not validated",
        [
            (
                "This training held nobody out, because it was told to."
                " There are no figures: not"
                " of what it finds, not of its false alarms, and its probabilities are not"
                f" calibrated. Its thresholds ({figure(final.t_cramp)} for a cramp,"
                f" {figure(final.t_possible)} for a possible one) are conventions."
            ),
            _prevalence(model),
        ],
    )


def _prevalence(model: Model) -> str:
    return (
        f"Its probabilities assume that {percent(model.prevalence)} of the sustained"
        " contractions that are looked at are cramps, as in its"
        " training. Where cramps are rarer the same"
        " contraction is less likely one: the odds are to be multiplied by the ratio of the"
        " odds of both prevalences."
    )


def _adaptation(facts: Mapping[str, Any]) -> Block:
    verdict = (
        "It did better on the held-out nights of this person than the model it began with."
        if facts["better"]
        else "It did WORSE on the held-out nights of this person than the model it began with,"
        " and is kept because that was asked for (--force)."
    )
    return Block(
        "Adapted to one person",
        [
            (
                f"On top of {facts['base']} ({facts['base_digest'][:12]}),"
                f" from {facts['nights']}"
                f" nights with {facts['cramps']} cramps, each night judged by what was learned"
                " from the others."
            ),
            verdict,
            (
                "All figures of validation, thresholds and calibration below are those of the"
                " model it began with: so few nights cannot tell them anew."
            ),
        ],
        Grid(
            ("held-out log loss", "before", "after"),
            [
                (way, figure(facts[way]["before"]), figure(facts[way]["after"]))
                for way in ("final", "causal")
            ],
        ),
    )


def _limits(model: Model) -> Block:
    text = [
        DEVICE,
        (
            "Under ten seconds a cramp cannot be told from other events:"
            " it is called possible at"
            " most. A cramp that nobody marked is taught as none. A calf"
            " band sees neither the foot"
            " nor the thigh nor the other leg. A contraction that the detector does not look at"
            " (too weak, too short, in a stretch of artefact) is never judged at all."
        ),
    ]
    if model.evidence == "simulated":
        text.append(
            "Not known: how often it finds a real sleeper's cramp, how often it alarms at"
            " nothing in a real bed, and whether its probabilities mean anything there. No"
            " public recording of a cramp in sleep exists. Real bodies, electrodes and beds"
            " differ from the simulator in ways that nobody has listed."
        )
    return Block("Limits, and what is not known", text)


def _origin(model: Model) -> list[Block]:
    about = model.about
    versions = [(name, version) for name, version in sorted(about["versions"].items())]
    command = "crampwatch train NIGHTS --out MODEL.skops --seed {seed} --false-alarms {a} {b}"
    alarms = about["false_alarms"]
    return [
        Block(
            "How to make it again",
            [
                command.format(seed=about["seed"], a=f"{alarms[0]:g}", b=f"{alarms[1]:g}")
                + ("" if about["validated"] else " --no-validation"),
                (
                    "The same nights or feature table, the same seed and the"
                    " same versions give the"
                    " same bytes."
                ),
            ],
            Grid(("what", "version"), versions),
        )
    ]
