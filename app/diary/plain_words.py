"""A note in plain English: leg, muscle, pain, and what it is about.

What is not said is left open: nothing is guessed from a tone of voice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MOST_TEXT = 500
_MUSCLES = {
    "calf": r"cal(?:f|ves)|gastroc\w*|soleus",
    "shin": r"shins?|tibialis|shinbones?",
    "foot": r"foot|feet|arch(?:es)?|soles?|insteps?|heels?|ankles?",
    "toes": r"toes?",
    "thigh": r"thighs?|quads?|quadriceps|groin",
    "hamstring": r"hamstrings?",
    "hip": r"hips?|buttocks?|glutes?",
}
_BODY = "|".join((*_MUSCLES.values(), r"legs?", r"limbs?", r"side", r"knees?"))
_SIDE_BEFORE = re.compile(rf"\b(left|right|l|r)(?:[- ]hand)?\.? (?:\w+ ){{0,2}}?(?:{_BODY})\b")
_SIDE_AFTER = re.compile(rf"\b(?:{_BODY})[ (:]*(left|right|l|r)\b(?! (?:away|now|after|me|my))")
_SIDE_ALONE = re.compile(r"(?:^|[,;.] ?)(left|right)(?= ?(?:[,;.]|$))")
_BOTH = re.compile(
    rf"\bboth\b(?: \w+){{0,2}}? (?:{_BODY})\b|\bboth sides\b|(?:^|, ?)both(?=,|$)"
    r"|\bleft and (?:the )?right\b|\bright and (?:the )?left\b"
)
_NUMBERS = {
    word: value
    for value, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
}
_NUMBER = rf"(10|\d|{'|'.join(_NUMBERS)})"
_NO_PAIN = re.compile(r"\b(?:no pain|painless|without (?:any )?pain|did(?:n'?t| not) hurt)\b")
_PAIN = (
    re.compile(
        rf"\b(?:pain|hurt|hurts|painful)(?: \w+){{0,2}}?[ :=]*\b{_NUMBER}\b"
        r"(?!\s*(?:min|sec|h\b|:))"
    ),
    re.compile(rf"\b{_NUMBER} ?(?:/|out of|of) ?10\b"),
    re.compile(rf"\bpain\b[^,;.]{{0,12}}?{_NUMBER} ?(?:/|out of) ?10\b"),
)
_DENIED = re.compile(
    r"\b(?:no|not (?:a|really a)|wasn'?t (?:a )?|was not (?:a )?|without (?:a )?|never)"
    r" ?(?:real )?(?:cramp\w*|charley horse)\b|\bfalse alarms?\b|\bdid(?:n'?t| not) cramp\b"
)
_CRAMP = re.compile(r"\b(?:cramp\w*|charley ?horses?|spasms?|seized up|seizing)\b")
_RESTLESS = re.compile(r"\brestless\b|\burge to move\b|\brls\b|\bcreep(?:y|ing)\b")
_KICKING = re.compile(r"\b(?:kick|jerk|twitch)(?:s|ed|ing)?\b")
_WHEN = re.compile(
    r"\b(?:at|around|about) ?"
    r"(\d{1,2}(?:[:.]\d{2}(?::\d{2})?(?: ?[ap]\.?m\b\.?)?| ?[ap]\.?m\b\.?))"
)


@dataclass(frozen=True, slots=True)
class Words:
    """What a note says.

    Attributes
    ----------
    kind
        One of `vocabulary.KINDS`.
    side
        ``left``, ``right``, ``both``, or None where the note names none or contradicts
        itself.
    muscles
        Muscles of the vocabulary, in their order.
    pain
        0 to 10, or None.
    when
        Time that the note names, as it is written, or None.
    """

    kind: str
    side: str | None
    muscles: tuple[str, ...]
    pain: int | None
    when: str | None


def read_words(text: str) -> Words:
    """Return what a note says, as far as it does."""
    low = " ".join(text[:_MOST_TEXT].casefold().replace("\u2019", "'").split())
    muscles = tuple(
        name for name, pattern in _MUSCLES.items() if re.search(rf"\b(?:{pattern})\b", low)
    )
    if re.search(r"\bback of (?:the |my )?(?:left |right )?thigh", low):
        muscles = tuple(name for name in muscles if name != "thigh")
        muscles = tuple(dict.fromkeys((*muscles, "hamstring")))
    pain = _pain(low)
    when = _WHEN.search(low)
    return Words(
        _kind(low, muscles, pain), _side(low), muscles, pain, when[1] if when else None
    )


def _kind(low: str, muscles: tuple[str, ...], pain: int | None) -> str:
    if _DENIED.search(low):
        return "no_cramp"
    if _CRAMP.search(low):
        return "cramp"
    if _RESTLESS.search(low):
        return "restless_legs"
    if _KICKING.search(low):
        return "kicking"
    return "cramp" if muscles and pain else "note"


def _side(low: str) -> str | None:
    if _BOTH.search(low):
        return "both"
    patterns = (_SIDE_BEFORE, _SIDE_AFTER, _SIDE_ALONE)
    found = {match[1][0] for pattern in patterns for match in pattern.finditer(low)}
    if len(found) != 1:
        return None
    return "left" if found == {"l"} else "right"


def _pain(low: str) -> int | None:
    for pattern in reversed(_PAIN):
        if match := pattern.search(low):
            word = match[1]
            return _NUMBERS[word] if word in _NUMBERS else int(word)
    return 0 if _NO_PAIN.search(low) else None
