"""The parts of a card in the order in which they are read: evidence first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..artefact.model import EVIDENCE_WORDS, Model
from .figures import agreement_text, counted, figure
from .layout import Block, Grid
from .validation import prevalence_words, validation

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
        parts += validation(model)
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
            prevalence_words(model),
        ],
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
