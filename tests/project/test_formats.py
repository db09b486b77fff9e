"""``docs/formats.md`` lists what the program really reads and writes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crampwatch.recording.labels import guess
from crampwatch.sample_data import samples

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats.md").read_text("utf-8")
NAME = re.compile(r"`([^`]+)`")


def first_cells(heading: str) -> list[list[str]]:
    """Return the code words in the first cells of the table under a heading."""
    table = PAGE.split(heading, 1)[1].split("\n\n", 1)[0]
    rows = [row.split("|") for row in table.strip().splitlines()[1:] if row.startswith("|")]
    return [NAME.findall(row[1]) for row in rows]


ALIASES = [
    (NAME.findall(row)[0], NAME.findall(row)[1])
    for row in PAGE.split("| taken for |\n", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
]
COLUMNS = {name for row in first_cells("| column | unit | meaning |") for name in row}
TYPES = {name for row in first_cells("| trial_type | meaning |") for name in row}
SUMMARY = {name for row in first_cells("### summary.json\n\n| key | meaning |") for name in row}
CHANNEL = {name for row in first_cells("report:\n\n| key | meaning |") for name in row}


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("scored") / "out"
    command = [sys.executable, "-m", "crampwatch", "score", samples()[0].path, "--out", out]
    subprocess.run([*command, "--no-report"], check=True, capture_output=True)
    return out


@pytest.fixture(scope="module")
def summary(scored: Path) -> dict[str, Any]:
    text = (scored / "summary.json").read_text("utf-8")
    return dict(json.loads(text))


@pytest.mark.parametrize(("label", "canonical"), ALIASES)
def test_a_label_is_taken_for_what_the_page_says(label: str, canonical: str) -> None:
    assert guess(label).canonical == canonical


def test_the_tables_of_the_page_are_made_from_the_program(repository: Path) -> None:
    script = repository / "docs" / "make_tables.py"
    run = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_the_columns_are_those_of_the_page(scored: Path) -> None:
    header, *rows = (scored / "events.tsv").read_text("utf-8").splitlines()
    assert rows
    assert set(header.split("\t")) <= COLUMNS


def test_every_column_is_described_beside_the_table(scored: Path) -> None:
    header = (scored / "events.tsv").read_text("utf-8").splitlines()[0].split("\t")
    described = json.loads((scored / "events.json").read_text("utf-8"))
    for name in header:
        assert described[name]["Description"] != name


def test_the_event_types_are_those_of_the_page(summary: dict[str, Any]) -> None:
    assert set(summary["counts"]) <= TYPES


def test_the_keys_of_the_summary_are_those_of_the_page(summary: dict[str, Any]) -> None:
    assert set(summary) == SUMMARY
    for channel in summary["channels"]:
        assert set(channel) == CHANNEL
