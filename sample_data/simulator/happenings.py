"""What can happen in a simulated night, by name, and how its truth is described."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .artefacts import electrode_pop, loose_contact, peel_off, radio_gap
from .building import Builder
from .cramps import cramp
from .movements import leg_movement, plm_series, posture_shift, stretch, walking

HAPPENINGS: Mapping[str, Builder] = MappingProxyType(
    {
        "cramp": cramp,
        "leg_movement": leg_movement,
        "plm_series": plm_series,
        "posture_shift": posture_shift,
        "stretch": stretch,
        "walking": walking,
        "electrode_pop": electrode_pop,
        "peel_off": peel_off,
        "loose_contact": loose_contact,
        "radio_gap": radio_gap,
    }
)
"""Builders by name."""

TRUTH_COLUMNS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "cause": {
            "LongName": "Cause",
            "Description": "SIMULATED: what was put into the night here.",
            "Levels": {
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
            },
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
    }
)
"""What the free columns of the true ``events.tsv`` mean."""
