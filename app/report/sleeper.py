"""What the sleeper said, beside what was found."""

from __future__ import annotations

from datetime import datetime

from ...recording.annotations.confirmation import Remembered
from ..diary.said import Said
from ..diary.words import cramp_rows, mark_words, outcome_words, told_rows, when_words
from .markup import Html, join, tag
from .words import clock, duration, kind_words

EXPLAINED = (
    "What was noted or remembered tells that something was felt within some minutes, never when"
    " it began. A sensor sees the muscle under it only: a band on the calf does not see the"
    " foot, the thigh or the other leg."
)


def said_sentences(said: Said) -> list[str]:
    """Return in words how what was said and what was found agree."""
    counts = said.confirmation.counts()
    cramps = [one for one in said.confirmation.remembered if one.mark.kind == "cramp"]
    sentences = []
    if cramps:
        sentences.append(_cramps_sentence(cramps))
    elif said.diary is not None and said.diary.cramps == ():
        sentences.append("The sleeper remembers no cramp.")
    if counts["confirmed"] or counts["denied"]:
        sentences.append(
            f"Cramp-like contractions found: {counts['confirmed']} confirmed by the sleeper,"
            f" {counts['denied']} denied, {counts['unanswered']} left unanswered."
        )
    elif counts["unanswered"]:
        sentences.append(
            "Nothing was said of the cramp-like contractions found; silence denies nothing,"
            " for a cramp can be slept through."
        )
    return sentences


def said_panel(said: Said | None, start: datetime | None) -> Html:
    """Return the section; nothing where nothing was said."""
    if said is None:
        return Html("")
    parts = [tag("h2", "What the sleeper said")]
    parts += [tag("p", sentence) for sentence in said_sentences(said)]
    remembered = said.confirmation.remembered
    if remembered:
        items = (tag("li", _item(one, said, start)) for one in remembered)
        parts += [tag("ul", *items), tag("p", EXPLAINED, class_="soft")]
    if said.diary is not None:
        details = [cramp_rows(cramp.told) for cramp in said.diary.cramps or ()]
        rows = [
            (f"Cramp {number} of the diary", text)
            for number, text in enumerate(details, start=1)
            if text
        ] + told_rows(said.diary)
        if rows:
            body = (tag("tr", tag("td", name), tag("td", value)) for name, value in rows)
            table = tag("table", tag("tbody", *body), class_="origin", aria_label="Diary")
            note = "Kept so that nights can be compared; nothing is concluded from it."
            parts += [tag("h3", "Diary"), table, tag("p", note, class_="soft")]
    return join(parts)


def _item(one: Remembered, said: Said, start: datetime | None) -> str:
    words = f"{mark_words(one.mark)}, {when_words(one.mark)}: {outcome_words(one)}"
    found = [said.confirmation.events[place] for place in one.events]
    if not found:
        return f"{words}."
    events = "; ".join(
        f"{kind_words(event)} at {clock(start, event.onset)}, {duration(event.duration)}"
        + (f", {event.channel}" if event.channel else "")
        for event in found
    )
    return f"{words} ({events})."


def _cramps_sentence(cramps: list[Remembered]) -> str:
    outcomes = [one.outcome for one in cramps]
    parts = [
        f"{outcomes.count(outcome)} {words}"
        for outcome, words in (
            ("matched", "within the stated uncertainty of something found"),
            ("missed", "missed"),
            ("not_watched", "where nothing was watched"),
            ("unclear", "where it cannot be told"),
        )
        if outcome in outcomes
    ]
    many = "cramp is" if len(cramps) == 1 else "cramps are"
    return f"{len(cramps)} {many} remembered or noted: {', '.join(parts)}."
