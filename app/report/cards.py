"""One card for each cramp-like contraction: what it looked like, and why it was named so."""

from __future__ import annotations

from collections.abc import Sequence

from ...detection.cramps.features.spectrum import LEAST_RATE_HZ
from ...recording.annotations.confirmation import CRAMPS
from ...recording.model import Event, Stream
from .closeup import close_ups
from .figures import Drawing
from .markup import Html, join, tag
from .told import NightTold
from .words import clock, duration, kind_words, places_words, side_words

MOST_CARDS = 10


def chosen(events: Sequence[Event], most: int = MOST_CARDS) -> list[int]:
    """Return the places of the contractions that get a card, by onset.

    Confirmed ones stay first, then cramp-like ones, then long ones.
    """
    places = [n for n, event in enumerate(events) if event.trial_type in CRAMPS]
    places.sort(key=lambda n: (_rank(events[n]), -events[n].duration))
    return sorted(places[:most])


def card_drawings(told: NightTold, event: Event, number: int) -> list[Drawing]:
    """Return the close-ups of one contraction; none without the recording."""
    wanted = [s for s in told.streams if s.kind in ("emg", "acc") and _same_leg(s, event)]
    wanted.sort(key=lambda stream: stream.label != event.channel)
    return close_ups(wanted, event, number, told.duration_s)


def card(
    told: NightTold, event: Event, name: str, sureness: str, pictures: Sequence[Html]
) -> Html:
    """Return the card of one contraction."""
    where = ", ".join(
        part for part in (side_words(event.side), places_words(event, told.channels)) if part
    )
    title = ", ".join(
        part
        for part in (
            f"{name}: {kind_words(event)}",
            clock(told.start, event.onset),
            where,
            duration(event.duration),
        )
        if part
    )
    rows = [
        tag("tr", tag("th", head, scope="row"), tag("td", text))
        for head, text in [*sure_rows(event, sureness), *feature_rows(event)]
    ]
    table = tag("table", tag("tbody", *rows), class_="origin", aria_label=f"Numbers of {name}")
    return tag(
        "section",
        tag("h3", title),
        _why(event),
        *([table] if rows else []),
        *pictures,
        tag("p", no_spectrum(told, event), class_="soft"),
        class_="card",
        aria_label=title,
    )


def no_spectrum(told: NightTold, event: Event) -> str:
    """Return why there is no course of the spectrum; nothing where it can be had."""
    stream = next((s for s in told.streams if s.label == event.channel), None)
    if stream is None or stream.rate_hz >= LEAST_RATE_HZ:
        return ""
    return (
        f"No spectrum is shown: {stream.rate_hz:.6g} samples a second are too few for one;"
        f" it takes {LEAST_RATE_HZ:.0f}."
    )


def sure_rows(event: Event, sureness: str) -> list[tuple[str, str]]:
    """Return how sure the naming is, with and without what followed."""
    rows = []
    if event.probability is not None:
        rows.append((sureness, f"{event.probability:.2f}"))
    causal = _number(event, "probability_causal")
    if causal is not None:
        rows.append((f"{sureness} without what followed", f"{causal:.2f}"))
    return rows


def feature_rows(event: Event) -> list[tuple[str, str]]:
    """Return what was measured on a contraction, in words; only what the table holds."""
    rows: list[tuple[str, str]] = []
    middle, peak = _number(event, "ratio"), _number(event, "ratio_peak")
    if middle is not None:
        top = "" if peak is None else f", {peak:.3g} times at its highest"
        rows.append(("how strong", f"{middle:.3g} times the resting level in the median{top}"))
    reference = _number(event, "peak_reference")
    if reference is not None:
        times = f"{reference:.2g} times the gentle contraction of the evening"
        rows.append(("against the calibration", times))
    rise = _number(event, "rise_s")
    if rise is not None:
        rows.append(("how it began", f"rose within {duration(rise)}"))
    ending = event.extra.get("ending")
    if ending in _ENDINGS:
        rows.append(("how it ended", _ENDINGS[str(ending)]))
    before, after = _number(event, "movement_before"), _number(event, "movement_after")
    moves = [
        f"{value:.2g} g {when}"
        for value, when in ((before, "in the half minute before"), (after, "in that after"))
        if value is not None
    ]
    if moves:
        rows.append(("movement of the leg", ", ".join(moves)))
    turn = _number(event, "turn_deg")
    if turn is not None:
        rows.append(("turn of the leg", f"{turn:.0f} degrees from before to after"))
    stood = event.extra.get("stood_up")
    if isinstance(stood, bool):
        rows.append(("stood up afterwards", "yes" if stood else "not seen"))
    settled = _number(event, "settled_s")
    if settled is not None:
        rows.append(("at rest again", f"{duration(settled)} after the end"))
    return rows


_ENDINGS = {
    "stretched": "at once, as when the muscle is stretched",
    "faded": "faded slowly",
    "unknown": "cannot be told",
}


def _why(event: Event) -> Html:
    reason = str(event.extra.get("reason") or "")
    if not reason:
        return tag("p", "Why it was named so was not written down.", class_="soft")
    parts = [part.strip() for part in reason.split(";") if part.strip()]
    return join(
        [tag("p", "Why it was named so:"), tag("ul", *(tag("li", part) for part in parts))]
    )


def _rank(event: Event) -> int:
    said = event.extra.get("confirmation")
    if said == "confirmed":
        return 0
    return 1 + (event.trial_type != "cramp") + 2 * (said == "denied")


def _same_leg(stream: Stream, event: Event) -> bool:
    return event.side not in ("left", "right") or stream.side in (None, event.side)


def _number(event: Event, name: str) -> float | None:
    value = event.extra.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if value == value else None  # noqa: PLR0124 - NaN is no number
