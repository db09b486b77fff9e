"""Same seed, same night: however it is read, and whatever else was drawn."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crampwatch.sample_data.simulator import SCENARIOS, simulate_night, write_night
from crampwatch.sample_data.simulator.distributions import Fixed
from crampwatch.sample_data.simulator.muscle import Muscle

MIXED = SCENARIOS["mixed"]
SHORT = replace(
    MIXED,
    montage=replace(MIXED.montage, emg_rate_hz=250.0),
    per_night={name: n for name, n in MIXED.per_night.items() if name != "radio_gap"},
)


def everything(name, seed, hours):
    made = simulate_night(name, seed, hours=hours)
    return made.truth, [s.segments[0].source.read(0, s.n_samples) for s in made.night.streams]


def test_same_seed_same_samples_and_truth():
    truth, signals = everything("mixed", 3, 0.1)
    again, repeated = everything("mixed", 3, 0.1)
    assert truth == again
    for one, other in zip(signals, repeated, strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_seed_is_another_night():
    truth, signals = everything(SHORT, 3, 0.1)
    other_truth, other = everything(SHORT, 4, 0.1)
    assert truth != other_truth
    assert all((a != b).any() for a, b in zip(signals, other, strict=True))


@pytest.fixture(scope="module")
def whole_streams():
    """Every stream of a short night, read in one piece."""
    return everything(SHORT, 9, 0.1)[1]


@settings(max_examples=20)
@given(
    cuts=st.lists(st.integers(0, 90_000), max_size=12),
    stream=st.integers(0, 5),
    backwards=st.booleans(),
)
def test_samples_do_not_depend_on_how_they_are_read(whole_streams, cuts, stream, backwards):
    expected = whole_streams[stream]
    edges = [0, *sorted(min(cut, len(expected)) for cut in cuts), len(expected)]
    pairs = list(pairwise(edges))
    source = simulate_night(SHORT, 9, hours=0.1).night.streams[stream].segments[0].source
    parts = {pair: source.read(*pair) for pair in (pairs[::-1] if backwards else pairs)}
    np.testing.assert_array_equal(np.concatenate([parts[pair] for pair in pairs]), expected)


def test_memory_does_not_grow_with_the_night():
    peaks = []
    for hours in (0.2, 0.8):
        night = simulate_night(SHORT, 4, hours=hours).night
        tracemalloc.start()
        for stream in night.streams:
            for _ in stream.chunks(60):
                pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]


@pytest.mark.parametrize("rate", [100.0, 256.0, 999.7, 1000.0, 2000.0])
def test_any_rate_gives_every_sample_once(rate):
    recipe = replace(SHORT, montage=replace(MIXED.montage, emg_rate_hz=rate))
    stream = simulate_night(recipe, 2, hours=0.06).night.streams[0]
    assert stream.n_samples == round(220 * rate)
    whole = stream.segments[0].source.read(0, stream.n_samples)
    assert whole.shape == (stream.n_samples, 1)
    halves = [raw for _, _, raw in stream.chunks(7.3)]
    np.testing.assert_array_equal(np.concatenate(halves), whole)


def test_one_more_event_of_a_kind_leaves_the_person_alone():
    quiet = simulate_night("rest", 6, hours=0.05).night
    busy = simulate_night(
        replace(SCENARIOS["rest"], per_night=SCENARIOS["cramp"].per_night), 6, hours=0.05
    ).night
    for one, other in zip(quiet.streams, busy.streams, strict=True):
        assert one.notes == other.notes
        first = one.segments[0].source.read(0, 1000)
        np.testing.assert_array_equal(first, other.segments[0].source.read(0, 1000))


def test_writing_a_night_full_of_gaps_computes_each_page_once(tmp_path, monkeypatch):
    rendered = []
    plain = Muscle._rendered

    def counted(muscle, number):
        rendered.append((id(muscle), number))
        return plain(muscle, number)

    monkeypatch.setattr(Muscle, "_rendered", counted)
    recipe = replace(
        SCENARIOS["rest"],
        montage=replace(MIXED.montage, emg_rate_hz=200.0),
        per_night={"radio_trouble": Fixed(8), "radio_gap": Fixed(30)},
    )
    write_night(recipe, tmp_path, 3)
    assert len(rendered) == len(set(rendered)) == 4 * 60
