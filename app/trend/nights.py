"""Nights that were scored before, as their folders hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ...recording.annotations.diary import read_diary
from ...recording.annotations.tsv import read_events
from ...recording.annotations.vocabulary import muscle_of
from ...recording.errors import RecordingError
from ...recording.model import Event
from .facts import at, moment, number, read_facts, text

SUMMARY: Final = "summary.json"
EVENTS: Final = "events.tsv"

_CRAMPS: Final = ("cramp", "possible_cramp")
_RECORDINGS: Final = frozenset((".mcap", ".edf", ".bdf", ".h5"))
_DEPTH: Final = 3
_MOST_ENTRIES: Final = 20_000
_MOST_INSIDE: Final = 500
_NEVER: Final = datetime(9999, 1, 1)  # noqa: DTZ001 - stands for no clock at all
_SUBJECT: Final = re.compile(r"sub-[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class PastCramp:
    """A cramp-like contraction of a night.

    Attributes
    ----------
    onset_s, duration_s
        Seconds, the onset from the start of the recording.
    at
        Clock time of the onset, None where the recording has none.
    possible
        Whether it was found as a possible one only.
    confirmation
        ``confirmed``, ``denied``, or nothing where the sleeper said nothing of it.
    side, muscle
        Leg, and the entry of the vocabulary's muscles, as far as they are known.
    settled_s
        From the end until leg and muscle lay at rest, None where half an hour did not show it.
    """

    onset_s: float
    duration_s: float
    at: datetime | None
    possible: bool
    confirmation: str = ""
    side: str | None = None
    muscle: str | None = None
    settled_s: float | None = None

    @property
    def counts(self) -> bool:
        """Whether it counts: found and not denied, or a possible one that was confirmed."""
        if self.possible:
            return self.confirmation == "confirmed"
        return self.confirmation != "denied"


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PastNight:
    """A night of a person, as its folder tells.

    Attributes
    ----------
    folder
        Folder of the score, or of the recording where there is no score.
    person
        Whose it is: a part ``sub-X`` of its path, else the folder that holds the night.
    start
        When it began by the recorder's clock, or None.
    problem
        Why it is not scored, in one line; nothing where it is. All that follows is empty then.
    recorded_s, valid_s
        Seconds recorded, and scored on the best-covered signal.
    cramps
        All that were found, also those denied and the possible ones.
    remembered, missed, not_watched
        Cramps that the sleeper remembers or noted; of them those that were watched and not
        found, and those where no sensor was. None where the sleeper said nothing.
    plm_per_h, plm_definition
        Index of periodic limb movements by a standard, and what it counts; None where no
        signal could be scored so.
    factors
        What the diary tells of the day before, by the names of the vocabulary.
    restless_legs
        Whether restless legs were felt, None where it was not told.
    watched
        Legs and muscles whose EMG was scored, in words.
    intervened
        Whether alerts were told: how long its cramps lasted, and how many there were, is then
        no measure of a night that is left alone.
    simulated
        Whether the recording is simulated.
    judge
        What named the cramps, version and model together: nights with different ones are no
        fair comparison.
    notes
        What to know of the folder, one line each.
    """

    folder: Path
    person: str
    start: datetime | None = None
    problem: str = ""
    recorded_s: float = 0.0
    valid_s: float = 0.0
    cramps: tuple[PastCramp, ...] = ()
    remembered: int | None = None
    missed: int = 0
    not_watched: int = 0
    plm_per_h: float | None = None
    plm_definition: str = ""
    factors: Mapping[str, Any] = field(default_factory=_nothing)
    restless_legs: bool | None = None
    watched: tuple[str, ...] = ()
    intervened: bool = False
    simulated: bool = False
    judge: str = ""
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @property
    def scored(self) -> bool:
        """Whether there is a score that could be read."""
        return not self.problem

    @property
    def counted(self) -> tuple[PastCramp, ...]:
        """The cramp-like contractions that count."""
        return tuple(cramp for cramp in self.cramps if cramp.counts)

    @property
    def confirmed(self) -> int:
        """How many the sleeper confirmed."""
        return sum(cramp.confirmation == "confirmed" for cramp in self.cramps)

    @property
    def denied(self) -> int:
        """How many the sleeper denied."""
        return sum(cramp.confirmation == "denied" for cramp in self.cramps)

    @property
    def possible(self) -> int:
        """How many are possible only: neither confirmed nor denied."""
        return sum(cramp.possible and not cramp.confirmation for cramp in self.cramps)

    @property
    def evening(self) -> date | None:
        """Date of the evening it began on; before noon counts as the evening before."""
        if self.start is None:
            return None
        with suppress(OverflowError):
            return (self.start - timedelta(hours=12)).date()
        return None


def earlier_nights(folder: Path, start: datetime | None = None) -> tuple[PastNight, ...]:
    """Return the scored nights of the same person that lie beside a night, before it.

    Parameters
    ----------
    folder
        Folder of the night, scored or about to be; it need not exist.
    start
        When that night began; by default as its own summary tells. Where neither is known,
        nothing is earlier.

    Returns
    -------
    tuple of PastNight
        The oldest first; nights without a score or without a start are left out. A folder
        that cannot be read costs none of the others.
    """
    own = folder.resolve()
    if start is None and (own / SUMMARY).is_file():
        start = read_night(own).start
    if start is None:
        return ()
    person = person_of(own)
    found = [
        night
        for place in _folders(own.parent, [_MOST_ENTRIES])
        if place != own and _holds_night(place)
        for night in [read_night(place)]
        if night.person == person and night.start is not None and before(night.start, start)
    ]
    return tuple(night for night in in_order(found) if night.scored)


def find_nights(folders: Iterable[Path]) -> tuple[PastNight, ...]:
    """Return the nights in folders, scored or not, the oldest first.

    Parameters
    ----------
    folders
        Each a night, or a folder of nights, at most three levels deep.

    Raises
    ------
    RecordingError
        A folder does not exist, or holds no night.
    """
    places: dict[Path, None] = {}
    for folder in folders:
        if not folder.is_dir():
            what = "is no folder" if folder.exists() else "does not exist"
            raise RecordingError(f"{folder} {what}; name the folder that holds your nights")
        found = list(_places(folder, _DEPTH, [_MOST_ENTRIES]))
        if not found:
            raise RecordingError(
                f"{folder} holds no night; name a folder of nights that crampwatch record or"
                " score wrote"
            )
        places |= dict.fromkeys(place.resolve() for place in found)
    return in_order([read_night(place) for place in places])


def read_night(folder: Path) -> PastNight:
    """Return what the folder of a night holds; what cannot be read is told in `problem`."""
    person = person_of(folder)
    score = _score_folder(folder)
    if score is None:
        return PastNight(folder, person, problem="not scored")
    try:
        summary = read_facts(score / SUMMARY)
        events = read_events(score / EVENTS, _CRAMPS)
        valid_s, recorded_s = number(summary, "valid_s"), number(summary, "duration_s")
    except RecordingError as error:
        return PastNight(folder, person, problem=f"cannot be read: {error}")
    if valid_s is None or recorded_s is None or not 0 <= valid_s <= recorded_s + 1.0:
        problem = f"cannot be read: {SUMMARY} does not tell how much was scored"
        return PastNight(folder, person, problem=problem)
    start = moment(summary.get("start"))
    factors, restless, notes = _diary(folder, score, summary)
    remembered = _remembered(summary)
    plm_per_h, plm_definition = _plm(summary)
    return PastNight(
        folder=folder,
        person=person,
        start=start,
        recorded_s=recorded_s,
        valid_s=valid_s,
        cramps=tuple(_cramp(event, start, summary) for event in events),
        remembered=None if remembered is None else len(remembered),
        missed=(remembered or []).count("missed"),
        not_watched=(remembered or []).count("not_watched"),
        plm_per_h=plm_per_h,
        plm_definition=plm_definition,
        factors=factors,
        restless_legs=restless,
        watched=_watched(summary),
        intervened=summary.get("intervened") is True
        or at(summary, "alerts", "told") not in (None, 0),
        simulated=summary.get("simulated") is True,
        judge=_judge(summary),
        notes=tuple(notes),
    )


def person_of(folder: Path) -> str:
    """Return whose night a folder is."""
    place = folder.resolve()
    for part in reversed(place.parts):
        if _SUBJECT.fullmatch(part):
            return part
    return place.parent.name or "?"


def before(first: datetime, second: datetime) -> bool:
    """Return whether a moment lies before another; clocks without a zone are the recorder's."""
    if (first.tzinfo is None) != (second.tzinfo is None):
        return first.replace(tzinfo=None) < second.replace(tzinfo=None)
    return first < second


def in_order(nights: Sequence[PastNight]) -> tuple[PastNight, ...]:
    """Return nights by start, then name; a night that was scored twice counts once.

    The score that was written last stays; the others have a `problem`.
    """
    newest: dict[object, PastNight] = {}
    for night in nights:
        if night.scored and night.start is not None:
            other = newest.get(_same(night))
            if other is None or _written(night.folder) >= _written(other.folder):
                newest[_same(night)] = night
    found = []
    for night in nights:
        kept = newest.get(_same(night)) if night.scored else None
        if kept is not None and kept is not night:
            said = f"the same recording as {kept.name}, scored earlier"
            found.append(replace(PastNight(night.folder, night.person), problem=said))
        else:
            found.append(night)
    return tuple(sorted(found, key=_key))


def _same(night: PastNight) -> object:
    start = night.start.replace(tzinfo=None) if night.start else None
    return (night.person, start, round(night.recorded_s, 1))


def _key(night: PastNight) -> tuple[bool, datetime, str]:
    start = night.start.replace(tzinfo=None) if night.start else _NEVER
    return (night.start is None, start, night.name)


def _written(folder: Path) -> float:
    score = _score_folder(folder)
    with suppress(OSError):
        return (score / SUMMARY).stat().st_mtime if score else 0.0
    return 0.0


def _places(folder: Path, depth: int, left: list[int]) -> Iterator[Path]:
    """Yield the folders of nights in a folder, itself among them."""
    inside = [] if _is_scored(folder) else _folders(folder, left)
    if _holds_night(folder) and sum(_is_scored(each) for each in inside) < 2:
        yield folder
    elif depth:
        for each in inside:
            yield from _places(each, depth - 1, left)


def _is_scored(folder: Path) -> bool:
    return (folder / SUMMARY).is_file() and (folder / EVENTS).is_file()


def _score_folder(folder: Path) -> Path | None:
    """Return where the score lies: in the folder, or in the one scored folder inside it."""
    if _is_scored(folder):
        return folder
    found = [each for each in _folders(folder, [_MOST_INSIDE]) if _is_scored(each)]
    return found[0] if len(found) == 1 else None


def _holds_night(folder: Path) -> bool:
    with suppress(OSError):
        for count, entry in enumerate(folder.iterdir()):
            if count > _MOST_INSIDE:
                break
            if entry.suffix.lower() in _RECORDINGS and entry.is_file():
                return True
    return (folder / SUMMARY).is_file() or (folder / EVENTS).is_file()


def _folders(folder: Path, left: list[int]) -> list[Path]:
    found = []
    with suppress(OSError):
        for entry in folder.iterdir():
            left[0] -= 1
            if left[0] < 0:
                break
            if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
                found.append(entry)
    return sorted(found)


def _cramp(event: Event, start: datetime | None, summary: Mapping[str, Any]) -> PastCramp:
    said = event.extra.get("confirmation")
    settled = event.extra.get("settled_s")
    clock = None
    if start is not None:
        with suppress(OverflowError):
            clock = start + timedelta(seconds=event.onset)
    return PastCramp(
        onset_s=event.onset,
        duration_s=event.duration,
        at=clock,
        possible=event.trial_type == "possible_cramp",
        confirmation=said if said in ("confirmed", "denied") else "",
        side=event.side,
        muscle=muscle_of(_placement(event.channel, summary)),
        settled_s=float(settled) if isinstance(settled, int | float) else None,
    )


def _channels(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = summary.get("channels")
    return (
        [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
    )


def _placement(label: str | None, summary: Mapping[str, Any]) -> str | None:
    for channel in _channels(summary):
        if label is not None and channel.get("label") == label:
            return text(channel.get("placement")) or None
    return None


def _watched(summary: Mapping[str, Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for channel in _channels(summary):
        scored = channel.get("status") == "ok" and channel.get("rule")
        if channel.get("kind") == "emg" and scored:
            muscle = muscle_of(text(channel.get("placement"))) or text(channel.get("label"))
            found[" ".join(filter(None, (text(channel.get("side")), muscle)))] = None
    return tuple(found)


def _remembered(summary: Mapping[str, Any]) -> list[str] | None:
    """Return the outcome of each cramp that was told of; None where nothing was said."""
    said = summary.get("said")
    if not isinstance(said, Mapping):
        return None
    told = said.get("remembered")
    entries = (
        [each for each in told if isinstance(each, Mapping)] if isinstance(told, list) else []
    )
    cramps = [text(each.get("outcome")) for each in entries if each.get("kind") == "cramp"]
    # notes of the night alone do not tell that there was nothing else
    return cramps if cramps or said.get("cramps_in_diary") is not None else None


def _plm(summary: Mapping[str, Any]) -> tuple[float | None, str]:
    standard = at(summary, "leg_movements", "standard")
    indices = at(summary, "leg_movements", "by_rule", standard, "indices")
    for name in ("plms_index", "plm_per_valid_hour"):
        entry = indices.get(name) if isinstance(indices, Mapping) else None
        if isinstance(entry, Mapping):
            value = number(entry, "value")
            if value is not None and value >= 0:
                return value, text(entry.get("definition"))
    return None, ""


def _diary(
    folder: Path, score: Path, summary: Mapping[str, Any]
) -> tuple[Mapping[str, Any], bool | None, list[str]]:
    """Return factors, restless legs and remarks; a diary in the folder is the newer truth."""
    notes: list[str] = []
    said = summary.get("said")
    factors = said.get("factors") if isinstance(said, Mapping) else None
    restless = said.get("restless_legs") if isinstance(said, Mapping) else None
    try:
        diary = read_diary(folder)
    except RecordingError as error:
        diary = None
        notes.append(str(error))
    if diary is not None:
        factors, restless = diary.factors, diary.told.get("restless_legs")
        with suppress(OSError):
            written = (folder / "diary.json").stat().st_mtime
            if not isinstance(said, Mapping) and written > (score / SUMMARY).stat().st_mtime:
                notes.append("the diary is newer than the score: score the night again")
    kept = dict(factors) if isinstance(factors, Mapping) else {}
    return MappingProxyType(kept), restless if isinstance(restless, bool) else None, notes


def _judge(summary: Mapping[str, Any]) -> str:
    model = summary.get("model")
    if not isinstance(model, Mapping):
        return ""
    name, digest = text(model.get("name")) or text(model.get("kind")), text(model.get("sha256"))
    return f"{name} {digest[:12]}".strip()
