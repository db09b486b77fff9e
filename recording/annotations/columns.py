"""What the columns of ``events.tsv`` mean: each is defined here, once, with its unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

REQUIRED: Final = ("onset", "duration", "trial_type")
"""Columns that a file must have (BIDS asks for the first two)."""

STANDARD: Final = (*REQUIRED, "side", "channel", "probability")
"""Columns that every file of this program has, in this order."""

LISTED: Final = "; "
"""What stands between the labels in column ``channels``."""

LEVELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cramp": "Cramp-like contraction; EMG cannot show pain.",
        "possible_cramp": "Contraction too short or too unclear to be called cramp-like.",
        "PLM": "Leg movement in a periodic series, by the rule in column rule.",
        "LM": "Leg movement outside a periodic series.",
        "large_movement": "Movement of posture or of the whole leg.",
        "ALMA": "Alternating leg muscle activation.",
        "HFT": "Hypnagogic foot tremor or high-frequency leg movements.",
        "EFM": "Excessive fragmentary myoclonus.",
        "artifact": "Signal marred by an artefact.",
        "unscorable": "Signal that cannot be scored.",
        "sleep_W": "Wakefulness.",
        "sleep_N1": "Sleep stage N1.",
        "sleep_N2": "Sleep stage N2.",
        "sleep_N3": "Sleep stage N3.",
        "sleep_R": "REM sleep.",
        "marker": "Button press or diary entry.",
    }
)
"""Meaning of each `trial_type`."""

_COLUMNS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "onset": {
            "LongName": "Onset",
            "Description": "Start of the event, from the first sample of the recording.",
            "Units": "s",
        },
        "duration": {"LongName": "Duration", "Description": "Length.", "Units": "s"},
        "trial_type": {
            "LongName": "Type of event",
            "Description": "What was found or marked.",
            "Levels": dict(LEVELS),
        },
        "side": {
            "LongName": "Side",
            "Description": "Leg.",
            "Levels": {"left": "Left leg.", "right": "Right leg.", "both": "Both legs."},
        },
        "channel": {
            "LongName": "Channel",
            "Description": "Label of the signal that the event was seen on.",
        },
        "probability": {
            "LongName": "Probability",
            "Description": "Calibrated probability that a sustained contraction is cramp-like, "
            "0 to 1, with what follows it; the model says which prevalence it assumes.",
        },
        "probability_causal": {
            "LongName": "Probability without what follows",
            "Description": "The same from what was known when the contraction ended.",
        },
        "rise_s": {
            "LongName": "Rise",
            "Description": "Time from the onset until the level first reaches four fifths of "
            "its plateau above rest.",
            "Units": "s",
        },
        "peak_reference": {
            "LongName": "Peak over the reference",
            "Description": "Highest level (mean of 2.5 s) in multiples of the calibration "
            "contraction.",
        },
        "ending": {
            "LongName": "Ending",
            "Description": "How the contraction ended.",
            "Levels": {
                "stretched": "Fell from 70 to 35 % of its plateau within 1.5 s while the leg "
                "moved, or within 4 s while the antagonist pulled.",
                "faded": "Took longer to fall.",
                "unknown": "Neither of both, or not seen.",
            },
        },
        "movement_before": {
            "LongName": "Movement before",
            "Description": "Median movement of the leg in the half minute before the onset.",
            "Units": "g",
        },
        "movement_after": {
            "LongName": "Movement after",
            "Description": "Median movement of the leg in the half minute after the end.",
            "Units": "g",
        },
        "stood_up": {
            "LongName": "Stood up",
            "Description": "Whether the leg was upright and moving for ten seconds in the five "
            "minutes after.",
        },
        "settled_s": {
            "LongName": "Settled",
            "Description": "Time from the end until a minute began in which leg and muscle lay "
            "at rest; n/a where half an hour did not show it.",
            "Units": "s",
        },
        "rule": {
            "LongName": "Rule",
            "Description": "Rule that a movement was scored by.",
            "Levels": {
                "wasm2016": "WASM 2016, in microvolts.",
                "aasm": "AASM manual, in microvolts.",
                "relative": "Relative to the resting level; the scale is not known.",
                "calf": "Relative to the resting level, on a calf muscle.",
                "accelerometric": "Acceleration alone.",
            },
        },
        "amplitude": {
            "LongName": "Amplitude",
            "Description": "Mean level during a leg movement, in the unit of the channel.",
        },
        "ratio": {
            "LongName": "Level over rest",
            "Description": "Median level during the event, in multiples of the resting level.",
        },
        "ratio_peak": {
            "LongName": "Peak over rest",
            "Description": "Highest level during the event, in multiples of the resting level.",
        },
        "reason": {"LongName": "Reason", "Description": "Why the event has its type."},
        "cause": {
            "LongName": "Cause",
            "Description": "What marred the signal or kept it from being scored.",
        },
        "gaps": {
            "LongName": "Gaps",
            "Description": "Number of stretches without samples in the row. Several with less "
            "than a minute between them are one row, and what lies between was scored; "
            "scattered ones that are told in no row are counted in summary.json.",
        },
        "lost_s": {
            "LongName": "Lost",
            "Description": "How long the gaps of the row are together.",
            "Units": "s",
        },
        "channels": {
            "LongName": "Channels",
            "Description": "Labels of the signals of one sensor that share the row, with '; ' "
            "between them; column channel is n/a then.",
        },
        "turn_deg": {
            "LongName": "Turn of posture",
            "Description": "Angle between gravity before and after, in the sensor's frame.",
            "Units": "deg",
        },
        "series": {
            "LongName": "Series",
            "Description": "Number of the periodic series, from 1 for each rule.",
        },
        "movement": {
            "LongName": "Combined movement",
            "Description": "Number of the combined movement that the row is part of, for each"
            " rule.",
        },
        "imi": {
            "LongName": "Intermovement interval",
            "Description": "From the onset of the candidate before, of the combined movements.",
            "Units": "s",
        },
        "stage": {"LongName": "Stage", "Description": "Stage of sleep at the onset."},
        "respiratory": {
            "LongName": "Respiratory",
            "Description": "Whether the movement was set aside as next to a respiratory event.",
        },
        "arousal": {
            "LongName": "Arousal",
            "Description": "Whether the movement lies next to an arousal.",
        },
        "clm": {
            "LongName": "Candidate",
            "Description": "Whether the movement is a candidate for periodic series.",
        },
        "bursts": {"LongName": "Bursts", "Description": "Number of bursts in the event."},
        "rate_hz": {
            "LongName": "Burst rate",
            "Description": "Median rate of the bursts.",
            "Units": "Hz",
        },
        "text": {"LongName": "Text", "Description": "Text of the mark in its source."},
        "decided_at": {
            "LongName": "Decision time",
            "Description": "Newest sample known when a live event was decided.",
            "Units": "s",
        },
        "confirmation": {
            "LongName": "Confirmation",
            "Description": "What the sleeper said of a cramp-like contraction; a weak label.",
            "Levels": {
                "confirmed": "A cramp was felt within the stated uncertainty.",
                "denied": "It was no cramp.",
                "unanswered": "Nothing was said of it, which denies nothing.",
            },
        },
        "outcome": {
            "LongName": "Outcome",
            "Description": "What became of something that the sleeper said.",
            "Levels": {
                "matched": "An event lies within the uncertainty of its time.",
                "missed": "The muscle was watched then, and no event was found.",
                "not_watched": "Nothing watched that leg and muscle then.",
                "unclear": "Too little was told, or the signal was too poor then.",
            },
        },
        "earlier_s": {
            "LongName": "Earlier",
            "Description": "How much earlier it may have been than the onset of the mark.",
            "Units": "s",
        },
        "later_s": {
            "LongName": "Later",
            "Description": "How much later it may have been than the onset of the mark.",
            "Units": "s",
        },
        "pain": {"LongName": "Pain", "Description": "Pain that was told, 0 to 10."},
        "source": {
            "LongName": "Source",
            "Description": "Where a mark comes from: key, button, note, diary.",
        },
    }
)


def describe(
    columns: Iterable[str], more: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Mapping[str, Any]]:
    """Return the content of ``events.json`` for some columns.

    Parameters
    ----------
    columns
        Names, in the order of the table.
    more
        Descriptions of further columns (BIDS keys: LongName, Description, Units, Levels).
    """
    known = {**_COLUMNS, **(more or {})}
    return {name: known.get(name, {"Description": name}) for name in columns}
