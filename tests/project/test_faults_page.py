"""The page of faults names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path


def test_every_row_of_the_faults_page_is_held_by_tests_that_exist(repository: Path) -> None:
    page = (repository / "docs" / "faults.md").read_text("utf-8")
    defined = {
        name
        for path in (repository / "tests").rglob("test_*.py")
        for name in re.findall(
            r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE
        )
    }
    rows = [
        line.strip("|").split("|")
        for line in page.splitlines()
        if line.startswith("|") and not line.startswith(("|---", "| fault "))
    ]
    assert len(rows) > 20
    for fault, _, _, held in rows:
        named = re.findall(r"`(test_\w+)`", held)
        assert named, f"nothing holds: {fault}"
        assert set(named) <= defined, fault


def test_what_is_marked_system_on_the_faults_page_is(repository: Path) -> None:
    page = (repository / "docs" / "faults.md").read_text("utf-8")
    for name, mark in re.findall(r"`(test_\w+)`( \(system\))?", page):
        [path, *_] = [
            path
            for path in (repository / "tests").rglob("test_*.py")
            if re.search(rf"^def {name}\(", path.read_text("utf-8"), re.MULTILINE)
        ]
        text = path.read_text("utf-8")
        whole = "pytestmark = pytest.mark.system" in text
        decorators = text[: text.index(f"def {name}(")].rpartition("\n\n\n")[2]
        assert (whole or "pytest.mark.system" in decorators) == bool(mark), name
