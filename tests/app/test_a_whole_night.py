"""From the sensors to a dataset: one night, as a newcomer would go through it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crampwatch.recording import open_recording
from crampwatch.recording.annotations.read import read_annotations

pytestmark = pytest.mark.system


def crampwatch(*arguments):
    """Run the program; it must succeed."""
    command = [sys.executable, "-m", "crampwatch", *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stderr


def test_record_score_export_and_validate(tmp_path):
    night, dataset = tmp_path / "night", tmp_path / "dataset"

    # two simulated sensors that lose packets and break off, twenty times as fast as real; the
    # sleeper does what the calibration asks for, and is told when a band falls silent
    settings = tmp_path / "band.toml"
    settings.write_text(
        "[alerts]\non = true\nbell = false\nhaptic = true\n[alerts.link]\nthreshold = 30\n"
    )
    crampwatch(
        "record", "--config", settings, "--calibrate", "--device",
        "left-calf=sim:cyton?drop=0.02&disconnect=60s:90s&drift=30ppm&sleeper=obeys",
        "--device", "right-calf=sim:open-sensor?disconnect=60s:5s&sleeper=obeys",
        "--for", "6min", "--speed", "20", "--no-score", "--out", night,
    )  # fmt: skip
    alerts = (night / "alerts.tsv").read_text(encoding="utf-8")
    assert "link lost" in alerts

    # nothing that was asked for is called a movement, and who was alerted was not left alone
    crampwatch("score", night, "--out", night)
    assert (night / "report.html").is_file()
    summary = json.loads((night / "summary.json").read_text(encoding="utf-8"))
    assert summary["intervened"]
    events = read_annotations(night / "events.tsv").events
    [calibration] = [e for e in events if e.extra.get("cause") == "calibration"]
    assert not [e for e in events if e.trial_type == "LM" and e.onset < calibration.end]

    crampwatch("export", night, "--format", "bids", "--out", dataset)

    # what comes back are the same legs, and what was lost is a gap and no number
    recorded, exported = open_recording(night), open_recording(dataset)
    assert {s.label for s in recorded.of_kind("emg")} == {
        s.label for s in exported.of_kind("emg")
    }
    for stream in exported.of_kind("emg"):
        [original] = [each for each in recorded.streams if each.label == stream.label]
        lost, still_lost = (sum(g.duration_s for g in s.gaps) for s in (original, stream))
        assert still_lost == pytest.approx(lost, abs=(1 + len(original.gaps)) / stream.rate_hz)
    assert any(stream.gaps for stream in exported.of_kind("emg"))

    # and the validator of BIDS has nothing against it
    validator = Path(sys.executable).with_name("bids-validator-deno")
    told = subprocess.run(
        [validator, dataset, "--format", "json"], capture_output=True, text=True, check=False
    )
    issues = json.loads(told.stdout)["issues"]["issues"]
    assert [issue for issue in issues if issue["severity"] == "error"] == []
