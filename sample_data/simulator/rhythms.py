"""Rhythms and twitches of the legs: ALMA, foot tremor, fragments of myoclonus, REM twitches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...recording.model import Event
from .building import Legs, draw_jolt, truth_mark, which_side
from .drive import Train
from .parameters import Draw
from .plan import MUSCLES, Activation, Jolt, PlannedEvent

LEAST_BURSTS = 4
GAP_S = 0.5
"""WASM 2016: a movement ends where half a second is quiet, and lasts half a second."""

Burst = tuple[float, float]
"""Onset and length of a burst, seconds."""


def alma(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return alternating activation of both legs: short bursts, now left, now right."""
    rate, burst, level = draw("alma.rate"), draw("alma.burst"), draw("alma.level")
    burst = min(burst, 0.45 / rate)
    count = max(LEAST_BURSTS, round(draw("alma.duration") * rate))
    works: list[Activation] = []
    jolts: list[Jolt] = []
    end = 0.0
    for number, side in enumerate(legs):
        train = _rhythm(draw, rate, burst, count, 0.5 * number / rate)
        end = max(end, train.duration_s)
        works.append(Activation(side, "TA", 0.0, level, train))
        works.append(Activation(side, "GM", 0.0, level * draw("lm.calf"), train))
        if draw.chance() < 0.7:
            jolts.append(draw_jolt(draw, 0.0, train.duration_s, side, rate_hz=rate))
    shown = {"cause": "alma", "level_uv": level, "moved": int(bool(jolts))}
    shown |= {"bursts": count * len(legs), "rate_hz": rate}
    mark = truth_mark(end, "ALMA", which_side(legs), None, **shown)
    return (PlannedEvent((mark,), tuple(works), tuple(jolts)),)


def hft(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return high-frequency movements of one foot."""
    rate, burst, level = draw("hft.rate"), draw("hft.burst"), draw("hft.level")
    burst = min(burst, 0.65 / rate)
    count = max(LEAST_BURSTS, round(draw("hft.duration") * rate))
    side = legs[0]
    train = _rhythm(draw, rate, burst, count, 0.0)
    calf = Activation(side, "GM", 0.0, level * draw.rng.uniform(0, 0.6), train)
    works = (Activation(side, "TA", 0.0, level, train), calf)
    jolts: tuple[Jolt, ...] = ()
    if draw.chance() < 0.8:
        jolts = (draw_jolt(draw, 0.0, train.duration_s, side, rate_hz=rate),)
    mark = truth_mark(train.duration_s, "HFT", side, "TA", cause="hft", level_uv=level,
                      bursts=count, rate_hz=rate, moved=int(bool(jolts)))  # fmt: skip
    return (PlannedEvent((mark,), works, jolts),)


def efm(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return twenty minutes and more of fragments: bursts too short to move a leg."""
    duration, rate, level = draw("efm.duration"), draw("efm.rate"), draw("efm.level")
    side, rng = legs[0], draw.rng
    works = []
    counts = 0
    for muscle in MUSCLES:
        share = 1.0 if muscle == "TA" else rng.uniform(0.1, 0.8)
        onsets: list[float] = []
        for minute in range(int(duration // 60)):
            least = 5 if muscle == "TA" else 0
            some = rng.uniform(0.3, 59.5, max(least, rng.poisson(rate * share)))
            onsets += (60 * minute + np.sort(some)).tolist()
        onsets = _apart(onsets, 0.25)
        if onsets:
            train = _train(draw, duration, [(at, draw("efm.burst")) for at in onsets])
            works.append(Activation(side, muscle, 0.0, level, train))
            counts = max(counts, len(onsets))
    mark = truth_mark(duration, "EFM", side, "TA", cause="efm", level_uv=level,
                      bursts=counts, rate_hz=counts / duration)  # fmt: skip
    return (PlannedEvent((mark,), tuple(works)),)


def rbd(draw: Draw, legs: Legs) -> tuple[PlannedEvent, ...]:
    """Return a cluster of irregular twitches, as in REM sleep without atonia.

    What of it is long enough for a leg movement is marked as such; the rest is not marked.
    """
    duration, level, pause = draw("rbd.duration"), draw("rbd.level"), draw("rbd.interval")
    rng = draw.rng
    works: list[Activation] = []
    jolts: list[Jolt] = []
    marks: list[Event] = []
    for side in legs:
        for muscle in MUSCLES:
            share = 1.0 if muscle == "TA" else rng.uniform(0.1, 0.6)
            bursts: list[Burst] = []
            at = rng.exponential(pause / share)
            while at < duration - 1.0:
                bursts.append((at, draw("rbd.burst")))
                at += bursts[-1][1] + max(0.05, rng.exponential(pause / share))
            if not bursts:
                continue
            train = _train(draw, duration, bursts)
            works.append(Activation(side, muscle, 0.0, level, train))
            if muscle == "TA":
                runs = movements(bursts)
                shown = {"cause": "rbd", "level_uv": level}
                marks += [
                    replace(truth_mark(length, "LM", side, "TA", **shown), onset=onset)
                    for onset, length in runs
                ]
                jolts += [
                    draw_jolt(draw, onset, length, side)
                    for onset, length in bursts
                    if length > 0.25 and rng.random() < 0.5
                ]
    return (PlannedEvent(tuple(marks), tuple(works), tuple(jolts), length_s=duration),)


def movements(bursts: list[Burst]) -> list[Burst]:
    """Return what of a train of bursts is a leg movement by the machine rule of WASM 2016.

    Bursts less than half a second apart are one; it lasts at least half a second and holds
    half a second that is active for more than half of it.
    """
    runs: list[list[Burst]] = []
    for onset, length in bursts:
        if runs and onset < sum(runs[-1][-1]) + GAP_S:
            runs[-1].append((onset, length))
        else:
            runs.append([(onset, length)])
    return [
        (run[0][0], sum(run[-1]) - run[0][0])
        for run in runs
        if sum(run[-1]) - run[0][0] >= GAP_S and _dense(run)
    ]


def _dense(run: list[Burst]) -> bool:
    end = sum(run[-1])
    for start, _ in run:
        stop = start + GAP_S
        active = sum(max(0.0, min(at + n, stop) - max(at, start)) for at, n in run)
        if active > 0.5 * GAP_S and stop <= end + 1e-9:
            return True
    return False


def _rhythm(draw: Draw, rate: float, burst: float, count: int, late: float) -> Train:
    rng = draw.rng
    onsets = late + (np.arange(count) + rng.uniform(-0.06, 0.06, count)) / rate
    onsets -= min(0.0, onsets[0])
    bursts = [(at, burst * rng.uniform(0.85, 1.15)) for at in onsets.tolist()]
    return _train(draw, sum(bursts[-1]), bursts)


def _train(draw: Draw, duration: float, bursts: list[Burst]) -> Train:
    heights = draw.rng.uniform(0.5, 1.0, len(bursts))
    return Train(
        duration,
        tuple(onset for onset, _ in bursts),
        tuple(length for _, length in bursts),
        tuple(heights.tolist()),
    )


def _apart(onsets: list[float], least: float) -> list[float]:
    kept: list[float] = []
    for onset in onsets:
        if not kept or onset - kept[-1] >= least:
            kept.append(onset)
    return kept
