"""From a recording to a folder of results."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..detection import score_night
from ..detection.result import NightScore
from ..detection.settings import Settings
from ..recording.annotations.read import read_hypnogram
from ..recording.annotations.tsv import write_events
from ..recording.errors import RecordingError
from ..recording.model import Event, Night
from ..recording.readers import open_recording
from ..recording.writers.beside import write_folder
from .diary.said import Said, with_what_was_said
from .jsontext import to_json
from .judging import Judging, find_judge
from .provenance import fingerprint, provenance, verb_of
from .record.alerts.intervened import Told, alerts_told
from .report.words import DISCLAIMER, is_simulated

if TYPE_CHECKING:
    from .report.told import NightTold

RESULTS = (
    *("events.tsv", "events.json", "summary.json", "provenance.json"),
    *("tracks.json", "report.html"),
)


@dataclass(frozen=True, slots=True)
class Request:
    """What to score, and how.

    Attributes
    ----------
    path
        Recording: a file or a folder.
    settings
        Settings of the detector.
    rate_hz, unit
        Sampling rate and EMG unit, for formats that do not state them.
    label_map
        Canonical label by label in the file.
    hypnogram
        File of sleep stages, or None.
    verb
        Verb that asked, for the provenance.
    model
        File of a model, ``rule`` for the transparent rule, None for the shipped model.
    """

    path: Path
    settings: Settings = field(default_factory=Settings)
    rate_hz: float | None = None
    unit: str | None = None
    label_map: Mapping[str, str] = field(default_factory=dict)
    hypnogram: Path | None = None
    verb: str = "score"
    model: str | None = None

    def open(self) -> Night:
        """Open the recording."""
        return open_recording(
            self.path, rate_hz=self.rate_hz, label_map=dict(self.label_map), unit=self.unit
        )

    def judging(self) -> Judging:
        """Return who names cramp-like contractions."""
        return find_judge(self.model, self.settings)

    def arguments(self) -> dict[str, Any]:
        """Return the arguments as they go into the provenance."""
        return {
            "verb": self.verb,
            "recording": self.path.resolve().name,
            "rules": self.settings.rules,
            "rate_hz": self.rate_hz,
            "unit": self.unit,
            "map": dict(self.label_map),
            "model": None if self.model is None else Path(self.model).name,
            "hypnogram": None if self.hypnogram is None else fingerprint(self.hypnogram),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A recording with its score.

    Attributes
    ----------
    name
        Name of the recording, without its folder.
    night, score
        The recording and what was found in it.
    provenance
        Where the score comes from, JSON-ready.
    said
        What the sleeper said, None where the folder of the night holds nothing of it.
    alerts
        The alerts that were told in the night, None where there were none.
    stages
        Stages of sleep as events, where there is a hypnogram.
    """

    name: str
    night: Night
    score: NightScore
    provenance: Mapping[str, Any]
    said: Said | None = None
    alerts: Told | None = None
    stages: tuple[Event, ...] = ()

    @property
    def simulated(self) -> bool:
        """Whether the recording says that it is simulated."""
        return is_simulated(self.night)

    def told(self) -> NightTold:
        """Return what the page is made from."""
        from .report.told import night_told

        return night_told(
            self.name,
            self.night,
            self.score,
            self.provenance,
            self.said,
            intervened=self.alerts is not None,
            stages=self.stages,
        )

    def summary(self) -> dict[str, Any]:
        """Return the contents of ``summary.json``."""
        start = self.night.start
        return {
            "recording": self.name,
            "start": start.isoformat() if start else None,
            "format": self.night.format,
            "simulated": self.simulated,
            "model": dict(self.provenance.get("model", {})),
            **self.score.summary(),
            "said": self.said.summary() if self.said else None,
            "intervened": self.alerts is not None,
            "alerts": self.alerts.summary() if self.alerts else None,
            "notes": list(self.night.notes),
            "disclaimer": DISCLAIMER,
        }


def score_recording(
    request: Request, progress: Callable[[float], None] | None = None
) -> Scored:
    """Read and score a recording.

    Parameters
    ----------
    request
        What to score, and how.
    progress
        Called with the part done, from 0 to 1.

    Raises
    ------
    CrampwatchError
        The recording cannot be read or scored; one line that says why.
    """
    judging = request.judging()
    night = request.open()
    stages = None
    if request.hypnogram is not None:
        stages = read_hypnogram(request.hypnogram, recording_start=night.start)
    score = score_night(
        night, request.settings, hypnogram=stages, judge=judging.judge, progress=progress
    )
    score = replace(score, warnings=(*score.warnings, *judging.remarks))
    alerts = alerts_told(request.path, night)
    if alerts is not None:
        score = replace(score, warnings=(*score.warnings, alerts.sentence(night.start)))
    score, said = with_what_was_said(request.path, night, score)
    origin = {
        **provenance(request.path, night, request.settings, request.arguments()),
        "model": dict(judging.facts),
    }
    if said is not None:
        origin["said"] = [fingerprint(file) for file in said.files]
    if alerts is not None and alerts.file is not None:
        origin["alerts"] = fingerprint(alerts.file)
    shown = () if stages is None else stages.events()
    return Scored(request.path.resolve().name, night, score, origin, said, alerts, shown)


def refuse_out(out: Path) -> None:
    """Raise before the work, where `out` can be seen to be no place for results.

    Raises
    ------
    RecordingError
        `out` is a file, may not be written, or holds files of these names that are not
        results of this program: marks made by hand are not written over.
    """
    if not out.is_dir():
        if out.exists():
            raise RecordingError(f"cannot write into {out}: it is a file; name a folder")
        return
    if not os.access(out, os.W_OK | os.X_OK):
        raise RecordingError(f"cannot write into {out}: no right to; name another folder")
    foreign = [name for name in RESULTS if (out / name).exists()]
    if foreign and verb_of(out) is None:
        raise RecordingError(
            f"{out} holds {foreign[0]} from elsewhere, which would be lost; name another folder"
        )


def write_score(scored: Scored, out: Path, *, report: bool = True) -> list[str]:
    """Write the results into `out`: all of them, or none.

    Returns
    -------
    list of str
        Names of the files, ``events.tsv`` first.

    Raises
    ------
    RecordingError
        The folder cannot be written.
    """
    from .report.reading import TRACKS, tracks_text

    with write_folder(out) as folder:
        write_events(folder / "events.tsv", scored.score.events)
        (folder / "summary.json").write_text(to_json(scored.summary()) + "\n", "utf-8")
        (folder / "provenance.json").write_text(to_json(scored.provenance) + "\n", "utf-8")
        told = scored.told()
        (folder / TRACKS).write_text(tracks_text(told), "utf-8")
        if report:
            from .report.making import earlier_ones
            from .report.page import page_of

            page = page_of(told, earlier_ones(out, told))
            (folder / "report.html").write_text(page, "utf-8")
        return sorted(file.name for file in folder.iterdir())
