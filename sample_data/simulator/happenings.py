"""What can happen in a simulated night, by name, and how its truth is described."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ...recording.model import Event
from .artefacts import (
    cable,
    ecg_leak,
    electrode_pop,
    flat_line,
    loose_contact,
    mains_hum,
    peel_off,
    radio_gap,
    radio_trouble,
    sweat,
)
from .background import bed_partner, fasciculations, tone, tone_spell
from .building import Builder
from .cramps import cramp, cramp_cluster
from .movements import (
    dorsiflexion,
    leg_movement,
    plm_series,
    posture_shift,
    standing,
    stretch,
    walking,
)
from .rhythms import alma, efm, hft, rbd

HAPPENINGS: Mapping[str, Builder] = MappingProxyType(
    {
        "cramp": cramp,
        "cramp_cluster": cramp_cluster,
        "leg_movement": leg_movement,
        "plm_series": plm_series,
        "dorsiflexion": dorsiflexion,
        "alma": alma,
        "hft": hft,
        "efm": efm,
        "rbd": rbd,
        "posture_shift": posture_shift,
        "stretch": stretch,
        "walking": walking,
        "standing": standing,
        "tone": tone,
        "tone_spell": tone_spell,
        "fasciculations": fasciculations,
        "bed_partner": bed_partner,
        "electrode_pop": electrode_pop,
        "peel_off": peel_off,
        "loose_contact": loose_contact,
        "mains_hum": mains_hum,
        "ecg_leak": ecg_leak,
        "cable": cable,
        "flat_line": flat_line,
        "sweat": sweat,
        "radio_gap": radio_gap,
        "radio_trouble": radio_trouble,
    }
)
"""Builders by name."""

_CAUSES: Mapping[str, str] = {
    "cramp": "Cramp-like contraction of the calf.",
    "release": "Foot pulled up, which ends the cramp.",
    "leg_movement": "Movement of one leg.",
    "posture_shift": "Turn in bed.",
    "stretch": "Stretch of one leg.",
    "walking": "Out of bed and back.",
    "pop": "Step in the electrode's voltage that decays.",
    "peel_off": "Electrode that comes off: mains and noise, no muscle.",
    "loose_contact": "Electrode that crackles.",
    "radio_gap": "Nothing arrives from this leg.",
}

_RARER_CAUSES: Mapping[str, str] = {
    "alma": "Alternating activation of both legs.",
    "hft": "High-frequency movements of one foot.",
    "efm": "Fragments of myoclonus.",
    "rbd": "Twitch as in REM sleep without atonia that lasts like a movement.",
    "dorsiflexion": "Foot pulled up at will.",
    "standing": "Standing beside the bed.",
    "rubbing": "Calf rubbed by a hand.",
    "mains": "Mains that gets in.",
    "ecg": "The heart seen at the leg.",
    "cable": "Cable that swings.",
    "flat": "Electrodes shorted.",
}

TRUTH_COLUMNS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "cause": {
            "LongName": "Cause",
            "Description": "SIMULATED: what was put into the night here.",
            "Levels": {**_CAUSES, **_RARER_CAUSES},
        },
        "level_uv": {
            "LongName": "Planned level",
            "Description": "EMG at the height of the event, RMS; of an artefact its size.",
            "Units": "uV",
        },
        "moved": {
            "LongName": "Moved",
            "Description": "Whether the leg movement accelerates the sensor, 1 or 0.",
        },
        "ending": {
            "LongName": "Ending",
            "Description": "How the cramp-like contraction ends.",
            "Levels": {"stretched": "At once, by stretching.", "faded": "By itself."},
        },
        "rise_s": {
            "LongName": "Rise",
            "Description": "Time from the onset to the plateau.",
            "Units": "s",
        },
        "length_change": {
            "LongName": "Change of the potentials",
            "Description": "Length of the potentials at the end over that at the onset: "
            "above 1 the spectrum is compressed, below 1 it rises.",
        },
        "head": {
            "LongName": "Head",
            "Description": "Head of gastrocnemius that contracts; the electrodes lie on the "
            "medial one.",
            "Levels": {"medial": "Under the electrodes.", "lateral": "Beside them."},
        },
        "woke": {
            "LongName": "Woke",
            "Description": "Whether the sleeper does something about it, 1 or 0.",
        },
        "afterwards": {
            "LongName": "Afterwards",
            "Description": "What the sleeper does then.",
            "Levels": {
                "none": "Nothing.",
                "rubbing": "Rubs the calf.",
                "posture_shift": "Turns or sits up.",
                "walking": "Gets up and walks.",
            },
        },
        "number": {
            "LongName": "Number",
            "Description": "Which one of a cluster it is, from 1.",
        },
    }
)
"""What the free columns of the true ``events.tsv`` mean."""


def described(truth: Iterable[Event]) -> dict[str, Mapping[str, Any]]:
    """Return what the columns mean; of the rarer causes only those that occur."""
    there = {str(event.extra["cause"]) for event in truth}
    causes = {**_CAUSES, **{k: v for k, v in _RARER_CAUSES.items() if k in there}}
    return {**TRUTH_COLUMNS, "cause": {**TRUTH_COLUMNS["cause"], "Levels": causes}}
