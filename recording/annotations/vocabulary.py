"""Words for what the sleeper says: each is defined here, once.

Where an entry names a source, the source ties it to cramps of the legs; it is kept so that
nights can be compared, and nothing is advised from it. Sources are those of
``docs/formats.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

FieldKind = Literal["scale", "number", "choice", "choices", "yes_no"]


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that the diary asks; every one may be left out.

    Attributes
    ----------
    name
        Key in ``diary.json``.
    question
        What the terminal asks.
    about
        What it is, for the documentation.
    kind
        ``scale`` (whole number), ``number``, ``choice`` (one of `values`), ``choices``
        (any of them) or ``yes_no``.
    values
        Meaning of each value of a choice.
    low, high
        Limits of a scale or number, both allowed.
    unit
        Unit of a number.
    source
        Where it is tied to cramps, or nothing.
    """

    name: str
    question: str
    about: str
    kind: FieldKind
    values: Mapping[str, str] = field(default_factory=_nothing)
    low: float = 0.0
    high: float = 10.0
    unit: str = ""
    source: str = ""


KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cramp": "A cramp was felt.",
        "no_cramp": "What was found then was no cramp.",
        "press": "A key or a button; it does not say what was meant.",
        "restless_legs": "An urge to move the legs.",
        "kicking": "Legs that kicked or jerked.",
        "note": "Anything else.",
    }
)
"""What a mark says."""

SIDES: Final[Mapping[str, str]] = MappingProxyType(
    {"left": "Left leg.", "right": "Right leg.", "both": "Both legs."}
)

MUSCLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "calf": "Calf.",
        "shin": "Shin.",
        "foot": "Foot: arch, sole, heel.",
        "toes": "Toes.",
        "thigh": "Front or inside of the thigh.",
        "hamstring": "Back of the thigh.",
        "hip": "Hip or buttock.",
    }
)
"""Where a cramp was felt."""

ENDINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "by_itself": "It went by itself.",
        "stretched": "The muscle was stretched.",
        "stood_up": "The sleeper stood up.",
        "walked": "The sleeper walked.",
        "rubbed": "The muscle was rubbed or massaged.",
        "warmth": "Something warm.",
        "cold": "Something cold.",
        "other": "Something else.",
        "unknown": "Not remembered.",
    }
)
"""What ended a cramp."""

CRAMP_FIELDS: Final = (
    Field("pain", "Pain, 0 to 10", "Worst pain; 0 none, 10 the worst imaginable.", "scale"),
    Field(
        "lasted_min",
        "How many minutes did it last",
        "How long it seemed to last.",
        "number",
        high=720.0,
        unit="min",
    ),
    Field("ended_by", "What ended it", "What ended it.", "choices", ENDINGS),
    Field("soreness", "Soreness afterwards, 0 to 10", "Soreness afterwards; 0 none.", "scale"),
    Field("distress", "How distressing was it, 0 to 10", "Distress; 0 none.", "scale"),
    Field("woke", "Did it wake you", "Whether it woke the sleeper.", "yes_no"),
)
"""What is asked of each cramp, besides its time, leg and muscle."""

NIGHT_FIELDS: Final = (
    Field(
        "restless_legs",
        "Restless legs, an urge to move them",
        "Whether the sleeper felt an urge to move the legs.",
        "yes_no",
    ),
    Field(
        "partner_noticed",
        "What a partner noticed",
        "What somebody else in the room noticed.",
        "choices",
        MappingProxyType(
            {
                "nobody": "Nobody was there.",
                "nothing": "Nothing.",
                "kicking": "Legs that kicked or jerked.",
                "restless_legs": "Legs that would not lie still.",
                "cramp": "A cramp.",
            }
        ),
    ),
)
"""What is asked of the night."""

FACTORS: Final = (
    Field(
        "exercise",
        "Hardest exercise of the day before",
        "Hardest exercise of the day before.",
        "choice",
        MappingProxyType(
            {
                "none": "None.",
                "light": "Could sing meanwhile.",
                "moderate": "Could talk, not sing.",
                "hard": "Could not talk in whole sentences.",
            }
        ),
        source="Merck Manual [2]; Delacour 2020 [4]",
    ),
    Field(
        "exercise_min",
        "Minutes of exercise",
        "How long in all.",
        "number",
        high=1440.0,
        unit="min",
        source="Merck Manual [2]; Delacour 2020 [4]",
    ),
    Field(
        "standing_h",
        "Hours standing or walking",
        "Hours on the feet.",
        "number",
        high=24.0,
        unit="h",
        source="Mayo Clinic (fatigue of the muscle) [1]",
    ),
    Field(
        "sitting_h",
        "Hours sitting",
        "Hours sitting.",
        "number",
        high=24.0,
        unit="h",
        source="Delacour 2020 [4]; Merck Manual [2]",
    ),
    Field(
        "fluids_l",
        "Litres drunk",
        "All that was drunk.",
        "number",
        high=20.0,
        unit="l",
        source="Mayo Clinic [1]; Merck Manual [2]",
    ),
    Field(
        "alcohol_drinks",
        "Alcoholic drinks",
        "Number of glasses.",
        "number",
        high=50.0,
        unit="drinks",
        source="Delacour 2018 [3]",
    ),
    Field(
        "caffeine_drinks",
        "Drinks with caffeine",
        "Number of cups.",
        "number",
        high=50.0,
        unit="drinks",
        source="Merck Manual [2]",
    ),
    Field(
        "stretched",
        "Stretched before bed",
        "Whether calf or thigh were stretched before bed.",
        "yes_no",
        source="Hallegraeff 2012 [5]",
    ),
    Field(
        "supplements",
        "Supplements",
        "Supplements taken; some are sold against cramps.",
        "choices",
        MappingProxyType(
            {
                "none": "None.",
                "magnesium": "Magnesium.",
                "potassium": "Potassium.",
                "calcium": "Calcium.",
                "sodium": "Salt.",
                "vitamin_b": "Vitamin B.",
                "vitamin_d": "Vitamin D.",
                "iron": "Iron, by mouth.",
                "other": "Others.",
            }
        ),
        source="Allen 2012 [6]",
    ),
    Field(
        "medicines",
        "Medicines of these kinds",
        "Medicines whose use is tied to cramps of the legs.",
        "choices",
        MappingProxyType(
            {
                "none": "None of these.",
                "diuretic_potassium_sparing": "Potassium-sparing water tablets [7].",
                "diuretic_thiazide": "Thiazide-like water tablets [7].",
                "diuretic_loop": "Loop water tablets (the tie was small) [7].",
                "beta_agonist": "Long-acting beta agonists, inhaled [7].",
                "statin": "Statins (the tie was small) [7].",
                "iron_infusion": "Iron sucrose by infusion [6].",
                "oestrogen": "Conjugated oestrogens [6].",
                "raloxifene": "Raloxifene [6].",
                "naproxen": "Naproxen [6].",
                "teriparatide": "Teriparatide [6].",
                "other": "Another that the sleeper suspects.",
            }
        ),
        source="Allen 2012 [6]; Garrison 2012 [7]",
    ),
    Field(
        "pregnancy_week",
        "Week of pregnancy",
        "Week of pregnancy, where there is one.",
        "scale",
        low=1.0,
        high=45.0,
        source="Mayo Clinic [1]; Allen 2012 [6]",
    ),
)
"""What the literature ties to cramps, of the day before the night."""

_PLACEMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("GM", "GL", "MG", "LG", "GAS", "SOL", "PL", "calf"), "calf"),
        **dict.fromkeys(("TA", "shin", "shank"), "shin"),
        **dict.fromkeys(("EDB", "AH", "foot"), "foot"),
        **dict.fromkeys(("VL", "VM", "RF", "QUAD", "thigh"), "thigh"),
        **dict.fromkeys(("BF", "ST", "HAM"), "hamstring"),
    }
)


def muscle_of(placement: str | None) -> str | None:
    """Return the entry of `MUSCLES` that a placement of a sensor belongs to, or None."""
    return _PLACEMENTS.get(placement) if placement else None
