"""Which part of the night is looked at, and how: time, cursor, track, gain, filter."""

from __future__ import annotations

from dataclasses import dataclass, field

SHORTEST_S = 0.05
"""Shortest window: a few motor unit potentials."""

_ZOOM = 2.0
_PAN = 0.25
_GAIN = 2.0**0.5
_FARTHEST_GAIN = 40


@dataclass(slots=True)
class Window:
    """What is shown.

    Attributes
    ----------
    night_s
        Length of the night, seconds.
    n_tracks
        Number of tracks.
    start_s, end_s
        What is shown, seconds from the start of the night.
    cursor_s
        Where the cursor stands.
    track
        Number of the track in hand, from the top.
    gains
        Steps of gain by track; one is the square root of two.
    filtered
        Whether EMG is shown as the detector sees it.
    pending_s
        Where a label was begun by key, or None.
    """

    night_s: float
    n_tracks: int
    start_s: float = 0.0
    end_s: float = 0.0
    cursor_s: float = 0.0
    track: int = 0
    gains: dict[int, int] = field(default_factory=dict)
    filtered: bool = True
    pending_s: float | None = None

    def __post_init__(self) -> None:
        self.night_s = max(self.night_s, SHORTEST_S)
        if self.end_s <= self.start_s:
            self.whole()
            self.cursor_s = self.night_s / 2

    @property
    def width_s(self) -> float:
        """Length of what is shown, seconds."""
        return self.end_s - self.start_s

    def show(self, start_s: float, end_s: float) -> None:
        """Show a stretch, as far as it lies in the night; the cursor stays in sight."""
        low, high = sorted((start_s, end_s))
        width = min(max(high - low, SHORTEST_S), self.night_s)
        middle = (low + high) / 2
        start = min(max(middle - width / 2, 0.0), self.night_s - width)
        self.start_s, self.end_s = start, start + width
        self.cursor_s = min(max(self.cursor_s, self.start_s), self.end_s)

    def whole(self) -> None:
        """Show the whole night."""
        self.start_s, self.end_s = 0.0, self.night_s

    def pan(self, quarters: float) -> None:
        """Move by quarters of the window; the cursor stays where it is on the screen."""
        before = self.start_s
        by = quarters * _PAN * self.width_s
        start = min(max(before + by, 0.0), self.night_s - self.width_s)
        self.start_s, self.end_s = start, start + self.width_s
        self.cursor_s += start - before

    def go_to(self, at_s: float) -> None:
        """Put the cursor somewhere, and the window around it."""
        half = self.width_s / 2
        self.cursor_s = min(max(at_s, 0.0), self.night_s)
        self.show(at_s - half, at_s + half)

    def zoom(self, steps: float) -> None:
        """Zoom in (above 0) or out around the cursor, a factor of two a step."""
        width = min(max(self.width_s / _ZOOM**steps, SHORTEST_S), self.night_s)
        part = (self.cursor_s - self.start_s) / self.width_s
        start = self.cursor_s - part * width
        self.show(start, start + width)

    def move_cursor(self, parts: float) -> None:
        """Move the cursor by parts of the window; what is shown follows it."""
        at = min(max(self.cursor_s + parts * self.width_s, 0.0), self.night_s)
        self.cursor_s = at
        if not self.start_s <= at <= self.end_s:
            self.go_to(at)

    def around(self, onset_s: float, end_s: float) -> None:
        """Show something with as much again on either side, the cursor at its onset."""
        length = max(end_s - onset_s, 1.0)
        self.cursor_s = min(max(onset_s, 0.0), self.night_s)
        self.show(onset_s - length, end_s + length)

    def switch_track(self, by: int) -> None:
        """Take the next or previous track in hand."""
        if self.n_tracks:
            self.track = (self.track + by) % self.n_tracks

    def change_gain(self, by: int, *, every: bool) -> None:
        """Draw the track in hand, or every one, larger or smaller."""
        for number in range(self.n_tracks) if every else (self.track,):
            now = self.gains.get(number, 0) + by
            self.gains[number] = min(max(now, -_FARTHEST_GAIN), _FARTHEST_GAIN)

    def gain(self, number: int) -> float:
        """Return the factor that a track is drawn larger by."""
        return _GAIN ** self.gains.get(number, 0)
