"""The night report: one offline page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...detection.result import NightScore
from ...recording.model import Event, Night
from ..diary.said import Said


def report_page(
    name: str,
    night: Night,
    score: NightScore,
    provenance: Mapping[str, Any],
    said: Said | None = None,
    *,
    intervened: bool = False,
    stages: Sequence[Event] = (),
) -> str:
    """Return the report of a night that was just scored as HTML text, 2 to 4 MB.

    Parameters
    ----------
    name
        Name of the recording.
    night, score
        The recording and its score.
    provenance
        Where the score comes from, as in ``provenance.json``.
    said
        What the sleeper said, or None.
    intervened
        Whether alerts were told in the night.
    stages
        Stages of sleep as events, where they are known.
    """
    from .page import page_of
    from .told import night_told

    told = night_told(
        name, night, score, provenance, said, intervened=intervened, stages=stages
    )
    return page_of(told)
