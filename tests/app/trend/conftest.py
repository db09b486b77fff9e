"""Folders of scored nights made by hand."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from crampwatch.recording.annotations.tsv import write_events
from crampwatch.recording.model import Event

FIRST = datetime(2026, 9, 1, 22, 30)  # noqa: DTZ001 - a recorder's clock without a zone


def cramp(onset=3600.0, duration=60.0, kind="cramp", **extra):
    return Event(onset, duration, kind, "left", "EMG L GM", 0.98, {"settled_s": 90.0, **extra})


def facts(start=FIRST, hours=7.5, **changes):
    return {
        "recording": "night",
        "start": start.isoformat() if start else None,
        "simulated": True,
        "duration_s": hours * 3600 + 60,
        "valid_s": hours * 3600,
        "model": {"name": "cramp.skops", "sha256": "ab" * 32},
        "leg_movements": {
            "standard": "wasm2016",
            "by_rule": {
                "wasm2016": {
                    "indices": {
                        "plm_per_valid_hour": {"value": 4.5, "unit": "1/h", "definition": "LM"}
                    }
                }
            },
        },
        "channels": [
            {
                "label": "EMG L GM",
                "kind": "emg",
                "side": "left",
                "placement": "GM",
                "status": "ok",
                "rule": "calf",
            }
        ],
        "said": None,
        "intervened": False,
    } | changes


def write_scored(folder, events=(), summary=None):
    folder.mkdir(parents=True, exist_ok=True)
    if events:
        write_events(folder / "events.tsv", events)
    else:
        (folder / "events.tsv").write_text("onset\tduration\ttrial_type\n")
    (folder / "summary.json").write_text(json.dumps(summary or facts()), "utf-8")
    return folder


def said(**factors):
    return {
        "remembered": [],
        "cramps_in_diary": 0,
        "restless_legs": None,
        "factors": factors,
    }


@pytest.fixture
def nights(tmp_path):
    """Return what writes nights: one for each number of cramps, None leaves an evening out."""

    def write(counts, root="anna", factors=None, **changes):
        for number, count in enumerate(counts):
            if count is None:
                continue
            start = FIRST + timedelta(days=number)
            told = said(**factors[number]) if factors else None
            write_scored(
                tmp_path / root / f"night-{number:03d}",
                [cramp(1800.0 * (k + 1)) for k in range(count)],
                facts(start, **({"said": told} | changes)),
            )
        return tmp_path / root

    return write
