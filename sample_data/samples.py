"""The recordings that come with the package."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

_PLUX = "MIT, (c) 2018 PLUX Wireless Biosignals and the opensignalstool developers"


@dataclass(frozen=True, slots=True)
class Sample:
    """One recording that comes with the package.

    Attributes
    ----------
    name
        Short name.
    path
        EDF+ file.
    about
        What it is, one sentence.
    simulated
        Whether a simulator made it.
    truth
        True ``events.tsv`` of a simulated night, None for a real recording.
    licence
        Licence and owner.
    """

    name: str
    path: Path
    about: str
    simulated: bool
    truth: Path | None
    licence: str


def samples() -> tuple[Sample, ...]:
    """Return the recordings that come with the package, the simulated night first."""
    folder = Path(str(files(__package__))) / "recordings"
    night = folder / "simulated_night"
    real = folder / "biosignalsnotebooks"
    return (
        Sample(
            name="simulated_night",
            path=night / "simulated_night_sample_seed107.edf",
            about="SIMULATED: 33 minutes of a left leg (calf, shin, accelerometer) with one"
            " cramp-like contraction, a series of periodic leg movements, turns in bed and"
            " electrode artefacts.",
            simulated=True,
            truth=night / "events.tsv",
            licence="Apache-2.0",
        ),
        Sample(
            name="emg_bursts",
            path=real / "emg_bursts.edf",
            about="Biceps brachii (no leg muscle), cyclic contractions, 28.5 s, 1000 Hz,"
            " 16 bits.",
            simulated=False,
            truth=None,
            licence=_PLUX,
        ),
        Sample(
            name="emg_fatigue",
            path=real / "emg_fatigue.edf",
            about="Biceps brachii (no leg muscle), cyclic flexion and extension until fatigue,"
            " 127 s, 1000 Hz, 12 bits; strong bursts reach the limits of the converter.",
            simulated=False,
            truth=None,
            licence=_PLUX,
        ),
        Sample(
            name="moved_accelerometer",
            path=real / "sync_acc_1.edf",
            about="A three-axis accelerometer at rest and moved up and down (on no leg), 41 s,"
            " 1000 Hz, 16 bits.",
            simulated=False,
            truth=None,
            licence=_PLUX,
        ),
    )
