"""Who may import whom, read from the installed package, and proof that a breach is seen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from itertools import permutations
from pathlib import Path

import pytest

MAY_IMPORT = {
    "recording": set(),
    "firmware_bridge": {"recording"},
    "sample_data": {"recording"},
    "detection": {"recording"},
    "models": {"recording", "detection"},
    "app": {"recording", "firmware_bridge", "sample_data", "detection", "models"},
}
BREACHES = sorted(
    (room, other)
    for room, other in permutations(MAY_IMPORT, 2)
    if other not in MAY_IMPORT[room]
)


@pytest.fixture
def house(installed: Path, tmp_path: Path) -> Path:
    """Return a copy of the installed package that a test may break."""
    copy = tmp_path / "site"
    shutil.copytree(installed, copy, ignore=shutil.ignore_patterns("*.dist-info"))
    return copy


def lint_imports(house: Path, repository: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sysconfig.get_path("scripts")) / "lint-imports"
    return subprocess.run(
        [command, "--no-cache", "--config", repository / "pyproject.toml"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_contract_is_kept(house: Path, repository: Path) -> None:
    run = lint_imports(house, repository)
    assert run.returncode == 0, run.stdout
    assert " 0 broken" in run.stdout


@pytest.mark.parametrize(("room", "other"), BREACHES)
def test_a_planted_import_is_seen(house: Path, repository: Path, room: str, other: str) -> None:
    (house / "crampwatch" / other / "planted_name.py").touch()
    (house / "crampwatch" / room / "planted_breach.py").write_text(
        f"def late():\n    from ..{other} import planted_name\n", encoding="utf-8"
    )
    run = lint_imports(house, repository)
    assert run.returncode == 1
    assert f"crampwatch.{room}.planted_breach -> crampwatch.{other}.planted_name" in run.stdout


@pytest.mark.parametrize(
    ("room", "other"),
    [("signal", "engine"), ("channels", "cramps"), ("cramps", "movements"), ("plm", "signal")],
)
def test_a_planted_import_inside_the_detector_is_seen(
    house: Path, repository: Path, room: str, other: str
) -> None:
    rooms = house / "crampwatch" / "detection"
    (rooms / other / "planted_name.py").touch()
    (rooms / room / "planted_breach.py").write_text(
        f"from ..{other} import planted_name\n", encoding="utf-8"
    )
    run = lint_imports(house, repository)
    assert run.returncode == 1
    assert f"detection.{room}.planted_breach -> crampwatch.detection.{other}" in run.stdout


@pytest.mark.parametrize(
    ("room", "other"),
    [("simulator", "second_simulator"), ("second_simulator", "simulator")],
)
def test_a_planted_import_between_the_simulators_is_seen(
    house: Path, repository: Path, room: str, other: str
) -> None:
    rooms = house / "crampwatch" / "sample_data"
    (rooms / other / "planted_name.py").touch()
    (rooms / room / "planted_breach.py").write_text(
        f"from ..{other} import planted_name\n", encoding="utf-8"
    )
    run = lint_imports(house, repository)
    assert run.returncode == 1
    assert f"sample_data.{room}.planted_breach -> crampwatch.sample_data.{other}" in run.stdout


def test_a_planted_import_through_the_face_is_seen(house: Path, repository: Path) -> None:
    (house / "crampwatch" / "detection" / "planted_breach.py").write_text(
        "from .. import Night\n", encoding="utf-8"
    )
    run = lint_imports(house, repository)
    assert run.returncode == 1
    assert "crampwatch.detection.planted_breach -> crampwatch (l.1)" in run.stdout


def test_a_room_outside_the_layers_is_seen(house: Path, repository: Path) -> None:
    (house / "crampwatch" / "planted_room").mkdir()
    (house / "crampwatch" / "planted_room" / "__init__.py").touch()
    run = lint_imports(house, repository)
    assert run.returncode == 1
    assert "planted_room" in run.stdout
