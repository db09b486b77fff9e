"""Keys and what they do: the one table that the page, its help and its guide are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .labels import TYPES


@dataclass(frozen=True, slots=True)
class Command:
    """Something that keys do.

    Attributes
    ----------
    name
        What it is called in the program.
    keys
        As a browser names them; ``Ctrl+`` stands for Control or Command.
    shown
        The keys as a person reads them.
    about
        What it does, in words.
    """

    name: str
    keys: tuple[str, ...]
    shown: str
    about: str


COMMANDS: tuple[Command, ...] = (
    Command("next", ("n",), "n", "next proposal, the most uncertain first; else next label"),
    Command("previous", ("p",), "p", "the one before"),
    Command("next_label", ("N",), "N", "next label by time"),
    Command("previous_label", ("P",), "P", "previous label by time"),
    Command("accept", ("a",), "a", "accept the proposal, and go on to the next"),
    Command("reject", ("r",), "r", "reject the proposal, and go on to the next"),
    Command("mark", ("m",), "m", "begin a label at the cursor; again: end it there"),
    Command("drop", ("Escape",), "Esc", "give up a label that was begun; select nothing"),
    Command("start_earlier", ("[",), "[", "start of the selected label earlier"),
    Command("start_later", ("{",), "{", "start later"),
    Command("end_later", ("]",), "]", "end of the selected label later"),
    Command("end_earlier", ("}",), "}", "end earlier"),
    Command("start_here", ("(", "b"), "b or (", "start of the selected label at the cursor"),
    Command("end_here", (")", "e"), "e or )", "end of the selected label at the cursor"),
    Command("note", ("Enter",), "Enter", "write a note to the selected label"),
    Command("delete", ("Delete", "Backspace"), "Delete", "delete the selected label"),
    Command("undo", ("u", "Ctrl+z"), "u or Ctrl+Z", "undo"),
    Command("redo", ("U", "Ctrl+Z", "Ctrl+y"), "U or Ctrl+Shift+Z", "redo"),
    Command("left", ("ArrowLeft",), "←", "move to earlier"),
    Command("right", ("ArrowRight",), "→", "move to later"),
    Command("page_left", ("PageUp",), "Page up", "a whole window earlier"),
    Command("page_right", ("PageDown",), "Page down", "a whole window later"),
    Command("home", ("Home",), "Home", "start of the night"),
    Command("end", ("End",), "End", "end of the night"),
    Command("zoom_in", ("ArrowUp", "+", "="), "↑ or +", "zoom in around the cursor"),
    Command("zoom_out", ("ArrowDown", "-"), "↓ or -", "zoom out"),
    Command("whole", ("z",), "z", "the whole night, and back to the selected label"),
    Command("cursor_left", (",",), ",", "cursor a little earlier"),
    Command("cursor_right", (".",), ".", "cursor a little later"),
    Command("cursor_far_left", ("<", ";"), "< or ;", "cursor a tenth of the window earlier"),
    Command("cursor_far_right", (">", ":"), "> or :", "cursor a tenth of the window later"),
    Command("track_up", ("w",), "w", "track above"),
    Command("track_down", ("s",), "s", "track below"),
    Command("larger", ("g",), "g", "draw the track larger"),
    Command("smaller", ("G",), "G", "draw the track smaller"),
    Command("all_larger", ("v",), "v", "draw all tracks larger"),
    Command("all_smaller", ("V",), "V", "draw all tracks smaller"),
    Command("filter", ("f",), "f", "EMG as the detector sees it, or as it was recorded"),
    Command("help", ("?",), "?", "this list"),
)  # fmt: skip
"""What can be done, in the order of the help."""

TYPE_KEYS: Mapping[str, str] = MappingProxyType(
    {str((number + 1) % 10): kind for number, kind in enumerate(TYPES)}
)
"""Type of event by its digit."""

_BY_KEY = {key: command.name for command in COMMANDS for key in command.keys}


def command_of(key: str) -> str | None:
    """Return the command that a key gives; ``type:cramp`` for a digit; None for no such key."""
    if key in TYPE_KEYS:
        return f"type:{TYPE_KEYS[key]}"
    return _BY_KEY.get(key)
