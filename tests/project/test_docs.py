"""The pages tell the truth: their commands run, their links lead somewhere."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Command:
    """A command of a page and what the page says that it prints."""

    line: str
    prints: str


def commands(page: Path) -> list[Command]:
    found: list[Command] = []
    for block in FENCE.findall(page.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, prints = part.partition("\n")
            if line.split()[0] == "crampwatch":
                found.append(Command(line, prints))
    return found


WITH_COMMANDS = [page for page in PAGES if commands(page)]


@pytest.mark.system
@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    for folder in ("sample_data/recordings", "docs/examples"):
        if (ROOT / folder).is_dir():
            shutil.copytree(ROOT / folder, tmp_path / folder)
    for command in commands(page):
        run = subprocess.run(
            [sys.executable, "-m", *shlex.split(command.line)],
            cwd=tmp_path,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "96", "TERM": "dumb"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert run.returncode == 0, f"$ {command.line}\n{run.stdout}{run.stderr}"
        if command.prints:
            same = doctest.OutputChecker().check_output(command.prints, run.stdout, FLAGS)
            assert same, f"$ {command.line}\n{run.stdout}"


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if PYTHON.search(page.read_text(encoding="utf-8"))],
    ids=lambda page: page.name,
)
def test_the_python_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    folder = "sample_data/recordings"
    shutil.copytree(ROOT / folder, tmp_path / folder)
    program = "\n".join(PYTHON.findall(page.read_text(encoding="utf-8")))
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_page_is_reached_from_the_readme() -> None:
    reached, left = set[Path](), [ROOT / "README.md"]
    while left:
        page = left.pop()
        reached.add(page)
        targets = LINK.findall(page.read_text(encoding="utf-8"))
        pages = {(page.parent / target).resolve() for target in targets}
        left += [page for page in pages - reached if page.suffix == ".md" and page.exists()]
    assert set(PAGES) <= reached
