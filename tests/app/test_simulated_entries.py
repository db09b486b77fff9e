"""Entries ``sim:`` and ``sim2:`` of lists: nights of two simulators that share nothing."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from crampwatch.app.evaluate.nights import find_nights
from crampwatch.app.train.simulated import (
    second_simulator_version,
    simulated_night,
    simulator_version,
)
from crampwatch.app.train.work import Request, find_table
from crampwatch.models.evaluation import evaluate_nights
from crampwatch.models.nights import read_nights
from crampwatch.models.training import TrainingSettings
from crampwatch.recording.errors import CrampwatchError
from crampwatch.sample_data.second_simulator import KINDS, second_night

SHORT = "sim2:cramps?seed=7&hours=0.25"


def same_samples(one, other):
    return all(
        np.array_equal(a.source.read(0, len(a)), b.source.read(0, len(b)))
        for mine, theirs in zip(one.streams, other.streams, strict=True)
        for a, b in zip(mine.segments, theirs.segments, strict=True)
    )


def test_a_night_of_the_first_simulator_is_told_by_its_entry():
    night = simulated_night("sim:mixed?seed=7&hours=0.1&person=3")
    assert (night.person, night.group, night.held_out) == ("standard/person-3", "mixed", False)
    assert night.about["family"] == "standard"
    assert night.identity.endswith(f"&simulator={simulator_version()}")


def test_a_night_of_the_second_simulator_is_told_by_its_entry():
    night = simulated_night(SHORT)
    made, truth = second_night("cramps", 7, 0.25)
    assert night.id == SHORT
    assert night.person == "second/seed-7"
    assert night.group == "second/cramps"
    assert night.source == "simulated"
    assert night.truth == truth
    assert night.unmarked == ()
    assert same_samples(night.open(), made)
    assert dict(night.about) == {
        "scenario": "cramps",
        "family": "second",
        "seed": "7",
        "hours": "0.25",
        "sensors": made.devices[0].split()[1],
        "recording": SHORT,
        "format": "simulated",
    }


def test_a_night_of_the_second_simulator_is_known_by_what_it_was_drawn_from():
    night = simulated_night(SHORT)
    assert night.identity.startswith("sim2:scenario=cramps&family=second&seed=7&hours=0.25&")
    assert night.identity.endswith(f"&simulator={second_simulator_version()}")
    assert second_simulator_version() != simulator_version()
    others = ("sim2:cramps?seed=8&hours=0.25", "sim2:cramps?seed=7&hours=0.5",
              "sim2:quiet?seed=7&hours=0.25", "sim:cramp?seed=7&hours=0.25")  # fmt: skip
    assert len({night.identity, *(simulated_night(each).identity for each in others)}) == 5


def test_the_seed_and_the_hours_may_be_left_out():
    short, whole = simulated_night("sim2:quiet"), simulated_night("sim2:quiet?seed=1&hours=4")
    assert short.identity == whole.identity
    assert short.truth == whole.truth


@pytest.mark.parametrize(("seed", "held_out"), [(0, False), (999, False), (1000, True)])
def test_seeds_from_1000_on_are_kept_for_tests(seed, held_out):
    entry = f"sim2:quiet?seed={seed}&hours=0.25"
    assert simulated_night(entry).held_out is held_out


def test_nothing_is_trained_on_a_night_that_is_kept_for_tests(tmp_path):
    request = Request(
        ["sim2:quiet?seed=1000&hours=0.25"], tmp_path / "m.skops", TrainingSettings()
    )
    with pytest.raises(CrampwatchError, match="kept out of training for the final test"):
        find_table(request, lambda _: None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_night_can_be_sent_to_another_process(kind):
    night = simulated_night(f"sim2:{kind}?seed=2&hours=0.25")
    opened = pickle.loads(pickle.dumps(night.open))()
    assert same_samples(opened, night.open())


def test_nights_of_both_simulators_stand_in_one_list(tmp_path):
    file = tmp_path / "nights.tsv"
    file.write_text(f"night\tperson\n{SHORT}\tanna\nsim:mixed?seed=7&hours=0.1\tn/a\n")
    first, second = read_nights(file, opener=simulated_night)
    assert (first.person, first.about["family"]) == ("anna", "second")
    assert (second.person, second.about["family"]) == ("standard/seed-7", "standard")


def test_the_same_night_counts_once():
    with pytest.raises(CrampwatchError, match="are the same night"):
        find_nights([SHORT, "sim2:cramps?hours=0.250&seed=7"])


def test_the_same_name_in_both_simulators_is_two_nights():
    nights, _ = find_nights(["sim:mixed?seed=7&hours=0.25", "sim2:mixed?seed=7&hours=0.25"])
    assert len(nights) == 2


def test_an_evaluation_keeps_the_two_simulators_apart():
    nights, _ = find_nights([SHORT, "sim:cramp?seed=3&hours=0.1"])
    facts = evaluate_nights(nights, resamples=2)
    assert facts.evidence == "simulated"
    assert set(facts.nights["families"]) == {"standard", "second"}
    assert {"cramp", "second/cramps"} <= set(facts.final.false_alarms_by_scenario)


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ("sim:nightmare", "nightmare"),
        ("sim:rest?seed=x", "sim:rest?seed=x: seed='x' is no number"),
        ("sim:rest?kind=1", "'kind' is not one of family, sensors, seed, person, hours"),
        ("sim:rest?seed", "write it as sim:SCENARIO?seed=7&family=dry"),
        ("sim2:nightmare", "nights of kind 'nightmare' are not known; choose of: cramps, "),
        ("sim2:", "nights of kind '' are not known"),
        ("sim2:quiet?seed=x", "sim2:quiet?seed=x: seed='x' is no number"),
        ("sim2:quiet?seed=1.5", "seed='1.5' is no number"),
        ("sim2:quiet?seed=-1", "seed -1 is negative"),
        ("sim2:quiet?hours=nan", "a night of nan h cannot be simulated"),
        ("sim2:quiet?hours=1e9", "take 0.25 to 12 h"),
        ("sim2:quiet?family=dry", "'family' is not one of seed, hours"),
        ("sim2:quiet?seed", "write it as sim2:KIND?seed=7&hours=4"),
        ("sim2:quiet?seed=" + 5000 * "9", "is no number"),
        ("sim2:" + 5000 * "x", "are not known"),
    ],
)
def test_what_cannot_be_simulated_is_told_in_one_line(entry, line):
    with pytest.raises(CrampwatchError) as told:
        simulated_night(entry)
    assert line in str(told.value)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 400


@pytest.mark.parametrize(
    ("entry", "everyday"),
    [("sim:mixed?hours=0.1", True), ("sim:dense?hours=0.1", False), (SHORT, False)],
)
def test_nights_with_more_than_a_night_holds_are_no_everyday_nights(entry, everyday):
    assert simulated_night(entry).everyday is everyday
