"""The night report: one offline page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...detection.result import NightScore
from ...recording.model import Night


def report_page(
    name: str, night: Night, score: NightScore, provenance: Mapping[str, Any]
) -> str:
    """Return the report as HTML text; see `page.report_page`."""
    from .page import report_page as build

    return build(name, night, score, provenance)
