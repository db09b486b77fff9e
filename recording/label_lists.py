"""Several labels in one sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

_NUMBERED = re.compile(r"(.*?)(\d{1,9})(\D*)", re.DOTALL)


def names_of(labels: Sequence[str]) -> str:
    """Return labels as a list: ``EMG L GM, EMG L TA``, ``left-calf ch3 to ch8``.

    Three and more that count up, one after the other, are told by the first and the last.
    """
    parts = []
    for _, run in groupby(
        enumerate(map(_numbered, labels)), lambda at: (at[1][0], at[1][1] - at[0], at[1][2])
    ):
        members = [labels[number] for number, _ in run]
        if len(members) > 2:
            last = members[-1].split(" ")[-1]
            members = [f"{members[0]} to {last}"]
        parts += members
    return ", ".join(parts)


def _numbered(label: str) -> tuple[str, int, str]:
    """Return a label before, at and behind the number that it ends with."""
    found = _NUMBERED.fullmatch(label)
    return (found[1], int(found[2]), found[3]) if found else (label, 0, "")
