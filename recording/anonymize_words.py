"""Words that could give somebody away."""

from __future__ import annotations

import re
from collections.abc import Iterable

_COMMON = frozenset(
    ("simulated", "nobody", "startdate", "marker", "edf+c", "bdf+c", "24bit", "stated", "other")
)


def words_of(texts: Iterable[str]) -> set[str]:
    """Return the words that could give somebody away: names, numbers, dates."""
    found: set[str] = set()
    for text in texts:
        for word in re.findall(r"[\w.@-]+", text.casefold()):
            bare = word.strip(".-_@")
            parts = {bare, *re.split(r"[_.@-]", bare)}
            found |= {each for each in parts if len(each) >= 4 and not each.isdecimal()}
            found |= {each for each in parts if each.isdecimal() and len(each) >= 6}
    return found - _COMMON
