"""From a recording to the desk and the page of one annotator."""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...recording.errors import RecordingError
from ...recording.model import Night
from ...recording.readers import open_recording
from .log import SUFFIX, LabelLog, check_name, read_log

if TYPE_CHECKING:
    from bokeh.document import Document

FOLDER = "labels"
"""Folder of the logs, in that of the night."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A night to be labelled, and where its labels lie.

    Attributes
    ----------
    night
        The night.
    name
        Its name, without its folder.
    files
        Files that it was read from.
    folder
        Folder of the night.
    logs
        Folder of the logs of its annotators.
    """

    night: Night
    name: str
    files: tuple[Path, ...]
    folder: Path
    logs: Path

    def log_of(self, annotator: str) -> Path:
        """Return the file of an annotator's log."""
        return self.logs / f"{check_name(annotator)}{SUFFIX}"


def place_of(path: Path, night: Night | None = None) -> Place:
    """Return the night at a path.

    Labels lie in ``labels/`` of its folder; those of a file in a folder of several recordings
    in ``NAME_labels/`` beside it.

    Raises
    ------
    RecordingError
        The recording cannot be read, or holds no signal.
    """
    found = open_recording(path) if night is None else night
    if not any(stream.n_samples for stream in found.streams):
        raise RecordingError(f"{path}: there is no signal in it to look at")
    whole = path.resolve()
    if whole.is_dir():
        source = found.source
        if source is not None and source.is_file():
            files: tuple[Path, ...] = (source,)
        else:
            home = source if source is not None and source.is_dir() else whole
            files = tuple(sorted(each for each in home.iterdir() if each.is_file()))
        return Place(found, whole.name, files, whole, whole / FOLDER)
    if _is_alone(whole, found):
        return Place(found, whole.parent.name, (whole,), whole.parent, whole.parent / FOLDER)
    logs = whole.with_name(f"{whole.stem}_{FOLDER}")
    return Place(found, whole.name, (whole,), whole.parent, logs)


def usual_annotator() -> str:
    """Return the name of who is logged in, as it can stand in a file name."""
    name = ""
    with suppress(OSError, KeyError, ImportError):
        name = getpass.getuser()
    clean = re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-")[:40]
    return clean or "me"


def import_labels(place: Place, annotator: str, path: Path) -> tuple[int, tuple[str, ...]]:
    """Take the marks of a file over into an annotator's log.

    Returns
    -------
    tuple
        How many were new, and what was left out.

    Raises
    ------
    RecordingError
        The file cannot be read, or the annotator is at work on this night.
    """
    from .desk import Desk
    from .exchange import labels_in

    with LabelLog(place.log_of(annotator), annotator) as log:
        desk = Desk(log, place.night.duration_s)
        edit, notes = labels_in(path, place.night, desk.labels)
        if edit.labels:
            desk.take_over(edit)
        return len(edit.labels), (*desk.notes, *notes)


def export_labels(place: Place, annotator: str, path: Path) -> tuple[Path, int]:
    """Write an annotator's labels as `exchange.labels_out` does.

    Returns
    -------
    tuple
        The file, and how many labels it holds.

    Raises
    ------
    RecordingError
        There is no such log, or the file cannot be written.
    """
    from .exchange import labels_out
    from .labels import Labels

    source = place.log_of(annotator)
    if not source.is_file():
        known = ", ".join(sorted(p.stem for p in place.logs.glob(f"*{SUFFIX}"))[:8])
        there = f"; there are those of {known}" if known else ""
        raise RecordingError(f"{place.name} has no labels of {annotator}{there}")
    events = Labels(read_log(source).steps).events()
    return labels_out(path, events, annotator, place.night.start), len(events)


def label_night(
    place: Place,
    annotator: str,
    proposals: Path | None = None,
    *,
    blind: bool = False,
    port: int = 0,
    ready: Callable[[str], None],
    progress: Callable[[float], None] | None = None,
    browser: bool = True,
) -> None:
    """Serve the page of one annotator until it is ended.

    Parameters
    ----------
    place
        The night.
    annotator
        Who labels.
    proposals
        An ``events.tsv``; by default that which `score` wrote into the night's folder.
    blind
        Whether the detector's events and the labels of others stay unseen.
    port
        Port, 0 for any that is free.
    ready
        Called with the address once the page can be opened.
    progress
        Called with the part done while the overview is made.
    browser
        Whether to open it in the user's browser.

    Raises
    ------
    CrampwatchError
        The annotator is at work on this night already, the port is in use, something cannot
        be read or written.
    """
    from ..loopback.browser import opened_in_browser
    from ..loopback.server import LoopbackServer
    from ..report.words import SIMULATED, is_simulated
    from .bands import Lanes
    from .cache import night_views
    from .desk import Desk
    from .others import Others
    from .page import Page
    from .proposals import own_proposals, read_proposals
    from .sleeper_marks import marks_of
    from .tracks import Tracks, shown_streams
    from .window import Window

    night = place.night
    with LabelLog(place.log_of(annotator), annotator) as log:
        source = own_proposals(place.folder) if proposals is None else proposals
        found = () if source is None or blind else read_proposals(source)
        desk = Desk(log, night.duration_s, found)
        shown = shown_streams(night)
        marks, notes = marks_of(place.folder, night)
        hidden = sum(1 for stream in night.streams if stream.n_samples) - len(shown)
        if hidden:
            notes = (*notes, f"{hidden} more signals of this recording are not shown")
        views = night_views(night, shown, place.files, place.folder, progress)
        tracks = Tracks(views, night.duration_s)
        others = Others(None if blind else place.logs, annotator)

        def open_page(document: Document) -> None:
            page = Page(
                desk,
                tracks,
                Lanes(tracks, {}, marks),
                others,
                Window(night.duration_s, len(tracks)),
                title=place.name,
                start=night.start,
                banner=SIMULATED if is_simulated(night) else "",
                notes=(*notes, *night.notes),
            )
            page.open(document)

        server = LoopbackServer(open_page, port)

        def begin() -> None:
            ready(server.url)

        if browser:
            with opened_in_browser(server.url):
                server.run(begin)
        else:
            server.run(begin)


def _is_alone(path: Path, night: Night) -> bool:
    """Return whether a folder is that of one night, and this is its recording."""
    try:
        inside = open_recording(path.parent)
    except RecordingError:
        return False
    return inside.source is not None and inside.source == night.source
