"""The table that a detector learns from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]

LEFT_OUT = ("other muscle", "barely touched", "not yet", "uncertain", "annotators disagree")
"""Why a contraction is neither a lesson nor a counterexample."""


@dataclass(frozen=True, slots=True)
class NightFacts:
    """One night of the table.

    Attributes
    ----------
    id, person, source, group, family
        As in `LabelledNight`; `person` is empty where nobody says.
    held_out
        Whether it is kept out of training.
    hours, valid_hours
        Length, and what of it could be scored, hours.
    sensors
        What was recorded, a few words.
    format
        Format of the recording.
    compared, agreed, kappa
        Complete contractions that two annotators both judged, on how many they agree, and
        Cohen's kappa, None where there is no second opinion or kappa is not defined.
    identity
        Digest of what was scored.
    everyday
        Whether it is a night as nights are, and not one that was made harder.
    """

    id: str
    person: str
    source: str
    group: str
    family: str
    held_out: bool
    hours: float
    valid_hours: float
    sensors: str
    format: str
    compared: int = 0
    agreed: int = 0
    kappa: float | None = None
    identity: str = ""
    everyday: bool = True

    @property
    def scorable(self) -> bool:
        """Whether anything of the night could be scored."""
        return self.valid_hours > 0


@dataclass(frozen=True, slots=True)
class CrampFacts:
    """One true cramp.

    Attributes
    ----------
    night
        Number of its night in the table.
    onset_s, duration_s
        Seconds from the start of the night.
    side, channel
        Where it is, empty where nobody says.
    met
        Whether a contraction that was looked at covers it.
    """

    night: int
    onset_s: float
    duration_s: float
    side: str
    channel: str
    met: bool


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Contractions, one row each; a contraction has further rows for what was known early.

    Attributes
    ----------
    night
        Number of the night, int32, shape ``(n,)``.
    onset_s, duration_s
        Seconds from the start of the night, float64.
    cut_s
        Time after the onset at which knowledge ended, seconds; NaN for complete ones.
    side, muscle, channel
        Texts, empty where not known.
    label
        1 a cramp, 0 none, -1 left out; int8.
    left_out
        Why it is left out, empty else.
    mimic
        What it overlaps most, in the words of the truth; ``nothing`` else.
    cramp
        Number of the true cramp that it covers, -1 for none; int32.
    values
        Features, float32, shape ``(n, features)``; NaN is not known.
    """

    night: NDArray[np.int32]
    onset_s: NDArray[np.float64]
    duration_s: NDArray[np.float64]
    cut_s: NDArray[np.float64]
    side: Texts
    muscle: Texts
    channel: Texts
    label: NDArray[np.int8]
    left_out: Texts
    mimic: Texts
    cramp: NDArray[np.int32]
    values: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.night)

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Which rows know the whole contraction."""
        return np.isnan(self.cut_s)

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Rows:
        """Return some of the rows."""
        return Rows(**{f.name: getattr(self, f.name)[which] for f in fields(self)})


@dataclass(frozen=True, slots=True, eq=False)
class TrainingTable:
    """Nights, their true cramps, and the contractions that were looked at.

    Attributes
    ----------
    features
        Names of the columns of ``rows.values``.
    catalogue
        Digest of the catalogue of features.
    settings
        Digest of the settings of the detector.
    nights, cramps
        One entry for each.
    rows
        Contractions, in the order of the nights.
    """

    features: tuple[str, ...]
    catalogue: str
    settings: dict[str, dict[str, object]]
    nights: tuple[NightFacts, ...]
    cramps: tuple[CrampFacts, ...]
    rows: Rows

    @property
    def persons(self) -> Texts:
        """Person of each night; a night of nobody's is a person of its own."""
        return np.array(
            [night.person or f"nobody: {night.id}" for night in self.nights], dtype=object
        )

    def digest(self) -> str:
        """Return a digest of what can be learned from the table."""
        digest = hashlib.sha256(repr((self.features, self.nights, self.cramps)).encode())
        rows = self.rows
        for array in (rows.night, rows.onset_s, rows.cut_s, rows.label, rows.values):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def of_nights(self, keep: NDArray[np.bool_]) -> TrainingTable:
        """Return the table of some of its nights.

        Parameters
        ----------
        keep
            One flag for each night.
        """
        number = np.cumsum(keep) - 1
        chosen = [c for c in self.cramps if keep[c.night]]
        cramp_kept = np.array([keep[c.night] for c in self.cramps], bool)
        cramp_number = np.append(np.where(cramp_kept, np.cumsum(cramp_kept) - 1, -1), -1)
        rows = self.rows.take(keep[self.rows.night])
        rows = replace(
            rows,
            night=number[rows.night].astype(np.int32),
            cramp=cramp_number[rows.cramp].astype(np.int32),
        )
        return replace(
            self,
            nights=tuple(n for n, kept in zip(self.nights, keep, strict=True) if kept),
            cramps=tuple(replace(c, night=int(number[c.night])) for c in chosen),
            rows=rows,
        )


def join(tables: Sequence[TrainingTable]) -> TrainingTable:
    """Return several tables of the same features as one.

    Raises
    ------
    ValueError
        Their features differ, or there is no table.
    """
    first = tables[0]
    if any(t.features != first.features or t.catalogue != first.catalogue for t in tables):
        raise ValueError("tables of different features")
    nights: list[NightFacts] = []
    cramps: list[CrampFacts] = []
    parts: list[Rows] = []
    for table in tables:
        moved, later = len(nights), len(cramps)
        rows = table.rows
        cramp = np.where(rows.cramp < 0, -1, rows.cramp + later).astype(np.int32)
        parts.append(replace(rows, night=(rows.night + moved).astype(np.int32), cramp=cramp))
        cramps.extend(replace(c, night=c.night + moved) for c in table.cramps)
        nights.extend(table.nights)
    rows = Rows(
        **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Rows)}
    )
    return replace(first, nights=tuple(nights), cramps=tuple(cramps), rows=rows)
