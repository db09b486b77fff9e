"""What all tests share: deterministic hypothesis, and the switches of the long layers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci",
    max_examples=50,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the evidence layer run as a reduced case of each measurement."""
    parser.addoption(
        "--reduced",
        action="store_true",
        help="evidence tests: the smallest case of each measurement, for .ci/run",
    )
    parser.addoption(
        "--tables",
        type=Path,
        help="evidence tests: folder that the tables of the full measurement are written to",
    )


@pytest.fixture(scope="session")
def tables(request: pytest.FixtureRequest) -> Path | None:
    """Return the folder for the tables of an evidence test, or None."""
    folder: Path | None = request.config.getoption("--tables")
    return folder


@pytest.fixture(scope="session")
def reduced(request: pytest.FixtureRequest) -> bool:
    """Tell an evidence test to run its smallest case."""
    return bool(request.config.getoption("--reduced"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root of the checkout."""
    return Path(__file__).resolve().parent.parent
