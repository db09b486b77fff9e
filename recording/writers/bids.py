"""A night as EMG-BIDS: one subject of a dataset that other programs read.

BIDS 1.11, section Electromyography (bids-specification.readthedocs.io). One file for each
sensor; marks in ``_events.tsv``; what a detector found lies under ``derivatives/``, so that
nobody takes it for marks of a person.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..annotations.calibration import is_calibration
from ..annotations.diary import Diary
from ..annotations.tsv import write_events
from ..errors import RecordingError
from ..model import Event, Night, Stream
from .beside import write_text_beside
from .bids_diary import keep_diary
from .continuous import Continuous, write_continuous
from .sensors import bids_label, by_sensor, device_of, header_fields, says_simulated

BIDS_VERSION = "1.11.1"

MUSCLES: Mapping[str, str] = {
    "TA": "tibialis anterior",
    "GM": "medial gastrocnemius",
    "GL": "lateral gastrocnemius",
    "GAS": "gastrocnemius",
    "SOL": "soleus",
    "PL": "peroneus longus",
    "VL": "vastus lateralis",
    "VM": "vastus medialis",
    "RF": "rectus femoris",
    "BF": "biceps femoris",
    "ST": "semitendinosus",
    "QUAD": "quadriceps",
    "HAM": "hamstrings",
    "EDB": "extensor digitorum brevis",
    "AH": "abductor hallucis",
}
"""Names of the muscles in labels."""

_PARTICIPANTS = Path("participants.tsv")
_TYPES = {"emg": "EMG", "ecg": "ECG"}
_COLUMNS = ("name", "type", "units", "description", "sampling_frequency", "reference",
            "group", "target_muscle", "placement_scheme", "status",
            "status_description")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a night goes in a dataset.

    Attributes
    ----------
    subject, session
        Labels without ``sub-`` and ``ses-``: letters and digits; no session is empty.
    task
        What the person did.
    """

    subject: str = "01"
    session: str = ""
    task: str = "sleep"

    def __post_init__(self) -> None:
        for name in ("subject", "session", "task"):
            text = getattr(self, name)
            if bids_label(text) != text or not (text or name == "session"):
                raise RecordingError(
                    f"{text!r} cannot be a BIDS {name}: use letters and digits only"
                )

    @property
    def stem(self) -> str:
        """Beginning of the names of all files of the night."""
        return f"{self._who()}_task-{self.task}"

    @property
    def folder(self) -> Path:
        """Folder of the subject, or of the session, in the dataset."""
        person = Path(f"sub-{self.subject}")
        return person / f"ses-{self.session}" if self.session else person

    @property
    def scans(self) -> Path:
        """The table of the files of the subject or the session, in the dataset."""
        return self.folder / f"{self._who()}_scans.tsv"

    def _who(self) -> str:
        return f"sub-{self.subject}" + (f"_ses-{self.session}" if self.session else "")


def write_bids(
    root: Path,
    night: Night,
    place: Place,
    *,
    marks: Sequence[Event] | None = None,
    found: Sequence[Event] = (),
    version: str = "",
    mains_hz: float | None = None,
    diary: Diary | None = None,
    into: Path | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> tuple[Continuous, ...]:
    """Write a night into the folder of a dataset that is being made.

    Parameters
    ----------
    root
        Folder to write into; what is there is replaced.
    night
        Night to write.
    place
        Subject, session and task.
    marks
        What persons marked; by default the events of the night.
    found
        What a detector found: written under ``derivatives/crampwatch``.
    version
        Version of this program.
    mains_hz
        Frequency of the mains where it was recorded, where known.
    diary
        What the sleeper told: a row of `bids_diary.TABLE`, and the whole under
        ``sourcedata/``.
    into
        Dataset that the files will be moved into: its tables of participants and scans are
        continued, its description and its README are kept.
    progress
        Called with the part done, from 0 to 1.

    Returns
    -------
    tuple of Continuous
        The files of samples.

    Raises
    ------
    RecordingError
        The night holds no samples, or a file cannot be written.
    """
    sensors = by_sensor(night)
    if not sensors:
        raise RecordingError("no samples to export; the night is empty")
    marks = night.events if marks is None else marks
    folder = root / place.folder / "emg"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    about = {
        "SoftwareVersions": f"Crampwatch {version}".strip(),
        "PowerLineFrequency": mains_hz or "n/a",
    }
    names = _entities(list(sensors))
    for number, (sensor, streams) in enumerate(sensors.items()):
        stem = f"{place.stem}{names[sensor]}"
        patient, recording = header_fields(night, sensor)
        file = write_continuous(
            folder / f"{stem}_emg",
            streams,
            start=night.start,
            # who reads the samples alone must not take it for the night
            events=[event for event in marks if is_calibration(event)],
            patient=patient,
            recording=recording,
            progress=lambda part, n=number: progress((n + part) / len(sensors)),  # type: ignore[misc]
        )
        written.append(file)
        _json(folder / f"{stem}_emg.json", _sidecar(night, sensor, place, file) | about)
        _tsv(folder / f"{stem}_channels.tsv", _channels(file, sensor))
    write_events(folder / f"{place.stem}_events.tsv", marks)
    if found:
        _derivative(root, place, found, version)
    start = "n/a"
    if night.start is not None:
        start = night.start.replace(tzinfo=None, microsecond=0).isoformat()
    new = [[f"emg/{file.path.name}", start] for file in written]
    _tsv(root / place.scans, _continued(into, place.scans, ["filename", "acq_time"], new))
    table = _continued(into, _PARTICIPANTS, ["participant_id"], [[f"sub-{place.subject}"]])
    _tsv(root / _PARTICIPANTS, table)
    if diary is not None:
        keep_diary(root, diary, place.folder, place.stem, into=into)
    _dataset(root, version, into)
    return tuple(written)


def _entities(sensors: Sequence[str]) -> dict[str, str]:
    """Return the entity that tells the files of the sensors apart, by sensor."""
    if len(sensors) == 1:
        return {sensors[0]: ""}
    labels = [bids_label(sensor) or "sensor" for sensor in sensors]
    return {
        sensor: f"_recording-{label}" + (str(number) if labels.count(label) > 1 else "")
        for number, (sensor, label) in enumerate(zip(sensors, labels, strict=True), 1)
    }


def _sidecar(night: Night, sensor: str, place: Place, file: Continuous) -> dict[str, Any]:
    emg = [track for track in file.tracks if track.stream.kind == "emg"]
    main = max(track.rate_hz for track in emg or file.tracks)
    about = "A night in bed, recorded at home or in the laboratory."
    if says_simulated(night):
        about = "Simulated: no muscle was measured."
    device = device_of(night, sensor)
    gaps = "Stretches without samples hold the last value and are marked BAD_gap."
    told = [*night.notes, *file.notes, *(n for t in file.tracks for n in t.stream.notes)]
    return {
        "TaskName": place.task,
        "TaskDescription": about,
        **({"ManufacturersModelName": device} if device else {}),
        "EMGPlacementScheme": "Other",
        "EMGPlacementSchemeDescription": "Over the muscle that the channel names, if it "
        "names one; how the place was found is not known.",
        "EMGReference": "not stated by the recording",
        "SamplingFrequency": main,
        "HardwareFilters": "n/a",
        "SoftwareFilters": "n/a",
        "RecordingType": "continuous",
        "RecordingDuration": file.duration_s,
        "EMGChannelCount": sum(len(track.labels) for track in emg),
        "SubjectArtefactDescription": " ".join([gaps, *(f"{note}." for note in told)]),
    }


def _channels(file: Continuous, sensor: str) -> list[list[str]]:
    rows = [list(_COLUMNS)]
    for track in file.tracks:
        stream = track.stream
        for axis, label in enumerate(track.labels):
            status = "" if stream.calibrated else "scale not calibrated"
            rows.append([
                label,
                _TYPES.get(stream.kind, "MISC"),
                {"count": "n/a", "": "n/a"}.get(stream.unit, stream.unit),
                _description(stream, axis),
                f"{track.rate_hz:.10g}",
                "n/a",
                sensor or "n/a",
                _muscle(stream),
                "other" if stream.kind == "emg" else "n/a",
                "good" if stream.calibrated else "n/a",
                "; ".join(filter(None, (status, "" if track.exact else "resampled"))) or "n/a",
            ])  # fmt: skip
    return rows


def _description(stream: Stream, axis: int) -> str:
    kinds = {"emg": "Electromyogram", "acc": "Acceleration", "gyro": "Rotation",
             "ecg": "Electrocardiogram", "other": "Other signal"}  # fmt: skip
    words = [kinds[stream.kind]]
    if stream.side:
        words.append(f"{stream.side} leg")
    if stream.axes:
        words.append(f"axis {stream.axes[axis]}")
    return ", ".join(words)


def _muscle(stream: Stream) -> str:
    if stream.kind != "emg" or not stream.placement:
        return "n/a"
    name = MUSCLES.get(stream.placement, stream.placement)
    return f"{stream.side} {name}" if stream.side else name


def _derivative(root: Path, place: Place, found: Sequence[Event], version: str) -> None:
    home = root / "derivatives" / "crampwatch"
    folder = home / place.folder / "emg"
    folder.mkdir(parents=True, exist_ok=True)
    write_events(folder / f"{place.stem}_desc-detector_events.tsv", found)
    _json(
        home / "dataset_description.json",
        {
            "Name": "What the detector of Crampwatch found",
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "derivative",
            "GeneratedBy": [_program(version)],
        },
    )


def _dataset(root: Path, version: str, into: Path | None) -> None:
    home = into or root
    if not (home / "dataset_description.json").exists():
        _json(
            root / "dataset_description.json",
            {
                "Name": "Nights of leg electromyography",
                "BIDSVersion": BIDS_VERSION,
                "DatasetType": "raw",
                "GeneratedBy": [_program(version)],
            },
        )
    if not any(home.glob("README*")):
        write_text_beside(root / "README.md", README)


def _continued(
    into: Path | None, name: Path, header: list[str], rows: list[list[str]]
) -> list[list[str]]:
    """Return a table that is there with rows added, or a new one."""
    if into is None or not (into / name).is_file():
        return [header, *rows]
    lines = (into / name).read_text("utf-8-sig", errors="replace").splitlines()
    old = [line.split("\t") for line in lines if line.strip()]
    if not old or old[0][0] != header[0]:
        raise RecordingError(f"{into / name}: its first column is not {header[0]}")
    names, known = old[0], {row[0] for row in old[1:]}
    for row in rows:
        if row[0] not in known:
            cells = dict(zip(header, row, strict=True))
            old.append([cells.get(column, "n/a") for column in names])
    return old


def _program(version: str) -> dict[str, str]:
    return {"Name": "Crampwatch", **({"Version": version} if version else {})}


def _json(path: Path, value: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text_beside(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _tsv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    clean = ["\t".join(" ".join(cell.split()) or "n/a" for cell in row) for row in rows]
    write_text_beside(path, "\n".join(clean) + "\n")


README = """# Nights of leg electromyography

Exported by Crampwatch, research and self-logging software, not a medical device.

One file for each sensor, on the clock of the night. A stretch without samples holds the last
value and is marked `BAD_gap` in the annotations of the file: it is no measurement.
`_events.tsv` holds marks of persons; what a detector found, if it is here, lies under
`derivatives/crampwatch`. What sleepers told in the morning, if anything, is in `phenotype/`,
and in their own words under `sourcedata/`. EMG cannot show pain: `cramp` means a cramp-like
contraction.
"""
"""What ``README.md`` of a dataset says."""
