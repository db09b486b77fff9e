import subprocess
import sys
from importlib.metadata import version

import crampwatch
import pytest

PUBLIC = [
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


def test_the_public_names_are_these():
    assert crampwatch.__all__ == PUBLIC
    assert dir(crampwatch) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there(name):
    assert getattr(crampwatch, name) is not None


def test_the_version_is_that_of_the_installed_package():
    assert crampwatch.__version__ == version("crampwatch")


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = crampwatch.nothing


def test_import_alone_loads_nothing_heavy():
    code = (
        "import sys, crampwatch;"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('numpy', 'scipy', 'pandas', 'bokeh', 'typer', 'h5py')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
