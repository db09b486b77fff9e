"""How a model does on persons that it was not trained on: the middle of its card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..artefact.model import Model
from .figures import figure, percent, point_rows, sensitivity_rows
from .layout import Block, Grid


def validation(model: Model) -> list[Block]:
    """Return the parts about persons that it was not trained on."""
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
            _harder(final),
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
                prevalence_words(model),
                (
                    "The causal estimator learned from what was known early, too: of its rows"
                    f" {percent(causal['prevalence'])} are of cramps."
                ),
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


def _harder(final: Mapping[str, Any]) -> list[str]:
    found = final.get("harder_nights")
    if not found:
        return []
    told = (
        "They were set on everyday nights only. On the nights that were made harder on purpose"
        f" ({figure(found['nights'])} nights) they give {found['false_cramp']} false cramps and"
        f" {found['false_possible']} false alarms of either kind."
    )
    return [told]


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


def prevalence_words(model: Model) -> str:
    """Return what its probabilities assume, and how to move them."""
    return (
        f"Its probabilities assume that {percent(model.prevalence)} of the sustained"
        " contractions that are looked at are cramps, as in its"
        " training. Where cramps are rarer the same"
        " contraction is less likely one: the odds are to be multiplied by the ratio of the"
        " odds of both prevalences."
    )
