"""Families kept out of training stay out; textures, persons and nights repeat."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from crampwatch.recording.errors import CrampwatchError
from crampwatch.recording.readers.open import open_recording
from crampwatch.sample_data import samples
from crampwatch.sample_data.simulator import (
    FAMILIES,
    SCENARIOS,
    find_family,
    held_out_families,
    simulate_night,
    training_families,
    write_night,
)
from crampwatch.sample_data.simulator.carriers import ATTRIBUTION, Carrier
from crampwatch.sample_data.simulator.distributions import Fixed
from crampwatch.sample_data.simulator.parameters import PARAMETERS
from crampwatch.sample_data.simulator.persons import SHARED, TRAITS, personal

BODY = ("muscle.", "fibre.", "unit.", "cramp_unit.", "electrode.", "accelerometer.", "heart.")
HELD_OUT = [family.name for family in held_out_families()]
MANNERS = {
    "potentials": ("fibre.front", "fibre.back", "fibre.half_length"),
    "firing": ("unit.rate_low", "unit.variation", "cramp_unit.rate", "cramp_unit.variation"),
    "noise colour": ("electrode.slope", "electrode.high_pass"),
    "electrodes": ("muscle.spacing", "muscle.electrode", "muscle.depth"),
    "accelerometer": ("accelerometer.noise", "accelerometer.gain"),
}


def limits(distribution):
    if isinstance(distribution, Fixed):
        return distribution.value, distribution.value
    return distribution.low, distribution.high


def known(family, name):
    return family.overrides.get(name) or PARAMETERS[name].distribution


def first_minute(made):
    return [stream.segments[0].source.read(0, 3000) for stream in made.night.streams]


def test_training_and_held_out_families_share_no_member_and_are_all_of_them():
    training = {family.name for family in training_families()}
    assert training
    assert len(HELD_OUT) >= 2
    assert not training & set(HELD_OUT)
    assert training | set(HELD_OUT) == set(FAMILIES)
    assert "standard" in training


@pytest.mark.parametrize("name", HELD_OUT)
@pytest.mark.parametrize("rows", MANNERS.values(), ids=MANNERS.keys())
def test_a_held_out_family_lies_outside_every_training_family_in_each_manner(name, rows):
    held = find_family(name)
    for row in rows:
        low, high = limits(known(held, row))
        for family in training_families():
            other_low, other_high = limits(known(family, row))
            assert high < other_low or other_high < low, (row, family.name)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
def test_a_family_overrides_only_rows_of_the_table(family):
    assert set(family.overrides) <= set(PARAMETERS)


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "standard"])
def test_no_random_number_is_shared_between_families(name):
    one, other = (simulate_night("mixed", 3, hours=0.1, family=f) for f in ("standard", name))
    assert [e.onset for e in one.truth] != [e.onset for e in other.truth]
    for a, b in zip(first_minute(one), first_minute(other), strict=True):
        x, y = (part[:, 0] - part[:, 0].mean() for part in (a, b))
        assert abs(np.corrcoef(x, y)[0, 1]) < 0.2


@pytest.mark.parametrize("name", HELD_OUT)
def test_a_night_of_a_held_out_family_says_so_in_name_header_and_notes(name, tmp_path):
    written = write_night("cramp", tmp_path, 2, hours=0.05, family=name)
    assert name in written.recording.name
    assert f"family_{name}" in written.recording.read_bytes()[:256].decode("ascii")
    told = json.loads(written.provenance.read_text("utf-8"))
    assert (told["family"], told["held_out"]) == (name, True)
    night = simulate_night("cramp", 2, hours=0.1, family=name).night
    assert any(name in note for note in night.notes)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_makes_sound_nights(family):
    made = simulate_night("mixed", 1, hours=0.1, family=family)
    for stream in made.night.streams:
        values = stream.physical(0, 0, len(stream.segments[0]))
        assert np.isfinite(values).all()
        if stream.kind == "acc":
            size = np.linalg.norm(values[:1000], axis=1)
            assert np.mean(size) == pytest.approx(1.0, abs=0.08)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_weakest_cramp_rises_above_the_noise_of_its_family(family):
    faint = {"cramp.level": Fixed(0.1), "cramp.before": Fixed(1.0), "cramp.rise": Fixed(2.0)}
    faint |= {"cramp.duration": Fixed(60.0), "cramp.stretched": Fixed(1.0)}
    scenario = replace(SCENARIOS["rest"], per_night={"cramp": Fixed(1)}, overrides=faint)
    for seed in range(3):
        made = simulate_night(scenario, seed, hours=0.1, family=family)
        cramp = next(e for e in made.truth if e.trial_type == "cramp")
        stream = next(s for s in made.night.streams if s.label == cramp.channel)

        def level(start, end, stream=stream):
            x = stream.physical(0, round(start * 1000), round(end * 1000))[:, 0]
            power = np.abs(np.fft.rfft(x.astype(np.float64))) ** 2
            hertz = np.fft.rfftfreq(x.size, 0.001)
            mains = np.abs(hertz - 50 * np.rint(hertz / 50)) < 2
            mains |= np.abs(hertz - 60 * np.rint(hertz / 60)) < 2
            kept = (hertz > 20) & (hertz < 200) & ~mains
            return np.sqrt(power[kept].sum()) / x.size

        rest = level(cramp.onset - 20, cramp.onset - 1)
        assert level(cramp.onset + 5, cramp.onset + 40) > 1.25 * rest


def test_an_unknown_family_is_one_clear_line():
    with pytest.raises(CrampwatchError) as caught:
        simulate_night("rest", 1, family="mine")
    assert "held_out_a" in str(caught.value)
    assert "\n" not in str(caught.value)


def quartiles(x):
    power = np.abs(np.fft.rfft(x[: x.size // 1000 * 1000].reshape(-1, 1000))) ** 2
    share = np.cumsum(power.mean(axis=0)[10:450])
    return 10.0 + np.searchsorted(share / share[-1], [0.25, 0.5, 0.75])


def real(name):
    (stream,) = open_recording(next(s.path for s in samples() if s.name == name)).streams
    x = stream.physical(0, 0, stream.n_samples)[:, 0].astype(np.float64)
    x -= np.median(x)
    level = np.sqrt(np.convolve(x**2, np.ones(200) / 200, "same"))
    return x[level > 0.4 * np.quantile(level, 0.99)]


@pytest.mark.parametrize("rate", [200.0, 500.0, 1000.0])
def test_a_carrier_has_level_one_everywhere_and_repeats(rate):
    page = Carrier(rate, 1, "EMG L GM", 1.0).page("cramp", 3, round(60 * rate))
    again = Carrier(rate, 1, "EMG L GM", 1.0).page("cramp", 3, round(60 * rate))
    np.testing.assert_array_equal(page, again)
    seconds = np.sqrt(np.mean(page.reshape(60, -1) ** 2, axis=1))
    assert np.mean(seconds) == pytest.approx(1.0, rel=0.1)
    assert seconds.min() > 0.7
    assert seconds.max() < 1.4


def test_a_carrier_has_the_spectrum_of_the_real_recordings():
    page = Carrier(1000.0, 1, "EMG L GM", 1.0).page("voluntary", 0, 60_000)
    found = quartiles(page)
    both = np.array([quartiles(real(name)) for name in ("emg_bursts", "emg_fatigue")])
    assert (found > 0.85 * both.min(axis=0)).all()
    assert (found < 1.15 * both.max(axis=0)).all()


def test_carriers_change_the_texture_and_nothing_else(tmp_path):
    plain, real_one = (
        simulate_night("cramp", 4, hours=0.3, carriers=carriers) for carriers in (False, True)
    )
    assert plain.truth == real_one.truth
    cramp = next(e for e in plain.truth if e.trial_type == "cramp")
    span = round(cramp.onset * 1000), round(cramp.end * 1000)
    one, other = (
        next(s for s in made.night.streams if s.label == cramp.channel).physical(0, *span)
        for made in (plain, real_one)
    )
    assert (one != other).mean() > 0.9
    assert np.std(other) == pytest.approx(np.std(one), rel=0.3)
    assert any(ATTRIBUTION in note for note in real_one.night.notes)
    written = write_night("cramp", tmp_path, 4, hours=0.1, carriers=True)
    assert json.loads(written.provenance.read_text("utf-8"))["carriers"] == ATTRIBUTION
    assert "PLUX" in ATTRIBUTION


def test_the_level_of_a_person_stays_and_persons_differ():
    table = PARAMETERS["cramp.level"].distribution
    medians = [personal({}, person)["cramp.level"].median for person in range(200)]
    assert np.median(medians) == pytest.approx(table.median, rel=0.2)
    assert np.std(np.log(medians)) == pytest.approx(np.sqrt(SHARED) * table.spread, rel=0.25)
    for name in TRAITS:
        mine = personal({}, 7)[name]
        assert limits(mine) == limits(PARAMETERS[name].distribution)


@pytest.mark.system
def test_nights_of_one_person_have_its_muscles_and_other_electrodes():
    overrides = {"tone.level": Fixed(60.0), "tone.both": Fixed(0.0)}
    busy = replace(SCENARIOS["rest"], per_night={"tone": Fixed(1)}, overrides=overrides)

    def night(seed, person):
        made = simulate_night(busy, seed, hours=0.05, person=person).night
        return made, quartiles(made.streams[0].physical(0, 20_000, 140_000)[:, 0])

    found = [[night(seed, person) for seed in (1, 2, 3)] for person in range(5)]
    spectra = np.log([[spectrum for _, spectrum in nights] for nights in found])
    within, between = spectra.std(axis=1).mean(), spectra.mean(axis=1).std(axis=0).mean()
    assert between > 2 * within
    notes = {tuple(s.notes for s in made.streams) for made, _ in found[0]}
    assert len(notes) == 3


@pytest.mark.parametrize(
    ("scenario", "options"),
    [
        ("tone", {"carriers": True}),
        ("fasciculations", {"family": "held_out_b"}),
        ("efm", {"person": 3}),
        ("cluster", {}),
        ("artefacts", {}),
    ],
)
def test_a_night_does_not_depend_on_how_it_is_read(scenario, options):
    def streams():
        return simulate_night(scenario, 6, hours=0.1, **options).night.streams

    for one, other in zip(streams(), streams(), strict=True):
        source = one.segments[0].source
        size = min(len(one.segments[0]), round(150 * one.rate_hz))
        cuts = [0, round(0.21 * size), round(0.83 * size), size]
        back = [source.read(a, b) for a, b in zip(cuts[2::-1], cuts[:0:-1], strict=True)]
        whole = other.segments[0].source.read(0, size)
        np.testing.assert_array_equal(np.concatenate(back[::-1]), whole)
