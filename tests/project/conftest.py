"""The project as somebody else gets it: a wheel built from a clean copy of the tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

NOT_SOURCE = (".*", "build", "dist", "*.egg-info", "__pycache__")


@pytest.fixture(scope="session")
def pyproject(repository: Path) -> dict[str, Any]:
    """Return the parsed ``pyproject.toml``."""
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def clean_tree(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the tree without what earlier builds and runs left in it."""
    tree = tmp_path_factory.mktemp("clean") / "tree"
    shutil.copytree(repository, tree, ignore=shutil.ignore_patterns(*NOT_SOURCE))
    return tree


@pytest.fixture(scope="session")
def wheel(clean_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel built from the clean tree."""
    return build("wheel", clean_tree, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(clean_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the source archive built from the clean tree."""
    return build("sdist", clean_tree, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds the wheel's content, as site-packages would."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def wheel_from_sdist(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel that somebody builds who has the source archive only."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extraction_filter = staticmethod(tarfile.data_filter)
        archive.extractall(folder)
    (tree,) = folder.iterdir()
    return build("wheel", tree, tmp_path_factory.mktemp("wheel_from_sdist"))


def build(kind: str, tree: Path, out: Path) -> Path:
    """Build in a process of its own, with the installed setuptools and no network."""
    code = f"import setuptools.build_meta as b; b.build_{kind}({str(out)!r})"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    (built,) = out.iterdir()
    return built
