"""What is inside the wheel: everything of ours, under one name, and nothing else."""

from __future__ import annotations

import email
import zipfile
from pathlib import Path
from typing import Any

import pytest

LEFTOVERS = {".pyc", ".pyo"}
LEARNT_FROM = {"features.parquet", "nights.tsv", "evidence.tsv"}
"""What the shipped model was made from and judged on stays in the repository."""


@pytest.fixture(scope="session")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="session")
def rooms(pyproject: dict[str, Any], clean_tree: Path) -> dict[str, Path]:
    """Map the import name of each package directly under the face to its folder."""
    mapping = pyproject["tool"]["setuptools"]["package-dir"]
    return {
        name: clean_tree / folder for name, folder in mapping.items() if name.count(".") <= 1
    }


def test_the_only_top_level_name_is_crampwatch(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"crampwatch"}
    assert len(tops) == 2


def test_every_package_on_disk_is_named_in_pyproject(
    pyproject: dict[str, Any], rooms: dict[str, Path]
) -> None:
    on_disk = {
        dotted(room, folder, init.parent)
        for room, folder in rooms.items()
        for init in folder.rglob("__init__.py")
    }
    setuptools = pyproject["tool"]["setuptools"]
    assert set(setuptools["packages"]) == on_disk
    assert set(setuptools["package-dir"]) == on_disk


def test_every_package_lies_where_its_name_says(
    pyproject: dict[str, Any], rooms: dict[str, Path], clean_tree: Path
) -> None:
    for name, folder in pyproject["tool"]["setuptools"]["package-dir"].items():
        room = ".".join(name.split(".")[:2])
        assert dotted(room, rooms[room], clean_tree / folder) == name


def test_every_folder_with_modules_is_a_package(rooms: dict[str, Path]) -> None:
    for folder in rooms.values():
        for module in folder.rglob("*.py"):
            assert (module.parent / "__init__.py").is_file(), module


def test_every_room_at_the_root_is_mapped(rooms: dict[str, Path], clean_tree: Path) -> None:
    at_root = {init.parent for init in clean_tree.glob("*/__init__.py")}
    assert at_root == set(rooms.values())


def test_every_file_of_a_package_is_in_the_wheel(
    names: set[str], rooms: dict[str, Path]
) -> None:
    missing = {
        str(path)
        for room, folder in rooms.items()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in LEFTOVERS and path.name not in LEARNT_FROM
        if f"{room.replace('.', '/')}/{path.relative_to(folder).as_posix()}" not in names
    }
    assert not missing, "name their pattern in [tool.setuptools.package-data]"


def test_nothing_but_the_packages_is_in_the_wheel(
    names: set[str], rooms: dict[str, Path]
) -> None:
    folders = {room.replace(".", "/"): folder for room, folder in rooms.items()}
    for name in names:
        if ".dist-info/" in name:
            continue
        parts = name.split("/")
        room = "/".join(parts[:2]) if "/".join(parts[:2]) in folders else parts[0]
        assert (folders[room] / name.removeprefix(f"{room}/")).is_file(), name


def test_type_checkers_are_told_that_it_is_typed(names: set[str]) -> None:
    assert "crampwatch/py.typed" in names


def test_the_licence_travels_with_the_wheel(wheel: Path, names: set[str]) -> None:
    (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
    with zipfile.ZipFile(wheel) as archive:
        fields = email.message_from_bytes(archive.read(metadata))
    assert fields["License-Expression"] == "Apache-2.0"
    assert fields.get_all("License-File") == ["LICENSE"]
    assert metadata.replace("METADATA", "licenses/LICENSE") in names


def test_the_source_archive_builds_the_same_wheel(
    wheel_from_sdist: Path, names: set[str]
) -> None:
    with zipfile.ZipFile(wheel_from_sdist) as archive:
        assert set(archive.namelist()) == names


def dotted(room: str, folder: Path, package: Path) -> str:
    """Return the import name of a package below a room."""
    return ".".join((room, *package.relative_to(folder).parts))


def test_the_wheel_holds_the_model_but_not_what_it_was_made_from(names: set[str]) -> None:
    weights = {name for name in names if name.startswith("crampwatch/models/weights/")}
    assert {name.rpartition("/")[2] for name in weights} == {
        "cramp.skops",
        "cramp.md",
        "cramp.html",
    }
