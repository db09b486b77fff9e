"""What is written twice stays the same: the README's lines, the bounds, the lists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TESTED = ("alerts", "brainflow", "lsl", "mqtt", "test")
"""Extras that the lowest list holds."""

LISTS = ("requirements/dev.txt", "requirements/lowest.txt")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[^\s;\\]+)", re.MULTILINE)
PLACES = re.compile(
    r"https?://|file:|(?<![\w.])/(?:home|root|work|tmp|opt|usr|Users)/"
    r"|--(?:index-url|extra-index-url|find-links|trusted-host)|\.whl\b"
)
MACHINES = re.compile(
    r"(?<![\w.])/(?:home|root|work|Users)/\w|[A-Z]:\\\\?Users\\|\bpypi\.org/simple|\bpythonhosted\.org"
)
LARGE = 4_000_000
OURS = ("*.md", "*.toml", "*.cff", "requirements/*", ".ci/*", ".github/**/*")


def readme_line(repository: Path, *name: str) -> str:
    script = repository / ".ci" / "readme_line.py"
    return subprocess.run(
        [sys.executable, script, *name], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize("name", ["demo", "tests"])
def test_windows_is_told_the_same_line(repository: Path, name: str) -> None:
    posix = readme_line(repository, name)
    windows = readme_line(repository, name, "windows")
    spelled = posix.replace("python3 -m", "python -m").replace(".venv/bin/", ".venv\\Scripts\\")
    assert windows == spelled


def test_the_test_line_runs_all_fast_tests_on_pinned_packages(repository: Path) -> None:
    line = readme_line(repository, "tests")
    assert line.endswith("/pytest -n auto")
    assert "-r requirements/dev.txt" in line


@pytest.mark.parametrize("name", LISTS)
def test_a_list_names_no_index_and_no_machine(repository: Path, name: str) -> None:
    text = (repository / name).read_text(encoding="utf-8")
    assert not PLACES.findall(text)


@pytest.mark.parametrize("name", [".ci/run", ".github/workflows/tests.yml"])
def test_the_test_line_is_spelled_in_the_readme_only(repository: Path, name: str) -> None:
    text = (repository / name).read_text(encoding="utf-8")
    assert "readme_line.py tests" in text
    assert "requirements/dev.txt" not in text


def test_no_file_names_a_machine_or_an_index(
    repository: Path, clean_tree: Path, pyproject: dict[str, Any]
) -> None:
    rooms = set(pyproject["tool"]["setuptools"]["package-dir"].values())
    folders = {room for room in rooms if "/" not in room} | {"benchmarks", "docs", "tests"}
    files = [path for folder in folders for path in (clean_tree / folder).rglob("*")]
    files += [path for name in OURS for path in repository.glob(name)]
    for path in files:
        if path.is_file() and path.stat().st_size < LARGE:
            text = path.read_bytes().decode("utf-8", "replace")
            assert not MACHINES.findall(text), path


@pytest.mark.parametrize("name", LISTS)
def test_every_package_of_a_list_is_pinned_and_hashed(repository: Path, name: str) -> None:
    text = (repository / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    for entry in entries:
        assert PIN.match(entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_lowest_list_is_what_pyproject_allows(
    repository: Path, pyproject: dict[str, Any]
) -> None:
    text = (repository / "requirements" / "lowest.txt").read_text(encoding="utf-8")
    pins = {match["name"].lower(): match["version"] for match in PIN.finditer(text)}
    project = pyproject["project"]
    extras = project["optional-dependencies"]
    tested = [bound for name in TESTED for bound in extras[name]]
    for bound in (*project["dependencies"], *tested):
        if ">=" not in bound:
            continue
        name, _, version = bound.partition(">=")
        assert release(pins[name.lower().replace("_", "-")]) == release(version), bound


def test_the_build_needs_no_newer_setuptools_than_the_tests(pyproject: dict[str, Any]) -> None:
    (build,) = pyproject["build-system"]["requires"]
    assert build in pyproject["project"]["optional-dependencies"]["test"]


def test_the_citation_names_the_version_and_the_licence(
    repository: Path, pyproject: dict[str, Any]
) -> None:
    text = (repository / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {pyproject['project']['version']}\n" in text
    assert f"\nlicense: {pyproject['project']['license']}\n" in text


def release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version without trailing zeros."""
    numbers = [int(part) for part in version.split(".")]
    while numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
