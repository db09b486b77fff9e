"""A journal that is still being written, as a night that goes on."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from crampwatch.app.live.growing import GrowingNight
from crampwatch.app.live.lanes import BEND_S, Lane
from crampwatch.app.live.watching import LiveNight
from crampwatch.recording.journal import JournalWriter, Note, SampleBlock
from crampwatch.recording.journal.night import night_of

SHARED = (
    "label", "kind", "unit", "axes", "side", "placement", "calibrated", "raw_limits",
    "source_labels", "source_unit", "sensor",
)  # fmt: skip


def told(watched):
    return [
        (n.event.trial_type, n.event.channel, n.event.onset, n.event.duration,
         n.event.probability, n.decided_at, n.ongoing)
        for each in watched for n in each.notices
    ]  # fmt: skip


def samples(steps, stream=0):
    """Return the raw numbers of one stream and their times, as the chunks give them."""
    raw, times = [], []
    for step in steps:
        for chunk in step.chunks:
            if chunk.stream == stream:
                raw.append(chunk.raw)
                number = chunk.first + np.arange(len(chunk.raw))
                times.append(chunk.start_s + number / 200.0)
    return np.concatenate(raw), np.concatenate(times)


def everything(path, **options):
    with closing(GrowingNight(path, **options)) as night:
        return [*night.poll(), *night.rest()]


def test_followed_while_written_or_read_at_once_the_same_is_told(tmp_path, bands) -> None:
    path = tmp_path / "night.mcap"
    band = bands.Band(path, 90.0, (60.0, 85.0), ppm=40.0)
    live = LiveNight(path)
    pauses = np.random.default_rng(3).integers(1, 5, band.halves)
    followed = []
    for number in range(band.halves):
        band.half(number, lose=(311, 900), resend=(311,) if number == 40 else ())
        if number % pauses[number] == 0:
            followed += live.poll()
    followed += live.poll()
    at_once = list(LiveNight(path).poll())
    assert told(followed) == told(at_once)
    assert [each.step.now_s for each in followed] == [each.step.now_s for each in at_once]
    assert {"cramp", "possible_cramp"} & {kind for kind, *_ in told(at_once)}


def test_a_closed_journal_tells_the_same(tmp_path, bands) -> None:
    path, closed = tmp_path / "night.mcap", tmp_path / "closed.mcap"
    band = bands.Band(path, 20.0)
    for number in range(band.halves):
        band.half(number)
    open_steps = everything(path)
    band.writer.close()
    path.rename(closed)
    steps = everything(closed)
    for stream in (0, 1, 2):
        for one, other in zip(samples(open_steps, stream), samples(steps, stream), strict=True):
            assert np.array_equal(one, other)


def test_streams_are_those_of_the_stored_night(tmp_path, bands) -> None:
    path = tmp_path / "night.mcap"
    band = bands.Band(path, 20.0)
    for number in range(band.halves):
        band.half(number)
    with closing(GrowingNight(path)) as growing:
        steps = list(growing.poll())
        stored = night_of(path)
        assert growing.start is not None
        assert abs((growing.start - stored.start).total_seconds()) < 0.02
        for live, final in zip(growing.streams, stored.streams, strict=True):
            assert [getattr(live, n) for n in SHARED] == [getattr(final, n) for n in SHARED]
            assert np.array_equal(live.gain, final.gain)
            assert live.rate_hz == final.nominal_rate_hz
    raw, times = samples(steps)
    assert np.array_equal(
        raw[:, 0], stored.streams[0].segments[0].source.read(0, len(raw))[:, 0]
    )
    first = stored.streams[0].segments[0].start_s
    assert np.abs(times - first - np.arange(len(times)) / 200.0).max() < 0.02


def test_a_loss_is_a_gap_and_what_is_sent_again_comes_too_late(tmp_path, bands) -> None:
    path = tmp_path / "night.mcap"
    band = bands.Band(path, 20.0)
    for number in range(band.halves):
        band.half(number, lose=(55,), resend=(55,) if number == 20 else ())
    raw, times = samples(everything(path))
    assert len(raw) == 20 * 200 - 10
    assert (np.diff(times) > 0).all()
    [jump] = np.flatnonzero(np.diff(times) > 0.03)
    assert jump == 549
    assert np.diff(times)[jump] == pytest.approx(11 / 200.0, abs=0.02)


def test_a_sensor_that_comes_late_is_added(tmp_path, bands) -> None:
    path = tmp_path / "night.mcap"
    band = bands.Band(path, 30.0, (20.0, 28.0))
    live = LiveNight(path)
    late, seen = None, []
    for number in range(band.halves):
        band.half(number)
        if number == 20:
            late = band.writer.open_stream(bands.stream("right-calf"))
        if late is not None:
            index = np.arange((number - 20) * 100, (number - 19) * 100)
            sent = bands.block(index, band.emg[index], began_s=10.0)
            band.writer.samples(late, sent)
        seen += live.poll()
    labels = [stream.label for stream in live.night.streams]
    assert labels == ["EMG L GM", "EMG L TA", "ACC L calf", "EMG R GM", "EMG R TA"]
    _, times = samples([each.step for each in seen], 3)
    assert times[0] == pytest.approx(10.0, abs=0.1)


def test_a_restart_of_the_device_begins_a_segment_where_it_arrives(tmp_path, bands) -> None:
    path = tmp_path / "night.mcap"
    band = bands.Band(path, 40.0)
    for number in range(20):
        band.half(number)
    gap = {"stream": "exg", "generation": 1, "index": 2000, "lost": 0, "lost_low": 0,
           "lost_high": 0, "reason": "restart"}  # fmt: skip
    band.note("gap", 15.0, "left-calf", **gap)
    index = np.arange(2000, 4000)
    for first in range(0, 2000, 100):
        part = index[first : first + 100]
        sent = bands.block(part, band.emg[part], began_s=5.0, device_s=(part - 2000) / 200.0)
        band.writer.samples(band.channels[0], sent)
        band.writer.sync()
    steps = everything(path)
    raw, times = samples(steps)
    assert len(raw) == 4000
    assert (np.diff(times) > 0).all()
    assert times[2000] == pytest.approx(15.0, abs=0.1)
    assert {c.segment for s in steps for c in s.chunks if c.stream == 0} == {0, 1}


def test_a_device_clock_that_goes_mad_is_not_followed(tmp_path, bands) -> None:
    path = tmp_path / "night.mcap"
    band = bands.Band(path, 20.0)
    for number in range(band.halves):
        index = np.arange(number * 100, (number + 1) * 100)
        mad = 77.0 + index / 200.0 + (1e6 if number >= 20 else 0.0)
        sent = bands.block(index, band.emg[index], device_s=mad)
        band.writer.samples(band.channels[0], sent)
        band.writer.sync()
    _, times = samples(everything(path))
    assert (np.diff(times) > 0).all()
    assert times[-1] == pytest.approx(20.0, abs=0.3)


@pytest.mark.parametrize("ppm", [-1000.0, 1000.0])
def test_a_device_off_its_rate_stays_on_the_line_of_the_night(ppm, bands) -> None:
    lane = Lane(bands.stream(), 1.0, 0)
    laid, end_s = [], 0.0
    for half in range(2000):
        index = np.arange(half * 100, (half + 1) * 100)
        taken_s = half * 0.5 * (1 + ppm * 1e-6)
        [piece] = lane.fresh(1, bands.block(index, np.zeros((100, 2), np.int32)))
        found = lane.put(1, piece, taken_s, 0.0)
        if found is not None:
            first_s = found.start_s + found.first / 200.0
            assert first_s >= end_s - 1e-9
            late_s = first_s - taken_s - found.rows.start / 200.0
            assert abs(late_s) <= BEND_S + 0.001
            end_s = first_s + (found.rows.stop - found.rows.start) / 200.0
            laid.append(found)
    assert 2 <= laid[-1].segment <= 10


def test_sleep_of_the_computer_counts_as_night(tmp_path, bands) -> None:
    path = tmp_path / "night.mcap"
    header = replace(bands.HEADER, elapsed_s=100.0)
    writer = JournalWriter(path, header)
    channel = writer.open_stream(bands.stream())
    emg = bands.rest_and_cramp(20.0, (1.0, 2.0))
    for number in range(40):
        index = np.arange(number * 100, (number + 1) * 100)
        if number == 20:
            at_s = bands.START_S + 11.0
            told = {"wall_s": header.wall_s + 3611.0, "elapsed_s": 3711.0}
            writer.note(Note("wall", at_s, None, told))
        writer.samples(channel, bands.block(index, emg[index]))
        writer.sync()
    _, times = samples(everything(path))
    assert times[-1] == pytest.approx(3620.0, abs=1.0)


def test_the_middle_of_a_night_has_the_times_of_the_whole(tmp_path, bands) -> None:
    path = tmp_path / "night.mcap"
    band = bands.Band(path, 60.0)
    for number in range(band.halves):
        band.half(number)
    whole, late = everything(path), everything(path, back_s=10.0)
    assert len(late) < len(whole) / 3
    (raw, times), (all_raw, all_times) = samples(late), samples(whole)
    assert np.array_equal(raw, all_raw[-len(raw) :])
    assert np.abs(times - all_times[-len(raw) :]).max() < 0.02


def test_hostile_blocks_and_notes_are_passed_over(tmp_path, bands) -> None:
    path = tmp_path / "night.mcap"
    band = bands.Band(path, 10.0)
    for number in range(band.halves):
        band.half(number)
        nothing = np.full(10, np.nan)
        lost = SampleBlock(np.arange(10) - 10**15, nothing, nothing, band.emg[:10])
        band.writer.samples(band.channels[0], lost)
        for data in ({}, {"stream": "exg", "index": "x"}, {"stream": 3, "index": 10**40}):
            band.note("gap", number / 2, "left-calf", **data)
        band.note("wall", number / 2, wall_s="never")
        band.note("calibration", number / 2, phase="whole", start_s="x")
    steps = everything(path)
    _, times = samples(steps, 2)
    assert len(times) == 2000
    assert steps[-1].now_s == pytest.approx(10.0, abs=0.6)


def test_memory_does_not_grow_with_the_losses_of_a_night() -> None:
    from crampwatch.app.live.clocks import MOST_BREAKS, Breaks

    breaks = Breaks()
    for number in range(5000):
        told = {"stream": "exg", "generation": 1, "index": number * 10, "lost": 3,
                "lost_low": 1, "lost_high": None, "reason": "counter"}  # fmt: skip
        breaks.hear(Note("gap", 1.0, "left-calf", told))
    [numbers] = breaks._all.values()
    assert len(numbers._numbers) == MOST_BREAKS
    assert numbers.of(np.array([49_995])).tolist() == [5000]
