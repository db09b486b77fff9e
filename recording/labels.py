"""What a label of the field says: kind, side, muscle or site, axis.

A guess never overrules the user: `assemble.build_streams` takes a mapping of labels.
Leg labels without a muscle (``LEG1``, ``PLM l``, ``SX1-SX2``) are taken for the surface
electromyogram of tibialis anterior, the site of the AASM manual and of WASM 2016.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from .model import Kind, Side

BY_CONVENTION = (
    "its label names the leg but no muscle; taken for tibialis anterior, as is the custom"
)


@dataclass(frozen=True, slots=True)
class Guess:
    """What a label tells about its signal.

    Attributes
    ----------
    kind
        ``other`` for everything that is not leg EMG, acceleration, rotation or ECG; chin
        and arm EMG are ``other`` too, so that they are never scored as leg.
    side
        Leg, where the label names it.
    placement
        Muscle (``TA``, ``GM``, ``GL``, ``GAS``, ``SOL``, ...) or body site (``shank``).
    axis
        ``x``, ``y`` or ``z`` of a vector signal.
    stem
        Label without its axis: axes with the same stem belong together.
    number
        1 or 2 for labels that only count the legs (``LEG1``), else None.
    bare
        Whether the label says EMG and nothing else.
    brain
        Whether the signal shows that the file is a polysomnogram (EEG or eye movements).
    note
        What was assumed, or empty.
    """

    kind: Kind
    side: Side | None = None
    placement: str | None = None
    axis: str | None = None
    stem: str = ""
    number: int | None = None
    bare: bool = False
    brain: bool = False
    note: str = ""

    @property
    def canonical(self) -> str:
        """Label by the house rule, ``EMG L GM``; parts that are unknown are left out."""
        side = {"left": "L", "right": "R", None: ""}[self.side]
        axis = self.axis.upper() if self.axis else ""
        parts = (self.kind.upper(), side, self.placement or "", axis)
        return " ".join(part for part in parts if part)


def guess(label: str) -> Guess:
    """Return what `label` says; an unknown label is of kind ``other``."""
    words = _words(label)
    kept = set(words)
    axis = _axis(words)
    if kept & _INERTIAL.keys():
        kind = next(_INERTIAL[word] for word in words if word in _INERTIAL)
        side, rest = _side(words)
        stem = " ".join(word for word in words if word not in "xyz" or word != axis)
        place = next((_SITES[word] for word in rest if word in _SITES), None)
        return Guess(kind, side, place, axis, stem)
    if kept & _ECG:
        return Guess("ecg")
    if kept & _BRAIN or _EEG_DERIVATION.fullmatch(label.strip(" .")):
        return Guess("other", brain=True)
    if kept & _OTHER:
        return Guess("other")
    return _muscle(words)


def _muscle(words: list[str]) -> Guess:
    kept = set(words)
    if kept & _NOT_LEG:
        return Guess("other")
    side, rest = _side(words)
    digits = {word for word in words if word.isdigit()}
    number = int(digits.pop()) if len(digits) == 1 and digits <= {"1", "2"} else None
    muscle = _muscle_of(rest)
    if muscle is not None:
        return Guess("emg", side, muscle, number=number)
    if any(word in _LEG for word in rest) or _TWO_LEADS.search(" ".join(words)):
        return Guess("emg", side, "TA", number=number, note=BY_CONVENTION)
    if kept & _EMG:
        bare = side is None and not any(word.isalpha() and word not in _EMG for word in rest)
        return Guess("emg", side, bare=bare)
    return Guess("other")


def _words(label: str) -> list[str]:
    """Split a label into lower-case words; ``LLEG-``, ``PLMl.``, ``SX1`` come apart."""
    plain = unicodedata.normalize("NFKD", label)
    plain = "".join(char for char in plain if not unicodedata.combining(char)).casefold()
    words: list[str] = []
    for token in re.findall(r"[a-z]+|\d+", plain):
        found = None if token in _WHOLE else _GLUED.fullmatch(token)
        if found is None:
            words.append(token)
        else:
            words.extend(part for part in found.groups() if part)
    return words


def _side(words: list[str]) -> tuple[Side | None, list[str]]:
    """Return the side and the words that do not name it."""
    rest: list[str] = []
    named_sides: set[Side] = set()
    muscled = any(word in _HEADED for word in words)
    for word in words:
        named = _SIDES.get(word)
        if word in ("lat", "rat") and muscled:
            named = None
        elif word in ("lat", "rat") and named:
            rest.append("ta")
        elif word in ("g", "d") and not any(
            leg in words for leg in ("jambe", "tibial", "pied")
        ):
            named = None
        if named is None:
            rest.append(word)
        else:
            named_sides.add(named)
    return (named_sides.pop() if len(named_sides) == 1 else None), rest


def _muscle_of(words: list[str]) -> str | None:
    text = " ".join(word for word in words if not word.isdigit())
    for pattern, muscle in _MUSCLES:
        if pattern.search(text):
            return muscle
    return None


def _axis(words: list[str]) -> str | None:
    for word in words:
        if word in ("x", "y", "z"):
            return word
    return None


_SIDES: dict[str, Side] = {
    **dict.fromkeys(
        ("l", "left", "lt", "lft", "li", "links", "linke", "linkes", "sin", "sx", "sn",
         "sinistra", "sinistro", "gauche", "g", "izq", "izquierda", "lat"), "left"
    ),
    **dict.fromkeys(
        ("r", "right", "rt", "rgt", "re", "rechts", "rechte", "rechtes", "dx", "ds", "dex",
         "destra", "destro", "droite", "d", "der", "derecha", "rat"), "right"
    ),
}  # fmt: skip
_HEADED = ("gastroc", "gastrocnemius", "gas", "gastr", "gast", "vastus", "gl", "medial")
_LEG = frozenset(
    ("leg", "legs", "plm", "plms", "bein", "beine", "gamba", "gambe", "jambe", "pierna",
     "limb", "lm", "sx", "dx", "tibs")
)  # fmt: skip
_EMG = frozenset(("emg", "muscle", "muscolo", "exg", "elektromyogramm"))
_TWO_LEADS = re.compile(r"^(sx|dx) 1 \1 2$")
_NOT_LEG = frozenset(
    ("chin", "submental", "submentalis", "mentalis", "ment", "mento", "menton", "kinn",
     "masseter", "mass", "mylo", "milo", "mylohyoid", "milohyoid", "jaw", "temporalis", "arm",
     "arms", "wrist", "hand", "finger", "fds", "ecr", "biceps_b", "deltoid", "delt", "neck",
     "intercostal", "diaphragm", "forearm", "bras", "braccio", "unterarm", "subm")
)  # fmt: skip
_ECG = frozenset(("ecg", "ekg", "elettrocardiogramma"))
_BRAIN = frozenset(
    ("eeg", "eog", "roc", "loc", "heog", "veog", "hypnogram", "eogl", "eogr", "eogd", "eogg")
)
_EEG_DERIVATION = re.compile(
    r"(?!o2$)(?:fp|af|f|fc|c|cp|p|po|o|t|ft|tp)(?:z|\d{1,2})(?:\s*[-:/]\s*"
    r"(?:(?:fp|af|f|fc|c|cp|p|po|o|t|a|m|ft|tp)(?:z|\d{1,2})|ref|le|avg|cz))?|"
    r"e[12](?:\s*[-:/]\s*[am][12])?|(?:roc|loc)(?:\s*[-/]\s*[am][12])?",
    re.IGNORECASE,
)
_OTHER = frozenset(
    ("spo", "sao", "flow", "airflow", "resp", "respiration", "thorax", "thor", "thorac",
     "abdo", "abdomen", "abdomin", "abd", "chest", "effort", "snore", "snoring", "schnarch",
     "pleth", "pletysmo", "plethysmogram", "ppg", "bvp", "pulse", "puls", "hr", "heart", "pr",
     "position", "pos", "body", "lage", "mic", "micro", "sound", "light", "licht", "lux",
     "cpap", "pap", "press", "pressure", "nasal", "nose", "oral", "therm", "thermistor",
     "cannula", "canula", "event", "marker", "status", "trigger", "temp", "temperature",
     "eda", "gsr", "etco", "co", "ox", "oxstat", "stat", "dhr", "battery", "batt", "sum",
     "torque", "angle", "force", "annotations", "dif", "rr", "activity", "time")
)  # fmt: skip
_INERTIAL: dict[str, Kind] = {
    **dict.fromkeys(("acc", "accel", "accelerometer", "acceleration", "xyz", "cacc",
                     "akzel", "accelero"), "acc"),
    **dict.fromkeys(("gyro", "gyr", "gyroscope"), "gyro"),
}  # fmt: skip
_SITES = {
    "shank": "shank", "shin": "shank", "calf": "calf", "ankle": "ankle", "thigh": "thigh",
    "foot": "foot", "knee": "knee", "wrist": "wrist", "hip": "hip", "leg": "shank",
    "tibia": "shank", "ta": "shank", "gm": "calf", "gas": "calf", "wade": "calf",
    "chest": "chest", "trunk": "trunk",
}  # fmt: skip
_MUSCLES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), muscle)
    for pattern, muscle in (
        (r"\b(?:gastroc\w*|gast?r?)\b.*\b(?:med\w*|m|int)\b|\bmed\w*\b.*\bgast\w*|\bgm\b|\bmg\b",
         "GM"),
        (r"\b(?:gastroc\w*|gast?r?)\b.*\b(?:lat\w*|ext)\b|\blat\w*\b.*\bgast\w*|\bgl\b|\blg\b",
         "GL"),
        (r"\b(?:gastroc\w*|gastr?|gas|calf|waden?|mollet|polpaccio|pantorrilla)\b", "GAS"),
        (r"\b(?:soleus|sol|so)\b", "SOL"),
        (r"\b(?:peron\w*|fibular\w*|pl)\b", "PL"),
        (r"\b(?:tibialis|tibial|tibiale|tib|ta|at|tibant|tibialisant)\b", "TA"),
        (r"\b(?:vastus lat\w*|vl)\b", "VL"),
        (r"\b(?:vastus med\w*|vm|vmo)\b", "VM"),
        (r"\b(?:rectus fem\w*|rf)\b", "RF"),
        (r"\b(?:biceps fem\w*|bf)\b", "BF"),
        (r"\b(?:semitend\w*|st)\b", "ST"),
        (r"\b(?:quadriceps|quad)\b", "QUAD"),
        (r"\b(?:hamstrings?|ham)\b", "HAM"),
        (r"\b(?:edb|extensor digitorum brevis)\b", "EDB"),
        (r"\b(?:abductor hallucis|ah)\b", "AH"),
        (r"\b(?:foot|fuss|pied|piede)\b", "foot"),
        (r"\b(?:thigh|oberschenkel|cuisse|coscia)\b", "thigh"),
    )
)  # fmt: skip
_WHOLE = frozenset(
    (*_SIDES, *_LEG, *_EMG, *_OTHER, *_ECG, *_BRAIN, *_NOT_LEG, *_INERTIAL, *_SITES,
     "gastroc", "gastrocnemius", "soleus", "sol", "so", "tib", "tibialis", "tibial", "ta",
     "at", "gm", "gl", "mg", "lg", "rf", "vl", "vm", "bf", "st", "pl")
)  # fmt: skip
_PART = r"leg|tib|ta|at|plms?|gm|gl|gas|gastroc|sol|calf|ecr"
_GLUED = re.compile(
    rf"(l|r|left|right)({_PART}|emg|acc|gyro)|({_PART}|emg|eog)(l|r|left|right|li|re|sin|dx)|"
    rf"(acc|gyr|gyro|accel)([xyz])|(emg)(ta|gm|gl|sol|tib|tibialis|chin|leg)"
)
