"""What the second simulator of SIMULATED nights promises to those who judge by it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from crampwatch.recording.errors import CrampwatchError
from crampwatch.recording.model import Event, Night, Stream
from crampwatch.sample_data.second_simulator import (
    ACCELEROMETERS,
    AMPLIFIERS,
    KINDS,
    Montage,
    about,
    second_night,
    second_plan,
)
from crampwatch.sample_data.second_simulator.texture import muscle_noise

SMALL = Montage(AMPLIFIERS["psg16"], 200.0, accelerometer=ACCELEROMETERS["acc25"])
TYPES = {"cramp", "LM", "PLM", "large_movement", "artifact", "unscorable", "ALMA", "HFT", "EFM"}


@pytest.mark.parametrize("kind", KINDS)
def test_truth_lies_in_the_night_and_says_its_cause(kind: str) -> None:
    night, truth = second_night(kind, 5, 0.5, SMALL)
    assert night.duration_s == pytest.approx(1800.0, abs=0.01)
    assert truth
    assert [e.onset for e in truth] == sorted(e.onset for e in truth)
    labels = {stream.label for stream in night.streams}
    for event in truth:
        assert event.onset >= 0.0
        assert event.duration > 0.0
        assert event.end <= 1800.0 + 1e-6
        assert event.trial_type in TYPES
        assert event.extra["cause"]
        assert event.channel is None or event.channel in labels


def test_same_seed_same_samples() -> None:
    nights = [second_night("mixed", seed, 0.5, SMALL) for seed in (4, 4, 5)]
    raw = [
        [s.source.read(0, len(s)) for st in n.streams for s in st.segments] for n, _ in nights
    ]
    assert all(np.array_equal(a, b) for a, b in zip(raw[0], raw[1], strict=True))
    assert nights[0][1] == nights[1][1]
    assert nights[0][1] != nights[2][1]
    assert not np.array_equal(raw[0][0][:1000], raw[2][0][:1000])


def test_a_drawn_night_repeats_with_its_montage() -> None:
    first, second = (second_night("quiet", 9, 0.25)[0] for _ in range(2))
    assert [s.label for s in first.streams] == [s.label for s in second.streams]
    assert first.devices == second.devices


def test_a_cramp_stands_out_of_its_channel() -> None:
    seen = 0
    for seed in range(3):
        night, truth = second_night("cramps", seed, 0.75, SMALL)
        for event in truth:
            if event.trial_type != "cramp" or event.extra["marred"]:
                continue
            stream = next(s for s in night.streams if s.label == event.channel)
            inside, around = _level(stream, event), _rest(stream)
            assert inside > 1.15 * around, (seed, event)
            seen += 1
    assert seen >= 3


def test_cramps_cover_the_published_durations() -> None:
    cramps = [e.duration for s in range(6) for e in _cramps(s)]
    assert min(cramps) < 15.0
    assert max(cramps) > 60.0
    assert max(cramps) <= 600.0


@pytest.mark.parametrize("name", AMPLIFIERS)
def test_streams_have_the_rate_the_unit_and_the_step_of_their_device(name: str) -> None:
    device = AMPLIFIERS[name]
    for rate in device.rates[:2]:
        night, _ = second_night(
            "quiet", 2, 0.25, Montage(device, rate, ("left",), ("GM",), None)
        )
        (stream,) = night.streams
        assert stream.rate_hz == rate
        assert stream.unit == device.unit
        assert stream.calibrated == (device.unit == "uV")
        assert stream.step == (device.step_uv if device.unit == "uV" else 1.0)
        raw = stream.segments[0].source.read(0, 1000)
        assert np.issubdtype(raw.dtype, np.integer)
        assert raw.min() >= device.limits[0]
        assert raw.max() <= device.limits[1]


@pytest.mark.parametrize("name", ACCELEROMETERS)
def test_accelerometers_feel_gravity(name: str) -> None:
    device = ACCELEROMETERS[name]
    worn = Montage(AMPLIFIERS["psg16"], 200.0, ("right",), ("GM",), device)
    night, _ = second_night("quiet", 2, 0.25, worn)
    stream = night.of_kind("acc")[0]
    assert stream.rate_hz == device.rate
    assert stream.unit == device.unit
    values = stream.physical(0, 0, 2000) / (1.0 if device.unit == "g" else device.per_g)
    assert np.median(np.linalg.norm(values, axis=1)) == pytest.approx(1.0, abs=0.2)


def test_a_radio_gap_is_a_gap_of_the_streams_of_its_leg() -> None:
    night, truth = second_night("artefacts", 8, 1.0, SMALL)
    gaps = [e for e in truth if e.extra["cause"] == "radio_gap"]
    assert gaps
    for event in gaps:
        for stream in night.streams:
            if stream.side != event.side or event.end >= stream.end_s:
                continue
            assert any(g.start_s < event.end and g.start_s + g.duration_s > event.onset
                       for g in stream.gaps)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_is_what_the_night_holds(kind: str) -> None:
    night, truth = second_night(kind, 3, 0.5)
    plan = second_plan(kind, 3, 0.5)
    assert plan.truth == truth
    assert night.devices == (f"SIMULATED {plan.montage}",)


def test_nights_drawn_before_are_drawn_again(repository: Path) -> None:
    file = repository / "tests" / "data" / "second_simulator" / "drawn.json"
    for drawn in json.loads(file.read_text(encoding="utf-8")):
        plan = second_plan(drawn["kind"], drawn["seed"], drawn["hours"])
        assert str(plan.montage) == drawn["montage"]
        assert len(plan.truth) == len(drawn["truth"]), drawn["kind"]
        for event, row in zip(plan.truth, drawn["truth"], strict=True):
            onset, duration, *names = row
            assert event.onset == pytest.approx(onset, abs=0.02)
            assert event.duration == pytest.approx(duration, abs=0.02)
            assert [event.trial_type, event.side, event.channel, event.extra["cause"]] == names


def test_each_kind_is_told_in_one_sentence() -> None:
    for kind in KINDS:
        assert about(kind).endswith(".")
        assert about(kind).count(".") == 1


@pytest.mark.parametrize("hours", [0.25, 1.0 / 3.0, 0.7001])
def test_a_night_may_have_any_length(hours: float) -> None:
    for kind in ("mixed", "artefacts"):
        night, truth = second_night(kind, 11, hours, SMALL)
        assert night.duration_s == pytest.approx(hours * 3600.0, abs=0.05)
        assert max(event.end for event in truth) <= hours * 3600.0 + 1e-6


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("nightmare", 1), "nights of kind 'nightmare' are not known; choose of: cramps, "),
        (("quiet", -1), "seed -1 is negative: take 0 or more"),
        (("quiet", 1, 0.1), "a night of 0.1 h cannot be simulated: take 0.25 to 12 h"),
        (("quiet", 1, 1e9), "a night of 1e+09 h cannot be simulated"),
        (("quiet", 1, float("nan")), "a night of nan h cannot be simulated"),
    ],
)
def test_what_cannot_be_simulated_is_told_in_one_line(arguments, line: str) -> None:
    for make in (second_night, second_plan):
        with pytest.raises(CrampwatchError) as told:
            make(*arguments)
        assert line in str(told.value)
        assert "\n" not in str(told.value)
    with pytest.raises(CrampwatchError, match="choose of: cramps, quiet"):
        about("nightmare")


@pytest.mark.parametrize("texture", ["gauss", "laplace", "sparse"])
def test_the_noise_of_a_muscle_has_the_power_and_the_band_that_are_asked_for(texture) -> None:
    fs = 4000.0
    noise = muscle_noise(np.random.default_rng(1), 400_000, fs, (40.0, 90.0), texture)
    assert np.mean(noise**2) == pytest.approx(1.0, rel=0.2)
    power = np.abs(np.fft.rfft(noise)) ** 2
    f = np.fft.rfftfreq(len(noise), 1 / fs)
    assert 30.0 < f[np.searchsorted(np.cumsum(power), 0.5 * power.sum())] < 110.0


def test_nights_say_that_they_are_simulated() -> None:
    night: Night = second_night("quiet", 1, 0.25, SMALL)[0]
    assert "SIMULATED" in night.notes[0]
    assert all("SIMULATED" in device for device in night.devices)


def _cramps(seed: int) -> list[Event]:
    worn = Montage(AMPLIFIERS["psg16"], 200.0, muscles=("GM",), accelerometer=None)
    return [e for e in second_night("cramps", seed, 1.0, worn)[1] if e.trial_type == "cramp"]


def _blocks(stream: Stream, start: float, stop: float) -> np.ndarray:
    """Return half-second levels above 15 Hz or so (differences), gaps left out."""
    levels = []
    width = round(0.5 * stream.rate_hz)
    for number, segment in enumerate(stream.segments):
        first = max(0, round((start - segment.start_s) * stream.rate_hz))
        last = min(len(segment), round((stop - segment.start_s) * stream.rate_hz))
        if last - first > 2 * width:
            steps = np.diff(stream.physical(number, first, last)[:, 0], n=1)
            whole = steps[: len(steps) // width * width].reshape(-1, width)
            levels.append(np.sqrt(np.mean(whole**2, axis=1)))
    return np.concatenate(levels) if levels else np.zeros(0)


def _level(stream: Stream, event: Event) -> float:
    return float(np.quantile(_blocks(stream, event.onset, event.end), 0.7))


def _rest(stream: Stream) -> float:
    return float(np.quantile(_blocks(stream, 0.0, stream.end_s), 0.25))
