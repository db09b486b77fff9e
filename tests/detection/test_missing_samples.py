"""Lost samples: every gap counts for the scoring, and few rows tell of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crampwatch.detection import score_night
from crampwatch.detection.result import NightScore
from crampwatch.models.evaluation.reduce import what_marred
from crampwatch.recording.annotations.tsv import read_events, write_events
from crampwatch.recording.model import ArraySource, Event, Night, Segment, Stream
from crampwatch.recording.readers import open_recording
from crampwatch.sample_data import samples

GOLDEN = Path(__file__).parents[1] / "data" / "detection" / "lossy_night_events.tsv"
PACKET_S = 0.08
AWAY = (300.0, 370.0)
"""When the link of the lossy night was away."""


def torn(stream: Stream, lost: np.ndarray) -> Stream:
    """Return a stream of one segment without the packets that were lost."""
    (whole,) = stream.segments
    size = round(PACKET_S * stream.rate_hz)
    kept = np.repeat(~lost, size)[: len(whole)]
    edges = np.flatnonzero(np.diff(np.concatenate(([0], kept, [0]))))
    raw = whole.source.read(0, len(whole))
    return replace(
        stream,
        segments=tuple(
            Segment(whole.start_s + first / stream.rate_hz, ArraySource(raw[first:stop]))
            for first, stop in edges.reshape(-1, 2)
        ),
    )


def lossy(night: Night, share: float = 0.01, away: tuple[float, float] = AWAY) -> Night:
    """Return a night of one sensor that loses packets, and once its link."""
    start = np.arange(int(night.duration_s / PACKET_S) + 2) * PACKET_S
    lost = np.random.default_rng(6).random(start.size) < share
    lost |= (start >= away[0]) & (start < away[1])
    return replace(night, streams=tuple(torn(stream, lost) for stream in night.streams))


def found(score: NightScore) -> list[Event]:
    """Return what was scored: all rows but those of gaps."""
    return [event for event in score.events if event.extra.get("cause") != "gap"]


def gap_rows(score: NightScore) -> list[Event]:
    return [event for event in score.events if event.extra.get("cause") == "gap"]


@pytest.fixture(scope="module")
def night() -> Night:
    return open_recording(samples()[0].path)


@pytest.fixture(scope="module")
def scored(night) -> NightScore:
    return score_night(lossy(night))


def test_what_is_scored_on_a_lossy_night_is_what_it_was_before_gaps_were_told_together(
    scored, tmp_path
):
    write_events(tmp_path / "events.tsv", found(scored))
    assert read_events(tmp_path / "events.tsv") == read_events(GOLDEN)
    assert {"cramp", "LM"} <= {event.trial_type for event in found(scored)}


def test_a_hundredth_lost_is_counted_and_the_link_away_is_one_row(scored):
    (row,) = gap_rows(scored)
    assert row.onset == pytest.approx(AWAY[0], abs=0.5)
    assert row.end == pytest.approx(AWAY[1], abs=0.5)
    assert row.trial_type == "unscorable"
    assert (row.side, row.channel) == ("left", None)
    assert row.extra["channels"] == "EMG L GM; EMG L TA; ACC L"
    assert len(scored.missing) > 500
    reports = scored.summary()["channels"]
    assert all(report["gaps"] > 150 for report in reports)
    assert all(report["longest_gap_s"] == pytest.approx(70.0, abs=0.5) for report in reports)
    (said,) = [text for text in scored.warnings if "missing" in text]
    assert said.startswith("EMG L GM, EMG L TA, ACC L: ")
    assert "(4." in said
    assert "gaps, the longest 70 s" in said


def test_every_loss_of_samples_marred_a_cramp_still(scored):
    gaps = [event for event in what_marred(scored) if event.extra["cause"] == "gap"]
    assert gaps == list(scored.missing)
    assert sum(event.duration for event in gaps if event.channel == "EMG L TA") == (
        pytest.approx(scored.channels[1].gap_s)
    )


def test_a_stretch_of_shreds_is_one_row_with_its_losses(lab):
    pieces = [lab.muscle(100.0)]
    starts = [0.0]
    for number in range(300):
        pieces.append(lab.muscle(0.2, seed=number))
        starts.append(100.1 + 0.3 * number)
    pieces.append(lab.muscle(100.0))
    starts.append(100.1 + 90.0)
    (row,) = gap_rows(score_night(lab.night(lab.emg(*pieces, starts=starts))))
    assert (row.onset, row.end) == (pytest.approx(100.0), pytest.approx(190.1))
    assert row.extra["gaps"] == 301
    assert row.extra["lost_s"] == pytest.approx(30.1)
    assert row.channel == "EMG L TA"
    assert "channels" not in row.extra


@pytest.mark.parametrize(("pause", "rows"), [(50.0, 1), (70.0, 2)])
def test_gaps_within_a_minute_are_told_together(lab, pause, rows):
    parts = [lab.muscle(length) for length in (100.0, pause, 100.0)]
    stream = lab.emg(*parts, starts=(0.0, 104.0, 109.0 + pause))
    told = gap_rows(score_night(lab.night(stream)))
    assert [row.extra["gaps"] for row in told] == [2 // rows] * rows
    assert sum(row.extra["lost_s"] for row in told) == pytest.approx(9.0)


@pytest.mark.parametrize(("gap", "rows"), [(2.9, 0), (3.1, 1)])
def test_a_loss_that_contractions_are_followed_over_is_no_row(lab, gap, rows):
    parts = [lab.muscle(100.0), lab.muscle(100.0)]
    score = score_night(lab.night(lab.emg(*parts, starts=(0.0, 100.0 + gap))))
    assert len(gap_rows(score)) == rows
    assert score.channels[0].gaps == 1
    assert any(f"{gap} s missing" in text for text in score.warnings)


def test_two_sensors_do_not_share_a_row(lab):
    streams = [
        lab.emg(
            lab.muscle(100.0),
            lab.muscle(100.0),
            starts=(0.0, 160.0),
            label=label,
            sensor=sensor,
        )
        for label, sensor in (
            ("EMG L GM", "left-calf"), ("EMG L TA", "left-calf"), ("EMG R TA", "right-calf"),
        )
    ]  # fmt: skip
    told = gap_rows(score_night(lab.night(*streams)))
    assert [(row.side, row.channel, row.extra.get("channels")) for row in told] == [
        ("left", None, "EMG L GM; EMG L TA"),
        ("right", "EMG R TA", None),
    ]


def test_signals_of_one_sensor_that_lost_different_stretches_have_rows_of_their_own(lab):
    first = lab.emg(lab.muscle(100.0), lab.muscle(100.0), starts=(0.0, 160.0))
    other = lab.emg(lab.muscle(100.0), lab.muscle(100.0), starts=(0.0, 190.0), label="EMG L GM")
    told = gap_rows(score_night(lab.night(first, other)))
    assert {row.channel for row in told} == {"EMG L TA", "EMG L GM"}


def test_an_electrode_that_is_off_over_lost_packets_is_one_row(lab):
    rate = 500.0
    mains = 300.0 * np.sin(2 * np.pi * 50.0 * np.arange(round(60 * rate)) / rate)
    off = lab.muscle(60.0, rest=0.2) + mains
    parts = [lab.muscle(400.0), *np.split(off, 6), lab.muscle(400.0)]
    starts = [0.0, *(400.2 + 10.2 * number for number in range(6)), 461.4]
    score = score_night(lab.night(lab.emg(*parts, starts=starts)))
    rows = [e for e in score.events if e.extra.get("cause") == "electrode off"]
    assert len(rows) == 1
    assert rows[0].onset == pytest.approx(400.2, abs=1.1)
    assert rows[0].end == pytest.approx(461.4, abs=1.1)


def test_what_is_said_of_several_signals_is_said_once(lab):
    notes = ("about 12 samples lost",)
    columns = [
        lab.emg(
            lab.muscle(100.0),
            label=f"left-calf ch{number}",
            kind="other",
            notes=notes,
            side=None,
            placement=None,
        )
        for number in range(3, 9)
    ]
    muscle = lab.emg(lab.muscle(100.0), notes=notes)
    warnings = score_night(lab.night(muscle, *columns)).warnings
    assert "EMG L TA, left-calf ch3 to ch8: about 12 samples lost" in warnings
