"""New labels for the names of BIDS files: whose, which sensor, which day."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_TASKS = ("sleep", "rest", "night")
_SENSORS = re.compile(
    r"(?:left|right|both|l|r|calf|calves|shin|shank|thigh|foot|ankle|leg|ta|gm|gl|gas|sol"
    r"|emg|acc|\d{1,2})+",
    re.IGNORECASE,
)
_LABEL = "[A-Za-z0-9]+"
_PATH = re.compile(
    rf"(?:derivatives/crampwatch/)?sub-{_LABEL}/(?:ses-{_LABEL}/)?(?:(?:emg|eeg)/)?"
    rf"(?:(?:sub|ses|task|acq|run|recording|desc)-{_LABEL}_)+"
    r"(?:emg|eeg|events|channels|scans)\.(?:edf|bdf|tsv|json)"
)


def is_bids_name(path: Path) -> bool:
    """Return whether a path in a dataset is all BIDS, so that it can be renamed as a whole."""
    return _PATH.fullmatch(path.as_posix()) is not None


def sensor_label(name: str) -> str:
    """Return the name of a sensor where it tells leg, muscle or a number only, else nothing."""
    words = re.split(r"[-_ ]+", name)
    return name if all(_SENSORS.fullmatch(word) for word in words) else ""


@dataclass(slots=True)
class Names:
    """New labels by the old ones, numbered as they come.

    Kept are run numbers, the usual tasks, and sensors that are named by the leg or muscle.

    Attributes
    ----------
    subjects
        New label of each subject, without ``sub-``.
    """

    subjects: dict[str, str] = field(default_factory=dict)
    _others: dict[tuple[str, str], str] = field(default_factory=dict)

    def renamed(self, path: Path) -> Path:
        """Return the path of a BIDS file, relative to its dataset, with new labels."""
        *folders, name = path.parts
        stem, dot, suffix = name.partition(".")
        new = "_".join(self._entity(each) for each in stem.split("_"))
        return Path(*(self._entity(each) for each in folders), new + dot + suffix)

    def _entity(self, text: str) -> str:
        key, dash, label = text.partition("-")
        if not dash:
            return text
        if key == "sub":
            return f"sub-{self.subjects.setdefault(label, f'{len(self.subjects) + 1:02}')}"
        if key in ("desc", "run") and (label == "detector" or label.isdigit()):
            return text
        if (key == "task" and label in _TASKS) or (
            key in ("recording", "acq") and _SENSORS.fullmatch(label)
        ):
            return text
        same = sum(1 for known, _ in self._others if known == key)
        new = self._others.setdefault((key, label), f"{same + 1:02}")
        return f"{key}-{f'task{new}' if key == 'task' else new}"
