"""The words on skin and on seeking help are fixed: no event adds, changes or removes them."""

from __future__ import annotations

from pathlib import Path

from crampwatch.app.report import report_page
from crampwatch.app.report.safety import YOUR_BODY
from crampwatch.detection import score_night
from crampwatch.recording import Night
from crampwatch.sample_data.simulator import simulate_night


def test_every_report_carries_the_same_words(repository: Path) -> None:
    empty = Night(())
    cramped = simulate_night("cramp", 1, hours=0.5).night
    for night in (empty, cramped):
        page = report_page("night", night, score_night(night), {})
        assert all(text in page for text in YOUR_BODY)


def test_every_source_is_one_of_the_safety_page(repository: Path) -> None:
    page = " ".join((repository / "docs" / "safety.md").read_text("utf-8").split())
    named = YOUR_BODY[-1].removeprefix("Sources: ").rstrip(".").split("; ")
    for source in named:
        title = source.split(", ")[-1]
        assert title in page, source
