"""Scored nights made by hand."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from crampwatch.detection.channels.report import ChannelReport, Overview
from crampwatch.detection.movements.leg_scoring import score_legs
from crampwatch.detection.movements.night_marks import NightMarks
from crampwatch.detection.result import NightScore
from crampwatch.detection.settings import Settings
from crampwatch.recording.model import Event, Night

ORIGIN = {
    "program": "crampwatch",
    "version": "0",
    "scored_at": "2026-01-01T00:00:00+00:00",
    "python": "3",
    "libraries": {"numpy": "2"},
    "arguments": {"verb": "score", "recording": "night.edf"},
    "settings": {"rules": "wasm2016"},
    "input": {
        "name": "night.edf",
        "format": "EDF+C",
        "files": [{"name": "night.edf", "size": 1, "sha256": "0" * 64}],
    },
    "channels": [],
}


def channel(label="EMG L GM", kind="emg", **changes):
    side = {"L": "left", "R": "right"}.get(label.split()[1] if " " in label else "")
    values = {
        "label": label,
        "kind": kind,
        "side": side,
        "placement": label.split()[-1],
        "rate_hz": 1000.0,
        "unit": "uV" if kind == "emg" else "g",
        "status": "ok",
        "rule": "calf",
        "reason": "calf muscle: the standards are for the tibialis anterior",
        "resting": 2.5,
        "band_hz": (10.0, 100.0),
        "mains_hz": None,
        "recorded_s": 28800.0,
        "valid_s": 28000.0,
        "artifact_s": 300.0,
        "unscorable_s": 500.0,
        "gap_s": 0.0,
    }
    return ChannelReport(**{**values, **changes})


def overview(label="EMG L GM", kind="emg", hours=8.0, events=(), seed=0):
    rng = np.random.default_rng(seed)
    n = int(hours * 7200)
    time_s = np.arange(n) * 0.5
    scale = 1.0 if kind == "emg" else 0.01
    level = 3.0 + rng.gamma(2.0, 0.3, n)
    for event in events:
        if event.channel == label:
            inside = (time_s >= event.onset) & (time_s < event.end)
            level[inside] += rng.gamma(4.0, 10.0 if "cramp" in event.trial_type else 5.0)
    valid = np.ones(n, bool)
    valid[int(n * 0.8) : int(n * 0.82)] = False
    level[int(n * 0.8) : int(n * 0.805)] = 400.0
    gravity = None
    if kind == "acc":
        turn = np.cumsum(rng.random(n) < 0.0006) * 1.1
        gravity = np.stack([np.cos(turn), np.sin(turn) * 0.8, np.sin(turn) * 0.6], 1)
    return Overview(
        label=label,
        kind=kind,
        side={"L": "left", "R": "right"}.get(label.split()[1] if " " in label else ""),
        unit="uV" if kind == "emg" else "g",
        time_s=time_s,
        cell_s=0.5,
        level=(level * scale).astype(np.float32),
        resting=np.full(n, 3.0 * scale, np.float32),
        valid=valid,
        gravity=None if gravity is None else gravity.astype(np.float32),
    )


def events_of_a_night(seed=1):
    rng = np.random.default_rng(seed)
    found = [
        Event(10300.0, 82.0, "cramp", "left", "EMG L GM", 0.91, {"rule": "calf"}),
        Event(11500.0, 14.0, "possible_cramp", "left", "EMG L GM", 0.4, {"rule": "calf"}),
        Event(23040.0, 260.0, "artifact", "left", "EMG L GM"),
        Event(23300.0, 500.0, "unscorable", "left", "EMG L GM"),
    ]
    for start in (4000.0, 15000.0):
        found += [
            Event(start + 25 * i, 2.0, "PLM", "right", "EMG R TA", None, {"rule": "wasm2016"})
            for i in range(30)
        ]
    found += [
        Event(float(t), 3.0, "LM", "right", "EMG R TA", None, {"rule": "wasm2016"})
        for t in rng.uniform(0, 28000, 20)
    ]
    found += [
        Event(float(t), 12.0, "large_movement", "left", "ACC L shank")
        for t in rng.uniform(0, 28000, 14)
    ]
    return tuple(sorted(found, key=lambda event: event.onset))


def scored_night(events=None, **changes):
    found = events_of_a_night() if events is None else tuple(events)
    labels = (("EMG L GM", "emg"), ("EMG R TA", "emg"), ("ACC L shank", "acc"))
    values = {
        "duration_s": 28800.0,
        "events": found,
        "channels": tuple(channel(label, kind) for label, kind in labels),
        "overviews": tuple(
            overview(label, kind, events=found, seed=n)
            for n, (label, kind) in enumerate(labels)
        ),
        "warnings": ("EMG L GM: 300 s of artefacts.",),
    }
    return NightScore(**{**values, **changes})


def scored_legs(events, rule, marks=None, hours=8.0):
    channels = tuple(
        channel(label, rule=rule, valid_s=3600.0 * hours) for label in ("EMG L TA", "EMG R TA")
    )
    found, legs = score_legs(events, channels, Settings(), marks or NightMarks())
    return scored_night(found, channels=channels, legs=legs, duration_s=3600.0 * hours)


def night(**changes):
    values = {"streams": (), "start": datetime(2026, 1, 31, 23, 5), "format": "EDF+C"}  # noqa: DTZ001
    return Night(**{**values, **changes})


@pytest.fixture
def made():
    """Builders of nights and scores."""

    class Made:
        origin = ORIGIN

    Made.channel = staticmethod(channel)
    Made.overview = staticmethod(overview)
    Made.score = staticmethod(scored_night)
    Made.legs = staticmethod(scored_legs)
    Made.night = staticmethod(night)
    return Made
