"""What the second generator of SIMULATED nights promises to those who judge by it."""

from __future__ import annotations

import numpy as np
import pytest
from second_generator import ACCELEROMETERS, AMPLIFIERS, KINDS, Montage, second_night

from crampwatch.recording.model import Event, Night, Stream

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


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="one of cramps"):
        second_night("nightmare", 1)
    with pytest.raises(ValueError, match="too short"):
        second_night("quiet", 1, 0.1)


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


def test_nights_say_that_they_are_simulated() -> None:
    night: Night = second_night("quiet", 1, 0.25, SMALL)[0]
    assert "SIMULATED" in night.notes[0]
