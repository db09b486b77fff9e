"""What is simulated is physically sane, and the truth is true."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from crampwatch.recording.errors import CrampwatchError
from crampwatch.recording.readers.open import open_recording
from crampwatch.sample_data import samples
from crampwatch.sample_data.simulator import SCENARIOS, simulate_night
from crampwatch.sample_data.simulator.motor_units import cramp_pool, voluntary_pool
from crampwatch.sample_data.simulator.parameters import PARAMETERS
from crampwatch.sample_data.simulator.potentials import Geometry
from crampwatch.sample_data.simulator.rendering import bank

GEOMETRY = Geometry(fat_mm=4.0, spacing_mm=25.0, speed_m_s=3.8)


def band(x, rate, low=10.0, high=100.0):
    spectrum = np.fft.rfft(x - np.mean(x))
    frequency = np.fft.rfftfreq(len(x), 1 / rate)
    spectrum[(frequency < low) | (frequency > high)] = 0
    return np.fft.irfft(spectrum, len(x))


def rms(x):
    return float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))


def active(x, width=200):
    """Return the samples where the muscle works, by its own level."""
    x = band(x.astype(np.float64), 1000.0, 10.0, 450.0)
    level = np.sqrt(np.convolve(x**2, np.ones(width) / width, "same"))
    return x[level > 0.4 * np.quantile(level, 0.99)]


def quartiles(x):
    """Return the quartiles of the power spectrum, 10 to 450 Hz, at 1000 Hz."""
    pieces = x[: len(x) // 1000 * 1000].reshape(-1, 1000) * np.hanning(1000)
    power = np.mean(np.abs(np.fft.rfft(pieces)) ** 2, axis=0)[10:450]
    share = np.cumsum(power) / power.sum()
    return 10.0 + np.searchsorted(share, [0.25, 0.5, 0.75])


def piece(stream, start, end):
    """Return a stretch that lies in one segment."""
    for number, segment in enumerate(stream.segments):
        first = round((start - segment.start_s) * stream.rate_hz)
        last = round((end - segment.start_s) * stream.rate_hz)
        if first >= 0 and last <= len(segment):
            return stream.physical(number, first, last)
    raise ValueError("the stretch holds a gap")


def stream_of(made, label):
    return next(s for s in made.night.streams if s.label == label)


def contraction(pool, level, rate=1000.0, seconds=40, seed=0):
    excitation, curve = pool.rms_curve()
    drive = np.full(seconds * 100, np.interp(level, curve, excitation))
    rng = np.random.default_rng(seed)
    spikes = pool.discharge(drive, 0.0, 0.01, rng)
    count = round(seconds * rate)
    return spikes, bank(pool, rate).render(spikes, 0, count)[:count]


@pytest.mark.parametrize("make", [voluntary_pool, cramp_pool])
@pytest.mark.parametrize("level", [15.0, 60.0, 250.0])
@pytest.mark.parametrize("seed", range(4))
def test_level_of_a_contraction_is_the_one_asked_for(make, level, seed):
    pool = make(np.random.default_rng(seed), 350.0, GEOMETRY)
    _, emg = contraction(pool, level)
    assert rms(emg) == pytest.approx(level, rel=0.3)


@pytest.mark.parametrize("seed", range(4))
def test_spectrum_of_a_contraction_is_that_of_surface_emg(seed):
    pool = voluntary_pool(np.random.default_rng(seed), 350.0, GEOMETRY)
    _, emg = contraction(pool, 100.0)
    power = np.mean(np.abs(np.fft.rfft(emg.reshape(-1, 1000) * np.hanning(1000))) ** 2, axis=0)
    frequency = np.fft.rfftfreq(1000, 0.001)
    share = np.cumsum(power) / power.sum()
    assert 40 <= frequency[power.argmax()] <= 150
    assert 50 <= frequency[np.searchsorted(share, 0.5)] <= 130
    assert share[frequency <= 10][-1] < 0.05
    assert share[frequency <= 400][-1] > 0.97


@pytest.mark.parametrize("name", ["emg_bursts", "emg_fatigue"])
def test_texture_resembles_that_of_a_real_muscle(name):
    path = next(sample.path for sample in samples() if sample.name == name)
    (stream,) = open_recording(path).streams
    real = quartiles(active(stream.physical(0, 0, stream.n_samples)[:, 0]))
    simulated = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        fat, spacing, speed = (
            PARAMETERS[f"muscle.{part}"].distribution.draw(rng)
            for part in ("fat", "spacing", "speed")
        )
        pool = voluntary_pool(rng, 350.0, Geometry(fat, spacing, speed))
        simulated.append(quartiles(contraction(pool, 130.0)[1]))
    low, high = np.min(simulated, axis=0), np.max(simulated, axis=0)
    assert (low < 1.15 * real).all()
    assert (high > 0.85 * real).all()


def test_discharges_of_a_cramp_are_as_published():
    pool = cramp_pool(np.random.default_rng(1), 350.0, GEOMETRY)
    spikes, _ = contraction(pool, 60.0)
    counts = np.bincount(spikes.unit)
    rates = counts[counts > 0] / 40
    assert 13 < np.mean(rates) < 21
    assert np.quantile(rates, 0.05) > 7
    assert np.quantile(rates, 0.95) < 26
    busiest = np.sort(spikes.time_s[spikes.unit == counts.argmax()])
    assert 0.35 < np.std(np.diff(busiest)) / np.mean(np.diff(busiest)) < 0.55


def test_intervals_of_a_unit_vary_as_planned():
    pool = voluntary_pool(np.random.default_rng(2), 350.0, GEOMETRY)
    spikes, _ = contraction(pool, 80.0, seconds=120)
    times = np.sort(spikes.time_s[spikes.unit == 0])
    intervals = np.diff(times)
    assert np.std(intervals) / np.mean(intervals) == pytest.approx(pool.isi_cv, rel=0.25)
    assert intervals.min() > 0.005


def test_units_are_recruited_in_order_of_threshold():
    pool = voluntary_pool(np.random.default_rng(2), 350.0, GEOMETRY)
    weak = pool.rates(np.array([0.1]))[:, 0]
    strong = pool.rates(np.array([0.6]))[:, 0]
    assert np.all(np.diff(pool.threshold) > 0)
    assert (strong >= weak).all()
    assert np.count_nonzero(strong) > np.count_nonzero(weak) > 0


@pytest.mark.parametrize("rate", [250.0, 1000.0])
@pytest.mark.parametrize("seed", range(3))
def test_resting_noise_is_the_one_planned(rate, seed):
    montage = replace(SCENARIOS["rest"].montage, emg_rate_hz=rate)
    silent = {"electrode.mains": _zero(), "electrode.ecg": _zero()}
    scenario = replace(SCENARIOS["rest"], montage=montage, overrides=silent)
    night = simulate_night(scenario, seed, hours=0.05).night
    for stream in night.of_kind("emg"):
        planned = float(stream.notes[1].split()[3])
        x = piece(stream, 5, 175)[:, 0].astype(np.float64)
        assert rms(band(x, rate)) == pytest.approx(planned, rel=0.3)
        assert 0.3 < planned <= 2.0


def test_gravity_is_one_g_at_rest(sample):
    stream = sample.night.of_kind("acc")[0]
    busy = [(event.onset - 5, event.end + 5) for event in sample.truth]
    t = np.arange(stream.n_samples) / stream.rate_hz
    still = ~np.any([(t >= a) & (t <= b) for a, b in busy], axis=0)
    size = np.linalg.norm(stream.physical(0, 0, stream.n_samples), axis=1)[still]
    assert np.mean(size) == pytest.approx(1.0, abs=0.003)
    assert np.max(np.abs(size - 1.0)) < 0.03


def test_a_posture_shift_turns_gravity(mixed):
    shifts = [e for e in mixed.truth if e.extra["cause"] == "posture_shift"]
    assert shifts
    stream = stream_of(mixed, "ACC L")
    angles = []
    for shift in shifts:
        before = piece(stream, shift.onset - 3, shift.onset - 0.5).mean(axis=0)
        after = piece(stream, shift.end + 0.5, shift.end + 3).mean(axis=0)
        cosine = before @ after / np.linalg.norm(before) / np.linalg.norm(after)
        angles.append(math.degrees(math.acos(min(1.0, float(cosine)))))
    assert np.median(angles) > 15


def test_about_39_percent_of_leg_movements_do_not_accelerate():
    made = [simulate_night("plm", seed).truth for seed in range(4)]
    moved = [e.extra["moved"] for truth in made for e in truth if e.trial_type in {"LM", "PLM"}]
    assert len(moved) > 300
    assert 1 - np.mean(moved) == pytest.approx(0.39, abs=0.07)


def test_a_movement_without_acceleration_is_still(sample):
    stream = sample.night.of_kind("acc")[0]
    for event in sample.truth:
        if event.trial_type in {"LM", "PLM"}:
            shake = np.ptp(piece(stream, event.onset, event.end + 0.2), axis=0).max()
            assert (shake > 0.04) == bool(event.extra["moved"])


@pytest.mark.parametrize("seed", range(6))
def test_intervals_of_a_plm_series_lie_in_10_to_90_s(seed):
    truth = simulate_night("plm", seed).truth
    onsets = np.array([e.onset for e in truth if e.trial_type == "PLM"])
    onsets = onsets[np.diff(onsets, prepend=-1e9) > 0.45]
    gaps = np.diff(onsets)
    runs = np.split(np.arange(onsets.size), np.flatnonzero(gaps > 90) + 1)
    assert all(run.size >= 4 for run in runs if run.size)
    assert (gaps >= 10).all()


def test_isolated_movements_are_further_apart_than_a_series_allows(mixed):
    onsets = [
        (e.onset, e.trial_type)
        for e in mixed.truth
        if e.trial_type in {"LM", "PLM"} and e.extra["cause"] != "rbd"
    ]
    for (a, kind), (b, other) in pairwise(onsets):
        if "LM" in {kind, other}:
            assert b - a > 90


@pytest.mark.parametrize("trial_type", ["PLM", "LM", "cramp"])
@pytest.mark.parametrize("seed", [1, 2])
def test_emg_rises_at_the_true_onset_and_is_gone_after_the_end(trial_type, seed):
    made = simulate_night("mixed", seed)
    events = [
        e for e in made.truth if e.trial_type == trial_type and e.extra["cause"] != "rbd"
    ][:8]
    assert events
    for event in events:
        stream = stream_of(made, event.channel)
        rate = stream.rate_hz
        start = event.onset - 5.0
        x = band(piece(stream, start, event.end + 5.0)[:, 0].astype(np.float64), rate, 10, 400)
        width = round(0.1 * rate)
        level = np.sqrt(np.convolve(x**2, np.ones(width) / width, "same"))
        rest = np.median(level[: round(4 * rate)])
        above = np.flatnonzero(level > rest + 4.0)
        onset, end = start + above[0] / rate, start + above[-1] / rate
        late = 0.35 if trial_type != "cramp" else 0.6 * float(event.extra["rise_s"]) + 1.0
        assert -0.15 <= onset - event.onset <= late
        assert -0.6 * event.duration <= end - event.end <= 5.0
        if trial_type != "cramp":
            assert abs(end - event.end) < 0.6
        inside = level[round((event.onset - start) * rate) :][: round(event.duration * rate)]
        assert np.quantile(inside, 0.9) == pytest.approx(event.extra["level_uv"], rel=0.6)


def test_periodic_movements_of_both_legs_come_together():
    truth = [e for seed in range(3) for e in simulate_night("plm", seed).truth]
    movements = [e for e in truth if e.trial_type == "PLM"]
    pairs = [(a, b) for a, b in pairwise(movements) if a.side != b.side and b.onset > a.onset]
    together = [b.onset - a.onset for a, b in pairs if b.onset - a.onset < 10]
    assert len(together) > 20
    assert max(together) <= 0.41


def test_after_a_cramp_most_sleepers_move_and_some_sleep_on():
    after = []
    for seed in range(12):
        truth = simulate_night("cramp", seed).truth
        for cramp in (e for e in truth if e.trial_type == "cramp"):
            moves = [
                e
                for e in truth
                if e.extra["cause"] in {"posture_shift", "walking", "rubbing"}
                and 0 <= e.onset - cramp.end <= 50
            ]
            after.append(bool(moves))
    assert 0.4 < np.mean(after) < 0.95


def test_the_antagonist_is_nearly_silent_in_a_cramp(sample):
    cramp = next(e for e in sample.truth if e.trial_type == "cramp")
    calf = piece(stream_of(sample, "EMG L GM"), cramp.onset + 5, cramp.end - 5)[:, 0]
    shin = piece(stream_of(sample, "EMG L TA"), cramp.onset + 5, cramp.end - 5)[:, 0]
    assert rms(band(shin, 250.0)) < 0.2 * rms(band(calf, 250.0))


def test_what_exceeds_the_range_is_clipped_not_wrapped():
    scenario = replace(
        SCENARIOS["rest"],
        per_night={"electrode_pop": SCENARIOS["sample"].per_night["electrode_pop"]},
        overrides={"pop.size": type(PARAMETERS["pop.size"].distribution)(9e4, 0.01, 8e4, 1e5)},
    )
    made = simulate_night(scenario, 1, hours=0.1)
    pop = made.truth[0]
    stream = stream_of(made, pop.channel)
    raw = stream.segments[0].source.read(
        round(pop.onset * 1000), round((pop.onset + 0.1) * 1000)
    )
    assert raw.max() == 32767 or raw.min() == -32768
    assert (np.sign(raw[2:]) == np.sign(raw[2])).all()


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_makes_what_it_names(name):
    made = simulate_night(name, 1)
    wanted = set(SCENARIOS[name].per_night)
    assert {each.name for each in made.plan.happenings} == wanted
    cramps = {event.trial_type for event in made.truth} & {"cramp"}
    assert bool(cramps) == bool(wanted & {"cramp", "cramp_cluster"})
    assert all(e.onset >= 0 and e.end <= made.night.duration_s for e in made.truth)
    assert [e.onset for e in made.truth] == sorted(e.onset for e in made.truth)


def test_every_parameter_has_a_unit_and_a_source():
    for name, row in PARAMETERS.items():
        assert row.unit, name
        assert row.source, name


@pytest.mark.parametrize(
    ("name", "seed", "hours"),
    [("nights", 1, None), ("mixed", 1, 0.0), ("mixed", 1, 99.0), ("mixed", -1, None)],
)
def test_a_wrong_wish_is_one_clear_line(name, seed, hours):
    with pytest.raises(CrampwatchError) as caught:
        simulate_night(name, seed, hours=hours)
    assert "\n" not in str(caught.value)


def _zero():
    distribution = PARAMETERS["muscle.fat"].distribution
    return type(distribution)(0.0, 0.0)
