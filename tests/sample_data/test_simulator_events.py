"""Every kind of event is what its definition says, in the plan and in the signals."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from crampwatch.sample_data.simulator import SCENARIOS, simulate_night
from crampwatch.sample_data.simulator.distributions import Fixed, Uniform
from crampwatch.sample_data.simulator.rhythms import movements


def night_of(name, seed, hours, count=1, **overrides):
    """Return a night in which only one kind of thing happens."""
    scenario = replace(
        SCENARIOS["rest"],
        name=f"only {name}",
        per_night={name: Uniform(count / hours, count / hours)},
        overrides={key.replace("__", "."): Fixed(value) for key, value in overrides.items()},
    )
    return simulate_night(scenario, seed, hours=hours)


def emg(made, label, start, end):
    stream = next(s for s in made.night.streams if s.label == label)
    first, last = (round(t * stream.rate_hz) for t in (start, end))
    return stream.physical(0, first, last)[:, 0].astype(np.float64)


def acceleration(made, side, start, end):
    label = f"ACC {side[0].upper()}"
    stream = next(s for s in made.night.streams if s.label == label)
    return stream.physical(0, round(start * 50), round(end * 50))


def filtered(x, low=20.0, high=400.0, rate=1000.0):
    spectrum = np.fft.rfft(x)
    frequency = np.fft.rfftfreq(len(x), 1 / rate)
    spectrum[(frequency < low) | (frequency > high)] = 0
    return np.fft.irfft(spectrum, len(x))


def envelope(x, width=60):
    return np.sqrt(np.convolve(filtered(x) ** 2, np.ones(width) / width, "same"))


def rms(x):
    return float(np.sqrt(np.mean(np.square(filtered(x)))))


def median_frequency(x):
    power = np.abs(np.fft.rfft(x[: len(x) // 1000 * 1000].reshape(-1, 1000))) ** 2
    share = np.cumsum(power.mean(axis=0)[10:400])
    return 10 + int(np.searchsorted(share, 0.5 * share[-1]))


def marked(scenario, trial_type, seeds):
    return [
        event
        for seed in seeds
        for event in simulate_night(scenario, seed).truth
        if event.trial_type == trial_type
    ]


def trains(made, muscle="TA"):
    return [
        (side, work.envelope)
        for side in ("left", "right")
        for work in made.plan.activations(side, muscle)
    ]


@pytest.mark.parametrize(
    ("scenario", "trial_type", "low", "high"),
    [("alma", "ALMA", 0.5, 3.0), ("hft", "HFT", 0.3, 4.0)],
)
def test_rhythms_have_the_published_rates_and_at_least_four_bursts(
    scenario, trial_type, low, high
):
    found = marked(scenario, trial_type, range(3))
    assert len(found) > 20
    for event in found:
        assert low <= event.extra["rate_hz"] <= high
        assert event.extra["bursts"] >= 4
    rates = [event.extra["rate_hz"] for event in found]
    assert max(rates) > 2.0
    assert min(rates) < 1.1


@pytest.mark.parametrize("seed", range(3))
def test_alma_alternates_between_the_legs_in_bursts_of_100_to_500_ms(seed):
    made = night_of("alma", seed, 0.1)
    (event,) = made.truth
    assert event.side == "both"
    for _, train in trains(made):
        assert all(0.08 <= length <= 0.58 for length in train.lengths_s)
    left, right = (
        envelope(emg(made, f"EMG {side} TA", event.onset, event.end)) for side in "LR"
    )
    assert np.corrcoef(left, right)[0, 1] < -0.1


def test_foot_tremor_repeats_at_its_rate_and_shakes_the_leg_at_it():
    nights = (night_of("hft", n, 0.1, hft__duration=20.0, hft__rate=1.6) for n in range(9))
    made = next(night for night in nights if night.truth[0].extra["moved"])
    (event,) = made.truth
    level = envelope(emg(made, event.channel, event.onset, event.end))
    power = np.abs(np.fft.rfft(level - level.mean())) ** 2
    rate = np.fft.rfftfreq(len(level), 0.001)[power.argmax()]
    assert rate == pytest.approx(1.6, abs=0.15)
    moves = acceleration(made, event.side, event.onset, event.end)
    still = acceleration(made, event.side, 5.0, 25.0)
    assert np.std(moves, axis=0).max() > 3 * np.std(still, axis=0).max()


@pytest.mark.parametrize("seed", range(3))
def test_efm_has_five_short_bursts_in_every_minute_of_twenty_and_moves_nothing(seed):
    made = night_of("efm", seed, 1.3)
    (event,) = made.truth
    assert event.duration >= 20 * 60
    ((_, train),) = trains(made)
    assert max(train.lengths_s) <= 0.15
    assert min(b - a for a, b in pairwise(train.onsets_s)) > 0.2
    per_minute = np.bincount((np.array(train.onsets_s) // 60).astype(int))
    assert np.mean(per_minute >= 5) > 0.9
    moves = acceleration(made, event.side, event.onset, event.onset + 600)
    assert np.ptp(moves, axis=0).max() < 0.06


def test_rem_twitches_are_irregular_bursts_of_100_ms_to_a_second():
    made = night_of("rbd", 4, 0.3, rbd__duration=600.0)
    (cluster,) = made.plan.happenings
    assert cluster.name == "rbd"
    for _, train in trains(made):
        assert min(train.lengths_s) >= 0.1
        assert max(train.lengths_s) <= 1.0
        waits = np.diff(train.onsets_s)
        assert np.std(waits) > 0.5 * np.mean(waits)
    assert {event.trial_type for event in made.truth} == {"LM"}
    assert all(event.duration >= 0.5 for event in made.truth)


@pytest.mark.parametrize(
    ("bursts", "expected"),
    [
        ([(0.0, 0.3)], []),
        ([(0.0, 0.6)], [(0.0, 0.6)]),
        ([(0.0, 0.3), (0.5, 0.3)], [(0.0, 0.8)]),
        ([(0.0, 0.1), (0.4, 0.1)], []),
        ([(0.0, 0.6), (1.1, 0.6)], [(0.0, 0.6), (1.1, 0.6)]),
        ([(0.0, 0.6), (1.05, 0.6)], [(0.0, 1.65)]),
    ],
)
def test_twitches_that_last_like_a_movement_are_marked_as_one(bursts, expected):
    found = movements(bursts)
    assert [at for at, _ in found] == [at for at, _ in expected]
    np.testing.assert_allclose([n for _, n in found], [n for _, n in expected])


def test_a_fasciculation_is_one_potential_of_one_unit_and_is_not_marked():
    made = night_of("fasciculations", 3, 0.2, fasciculation__rate=6, fasciculation__peak=200)
    assert made.truth == ()
    (some,) = (t for t in made.plan.twitches("left", "GM") or made.plan.twitches("right", "GM"))
    x = filtered(emg(made, f"EMG {some.side[0].upper()} GM", 0, made.night.duration_s), 10)
    times = [t for t in some.times_s if 1 < t < made.night.duration_s - 1]
    alone = [t for t in times if sum(abs(t - other) < 0.2 for other in times) == 1]
    assert len(alone) > 10
    for t in alone[:20]:
        around = np.abs(x[round((t - 0.1) * 1000) : round((t + 0.1) * 1000)])
        assert 100 < around.max() < 300
        assert np.count_nonzero(around > 0.3 * around.max()) < 40


def test_tone_lasts_all_night_and_movements_rise_above_it():
    scenario = replace(
        SCENARIOS["rest"],
        per_night={"tone": Fixed(1), "plm_series": Fixed(1)},
        overrides={"tone.level": Fixed(8.0), "tone.both": Fixed(0.0), "plm.count": Fixed(6)},
    )
    made = simulate_night(scenario, 2, hours=0.3)
    quiet = simulate_night("rest", 2, hours=0.3)
    levels = {
        label: rms(emg(made, label, 20, 80)) for label in ("EMG L GM", "EMG L TA", "EMG R GM")
    }
    assert max(levels.values()) > 5
    assert max(levels.values()) > 2 * rms(emg(quiet, "EMG L GM", 20, 80))
    periodic = [event for event in made.truth if event.trial_type == "PLM"]
    assert periodic
    for event in periodic:
        inside = rms(emg(made, event.channel, event.onset, event.end))
        assert inside > 1.2 * rms(emg(made, event.channel, event.onset - 4, event.onset - 1))


def test_cramps_cover_the_published_range():
    found = [
        event
        for name in ("cramp", "cramp_short", "cramp_long", "cramp_weak")
        for event in marked(name, "cramp", range(8))
    ]
    durations = [event.duration for event in found]
    assert min(durations) < 8
    assert max(durations) > 400
    assert max(durations) <= 600
    assert {event.channel[-2:] for event in found} == {"GM", "TA"}
    assert {event.extra["ending"] for event in found} == {"stretched", "faded"}
    assert {event.extra.get("head") for event in found} == {"medial", "lateral", None}
    assert {event.extra["woke"] for event in found} == {0, 1}
    assert {event.extra["afterwards"] for event in found} == {
        "none",
        "rubbing",
        "posture_shift",
        "walking",
    }
    levels = [event.extra["level_uv"] for event in found]
    assert min(levels) < 4
    assert max(levels) > 200
    assert max(event.extra["rise_s"] for event in found) > 60


def test_a_sleeper_who_did_not_wake_does_not_move():
    for seed in range(6):
        truth = simulate_night("cramp", seed).truth
        for cramp in (e for e in truth if e.trial_type == "cramp" and not e.extra["woke"]):
            near = [
                e for e in truth if e is not cramp and cramp.onset <= e.onset < cramp.end + 9
            ]
            assert not near
            assert cramp.extra["ending"] == "faded"


def test_cramps_of_a_cluster_come_in_one_muscle_within_the_hour():
    for seed in range(5):
        cramps = [e for e in simulate_night("cluster", seed).truth if e.trial_type == "cramp"]
        assert len(cramps) >= 2
        for first, second in pairwise(cramps):
            if second.extra["number"] == first.extra["number"] + 1:
                assert second.channel == first.channel
                assert second.onset - first.end > 0
                assert second.onset - first.onset <= 3600


def test_movements_can_come_before_and_after_a_cramp():
    near = []
    for seed in range(10):
        truth = simulate_night("cramp", seed).truth
        for cramp in (e for e in truth if e.trial_type == "cramp"):
            others = [e for e in truth if e.trial_type == "large_movement"]
            before = any(-30 < e.end - cramp.onset < 0 for e in others)
            after = any(0 <= e.onset - cramp.end < 50 for e in others)
            near.append((before, after))
    assert {True, False} == {before for before, _ in near} == {after for _, after in near}


@pytest.mark.parametrize(("change", "falls"), [(1.4, True), (0.7, False)])
def test_the_spectrum_of_a_cramp_changes_as_planned(change, falls):
    made = night_of(
        "cramp", 3, 0.2, cramp__duration=100, cramp__rise=2, cramp__level=120, cramp__fade=2,
        cramp__muscle=1, cramp__head=1, cramp__short=1, cramp__compression=change,
        cramp__before=1, cramp__twitches=1, cramp__stretched=1, cramp__modulation=0.1,
    )  # fmt: skip
    cramp = next(e for e in made.truth if e.trial_type == "cramp")
    assert cramp.extra["length_change"] == change
    early = emg(made, cramp.channel, cramp.onset + 5, cramp.onset + 25)
    late = emg(made, cramp.channel, cramp.onset + 75, cramp.onset + 95)
    ratio = median_frequency(late) / median_frequency(early)
    assert (ratio < 0.92) if falls else (ratio > 1.08)
    assert rms(late) == pytest.approx(rms(early), rel=0.35)


def test_the_common_modulation_of_a_cramp_lies_between_half_a_hertz_and_two():
    made = night_of(
        "cramp", 5, 0.3, cramp__duration=200, cramp__rise=1, cramp__level=150, cramp__head=1,
        cramp__modulation=0.35, cramp__wander=0.0, cramp__before=1, cramp__muscle=1,
    )  # fmt: skip
    cramp = next(e for e in made.truth if e.trial_type == "cramp")
    level = envelope(emg(made, cramp.channel, cramp.onset + 10, cramp.end - 95), 200)
    power = np.abs(np.fft.rfft((level - level.mean()) * np.hanning(len(level)))) ** 2
    rate = np.fft.rfftfreq(len(level), 0.001)
    slow = power[(rate >= 0.4) & (rate <= 2.1)].sum()
    assert slow > 0.6 * power[(rate >= 0.1) & (rate <= 8)].sum()


def test_a_standing_sleeper_is_upright_and_holds_with_the_calf():
    made = night_of("standing", 1, 0.2, stand__duration=60, stand__level=30)
    (event,) = made.truth
    upright = acceleration(made, "left", event.onset + 6, event.end - 6).mean(axis=0)
    lying = acceleration(made, "left", 5, 30).mean(axis=0)
    assert upright[0] > 0.9
    assert lying[0] < 0.5
    assert np.linalg.norm(upright) == pytest.approx(1.0, abs=0.05)
    held = rms(emg(made, "EMG L GM", event.onset + 6, event.end - 6))
    assert held > 5 * rms(emg(made, "EMG L GM", 5, 30))


def test_a_bed_partner_moves_the_sensors_of_both_legs_and_no_muscle():
    made = night_of("bed_partner", 2, 0.1, partner__duration=8, partner__peak=0.05)
    (moved,) = made.plan.happenings
    assert made.truth == ()
    span = moved.onset_s, moved.onset_s + moved.duration_s
    for side in ("left", "right"):
        shaken = np.std(acceleration(made, side, *span), axis=0).max()
        assert shaken > 2 * np.std(acceleration(made, side, 2, 30), axis=0).max()
        label = f"EMG {side[0].upper()} TA"
        assert rms(emg(made, label, *span)) < 1.2 * rms(emg(made, label, 2, 30))


def artefact(name, **overrides):
    made = night_of(name, 6, 0.2, **overrides)
    event = made.truth[0]
    span = event.onset + 0.2 * event.duration, event.end - 0.2 * event.duration
    return emg(made, event.channel, *span), emg(made, event.channel, 5, 55)


def test_mains_hum_is_a_line():
    x, _ = artefact("mains_hum", mains__duration=60, mains__size=50)
    power = np.abs(np.fft.rfft(x * np.hanning(len(x)))) ** 2
    frequency = np.fft.rfftfreq(len(x), 0.001)
    assert frequency[10 * len(x) // 1000 :][power[10 * len(x) // 1000 :].argmax()] == (
        pytest.approx(50.0, abs=0.2)
    )


def test_a_leaking_heart_beats_at_its_rate():
    x, rest = artefact("ecg_leak", ecg__duration=120, ecg__size=60)
    assert x.max() > 2 * np.abs(rest).max()
    above = x > 0.6 * x.max()
    beats = np.flatnonzero(np.diff(above.astype(int)) == 1)
    beats = beats[np.diff(beats, prepend=-1000) > 300]
    assert 0.7 < np.median(np.diff(beats)) / 1000 < 1.4


def test_shorted_electrodes_give_next_to_nothing():
    x, rest = artefact("flat_line", flat__duration=20)
    assert np.std(x) < 0.1 * np.std(rest)


def test_a_swinging_cable_is_slow():
    x, rest = artefact("cable", cable__duration=20, cable__size=300)
    assert np.std(x) > 20 * np.std(rest)
    assert rms(x) < 0.1 * np.std(x)


def test_an_electrode_that_came_off_hides_the_muscle():
    x, rest = artefact("peel_off", peel__duration=60, peel__size=120)
    assert rms(x) > 3 * rms(rest)


def test_radio_trouble_is_many_short_gaps_of_one_leg():
    made = night_of("radio_trouble", 2, 0.2, trouble__duration=120)
    assert len(made.truth) > 10
    assert {event.trial_type for event in made.truth} == {"unscorable"}
    assert len({event.side for event in made.truth}) == 1
    assert max(event.duration for event in made.truth) <= 5.0
    gaps = [len(stream.gaps) for stream in made.night.streams]
    assert sorted(set(gaps)) == [0, len(made.truth)]


def test_a_foot_pulled_up_at_will_is_a_leg_movement_of_the_shin():
    made = night_of("dorsiflexion", 1, 0.1)
    (event,) = made.truth
    assert (event.trial_type, event.channel[-2:]) == ("LM", "TA")
    assert rms(emg(made, event.channel, event.onset, event.end)) > 15


def test_intervals_of_periodic_movements_are_skewed_as_their_logarithm_is_not():
    waits = []
    for seed in range(12):
        onsets = np.array(
            [e.onset for e in simulate_night("plm", seed).truth if e.trial_type == "PLM"]
        )
        gaps = np.diff(onsets)
        waits += gaps[(gaps > 5) & (gaps < 90)].tolist()
    logs = np.log(waits)

    def skewness(x):
        return np.mean((x - np.mean(x)) ** 3) / np.std(x) ** 3

    assert len(waits) > 500
    assert 18 < np.median(waits) < 28
    assert skewness(np.array(waits)) > 2 * abs(skewness(logs))
