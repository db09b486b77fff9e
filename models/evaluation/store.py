"""Judged nights on disk, so that a long run that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ...recording.errors import RecordingError
from ...recording.writers.beside import cannot_write, write_text_beside
from ..nights import LabelledNight
from .tally import NightTally, tally_from_json

FORMAT = 1
_MOST_BYTES = 1 << 28


class Store:
    """A folder of judged nights.

    A night is known again by its identity and its truth, by the detector, and by the source
    of this program: whatever changes the answer makes it another night.

    Parameters
    ----------
    folder
        Made where it is missing; anything in it that is not a judged night is left alone.
    stamp
        What else the answer depends on: the model, the settings, live or not.
    """

    def __init__(self, folder: Path, stamp: str) -> None:
        self._folder = folder
        self._stamp = stamp

    def get(self, night: LabelledNight) -> NightTally | None:
        """Return the night as judged before, or None."""
        file = self._file(night)
        try:
            if file.stat().st_size > _MOST_BYTES:
                return None
            found = json.loads(file.read_text("utf-8"))
            if found["key"] != self._key(night):
                return None
            return tally_from_json(found["night"])
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
        ):
            # whatever is wrong with it, the night can be judged again
            return None

    def put(self, night: LabelledNight, tally: NightTally) -> None:
        """Keep a judged night.

        Raises
        ------
        RecordingError
            The folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(self._folder, error) from error
        text = json.dumps({"key": self._key(night), "night": tally.as_json()}, allow_nan=False)
        write_text_beside(self._file(night), text + "\n")

    def _key(self, night: LabelledNight) -> str:
        known = [FORMAT, program_digest(), self._stamp, night.id, night.identity, night.person]
        rows = [
            (e.onset, e.duration, e.trial_type, e.side, e.channel, sorted(e.extra.items()))
            for e in (*night.truth, *night.unmarked)
        ]
        facts = [night.source, night.group, night.held_out, sorted(night.about.items())]
        return hashlib.sha256(repr([known, rows, facts]).encode()).hexdigest()

    def _file(self, night: LabelledNight) -> Path:
        readable = "".join(c if c.isalnum() or c in "-_" else "_" for c in night.id)[-80:]
        short = hashlib.sha256(night.id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return self._folder / f"{readable}-{short}.json"


@cache
def program_digest() -> str:
    """Return a digest of the source that a judged night depends on.

    Raises
    ------
    RecordingError
        The source of the program cannot be read.
    """
    digest = hashlib.sha256()
    try:
        for file in _sources():
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    except OSError as error:
        raise RecordingError(f"cannot read the program's own source: {error}") from error
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    from ... import detection, recording

    for package in (recording, detection):
        yield from sorted(Path(str(package.__file__)).parent.rglob("*.py"))
    yield from sorted(Path(__file__).parent.glob("*.py"))
