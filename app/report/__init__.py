"""The night report: one offline page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...detection.result import NightScore
from ...recording.model import Night
from ..diary.said import Said


def report_page(
    name: str,
    night: Night,
    score: NightScore,
    provenance: Mapping[str, Any],
    said: Said | None = None,
) -> str:
    """Return the report as HTML text; see `page.report_page`."""
    from .page import report_page as build

    return build(name, night, score, provenance, said)
