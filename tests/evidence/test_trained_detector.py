"""How the shipped detector fares on SIMULATED nights that nothing was trained on.

    pytest -m evidence --tables docs/evidence

judges it on every night of ``models/weights/evidence.tsv`` (held-out families of the
simulator) and writes the tables that the docs show. The nights come from this project's own
simulators: the figures say that the program does what it was built to do, not how it does on
a real leg. The bounds here are floors that a change must not fall through; what is to be
reached stands in the evaluation's own list of goals.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crampwatch.app.evaluate.work import Request, evaluate
from crampwatch.models.evaluation import Evaluation

pytestmark = pytest.mark.evidence

REDUCED = (
    "sim:dense?seed=9002&family=held_out_a&hours=2",
    "sim:plm?seed=9003&family=held_out_b&hours=1.5",
    "sim:posture?seed=9004&family=held_out_a&hours=1.5",
    "sim2:cramps?seed=1001&hours=2",
)


@pytest.fixture(scope="module")
def evaluation(
    repository: Path,
    reduced: bool,
    tables: Path | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Evaluation:
    nights = REDUCED if reduced else (str(repository / "models/weights/evidence.tsv"),)
    out = tmp_path_factory.mktemp("evidence") / "held_out"
    found = evaluate(Request(nights=nights, out=out, workers=2))
    if tables is not None and not reduced:
        tables.mkdir(parents=True, exist_ok=True)
        for kind in ("md", "json"):
            shutil.copyfile(out / f"evaluation.{kind}", tables / f"held_out.{kind}")
    return found


def test_every_night_was_judged_and_says_that_it_is_simulated(evaluation: Evaluation) -> None:
    assert not evaluation.unusable
    assert evaluation.evidence == "simulated"
    assert evaluation.model["evidence"] == "simulated"


def test_no_movement_of_a_series_is_called_a_cramp(evaluation: Evaluation) -> None:
    assert evaluation.final.swallowed["PLM"]["cramp"] == 0


def test_cramps_are_found(evaluation: Evaluation) -> None:
    longer = evaluation.final.sensitivity["duration"]["> 20 s"].either
    assert longer.value is not None
    assert longer.value >= 0.5


def test_false_cramps_are_rare(evaluation: Evaluation) -> None:
    rate = evaluation.final.false_alarms["cramp"].per_night.value
    assert rate is not None
    assert rate <= 0.2


def test_finds_begin_where_the_cramps_do(evaluation: Evaluation) -> None:
    assert evaluation.final.onset is not None
    assert evaluation.final.onset.half_s <= 2.0


def test_leg_movements_are_found(evaluation: Evaluation) -> None:
    f1 = evaluation.movements["all"]["all"].loose.f1
    assert f1 is not None
    assert f1 >= 0.85
