"""What an import costs: heavy packages are loaded when they are used, not before."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys

import pytest

import crampwatch
import crampwatch.firmware_bridge
import crampwatch.recording

HEAVY = {"bokeh", "h5py", "numpy", "pandas", "rich", "scipy", "sklearn"}
NOT_WHILE_RECORDING = {"bokeh", "pandas", "scipy", "sklearn"}


def loaded_after(statement: str) -> set[str]:
    """Return the top-level names in a fresh interpreter's modules after a statement."""
    code = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in json.loads(run.stdout.splitlines()[-1])}


def test_import_crampwatch_loads_nothing_heavy() -> None:
    assert not loaded_after("import crampwatch") & HEAVY


def test_the_command_line_starts_without_anything_heavy() -> None:
    assert not loaded_after("import crampwatch.app.cli") & HEAVY


@pytest.mark.parametrize("room", [crampwatch.recording, crampwatch.firmware_bridge])
def test_a_recording_process_loads_no_analysis(room: object) -> None:
    modules = [room.__name__] + [
        module.name for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}.")
    ]
    assert not loaded_after(f"import {', '.join(modules)}") & NOT_WHILE_RECORDING


def test_every_public_name_is_there() -> None:
    for name in crampwatch.__all__:
        assert getattr(crampwatch, name) is not None
        assert name in dir(crampwatch)


def test_the_public_names_are_these() -> None:
    assert sorted(crampwatch.__all__) == [
        "CrampwatchError",
        "Event",
        "Night",
        "NightScore",
        "RecordingError",
        "Settings",
        "Stream",
        "__version__",
        "open_recording",
        "score_night",
    ]


def test_an_unknown_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="nothing_like_it"):
        crampwatch.nothing_like_it  # noqa: B018
