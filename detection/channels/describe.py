"""How a channel was scored, and its tracks to draw."""

from __future__ import annotations

import numpy as np

from ...recording.model import Stream
from ..settings import Settings
from ..signal.quality import TRIAL_TYPE, UNTRUSTED
from ..signal.scorable import SCORED_KINDS
from .channel import Channel
from .report import ChannelReport, Overview, Scope, Status

CALF_MUSCLES = frozenset({"GM", "GL", "SOL", "GAS", "calf"})

LOST_SAMPLES = 0.5
"""Runs that follow each other with less than this many samples between them lost none."""


def describe_channel(
    stream: Stream, channel: Channel | None, settings: Settings
) -> ChannelReport:
    """Say how one signal was scored and how much of it could be."""
    recorded = stream.n_samples / stream.rate_hz
    if channel is None or not len(channel.cells):
        return _unscored(stream, channel, recorded)
    cells = channel.cells
    flags = channel.flags(cells.first, cells.stop)
    length = channel.length_s(cells.first, cells.stop)
    none = np.uint8(sum(flag for flag, name in TRIAL_TYPE.items() if name == "unscorable"))
    sound = (flags & UNTRUSTED) == 0
    marred = ~sound & ((flags & none) == 0)
    valid, artifact = float(length[sound].sum()), float(length[marred].sum())
    resting = channel.resting(cells.first, cells.stop)[sound]
    known = resting[np.isfinite(resting)]
    rest = float(np.median(known)) if known.size else None
    status, rule, reason = _basis(channel, rest, valid, settings)
    dead = status == "dead"
    return _report(
        stream,
        status,
        rule,
        reason,
        resting=rest if status == "ok" else None,
        band_hz=channel.measure.band_hz,
        mains_hz=_mains(channel),
        recorded_s=recorded,
        valid_s=0.0 if dead else valid,
        artifact_s=0.0 if dead else artifact,
        # What is left over at the end of a segment is too short to be measured.
        unscorable_s=recorded if dead else max(0.0, recorded - valid - artifact),
    )


def overview(channel: Channel) -> Overview:
    """Return the half-second tracks of one channel."""
    cells = channel.cells
    gravity = None
    if channel.is_motion and len(cells):
        gravity = np.stack(
            [cells.column(f"gravity_{axis}") for axis in range(channel.stream.n_axes)], axis=1
        )
    return Overview(
        label=channel.stream.label,
        kind=channel.stream.kind,
        side=channel.stream.side,
        unit=channel.stream.unit,
        time_s=cells.column("time_s"),
        cell_s=channel.grid.cell_s,
        level=cells.column("level"),
        resting=channel.resting(cells.first, cells.stop).astype(np.float32),
        valid=channel.valid(cells.first, cells.stop),
        gravity=gravity,
    )


def _unscored(stream: Stream, channel: Channel | None, recorded_s: float) -> ChannelReport:
    """Describe a signal of which nothing was measured."""
    if stream.kind not in SCORED_KINDS:
        reason = "not scored: not a leg signal"
        return _report(stream, "ok", None, reason, recorded_s=recorded_s)
    reason = "no signal"
    if channel is None:
        reason = f"sampled at {stream.rate_hz:g} Hz, at which it cannot be scored"
    return _report(
        stream,
        "unscorable",
        None,
        reason,
        recorded_s=recorded_s,
        unscorable_s=recorded_s,
    )


def _basis(
    channel: Channel, rest: float | None, valid_s: float, settings: Settings
) -> tuple[Status, Scope | None, str]:
    """Return the status of a channel, the rule it is scored by, and why."""
    if channel.is_dead:
        return "dead", None, "carries no signal above the noise of its converter"
    if valid_s <= 0:
        return "unscorable", None, "no usable second"
    if unknown := channel.unknown_reason:
        return "baseline_unknown", None, f"resting level unknown: {unknown}"
    return "ok", *_rule(channel, rest, settings)


def _rule(channel: Channel, rest: float | None, settings: Settings) -> tuple[Scope, str]:
    if channel.is_motion:
        return "accelerometric", "accelerometer"
    if channel.stream.placement in CALF_MUSCLES:
        return "calf", "calf muscle, to which the standard's thresholds do not apply"
    if against := _against_microvolts(channel, rest, settings):
        return "relative", "relative thresholds: " + ", ".join(against)
    return settings.rules, "calibrated tibialis anterior with a quiet resting level"


def _against_microvolts(channel: Channel, rest: float | None, settings: Settings) -> list[str]:
    """Return what speaks against the standard's microvolt thresholds on a channel."""
    stream, rule = channel.stream, settings.movement
    against = []
    if stream.placement != "TA":
        against.append("muscle not known to be tibialis anterior")
    if not stream.calibrated:
        against.append("scale not known")
    if stream.rate_hz < rule.min_rate_hz:
        against.append(f"sampled at {stream.rate_hz:g} Hz")
    if channel.measure.converter.step >= rule.max_step_uv:
        against.append(f"converter step {channel.measure.converter.step:.2g} {stream.unit}")
    if rest is None or rest >= rule.max_rest_uv:
        against.append(f"resting level {rest or 0.0:.2g} {stream.unit}")
    return against


def _mains(channel: Channel) -> float | None:
    """Return the mains frequency, where it stood out in a fifth of the night."""
    mains, level = channel.cells.column("mains"), channel.cells.column("level")
    strong = mains > 0.5 * level
    if channel.is_motion or strong.mean() < 0.2:
        return None
    values = channel.cells.column("mains_hz")[strong]
    return float(np.median(values))


def _report(
    stream: Stream,
    status: Status,
    rule: Scope | None,
    reason: str,
    *,
    recorded_s: float,
    resting: float | None = None,
    band_hz: tuple[float, float] | None = None,
    mains_hz: float | None = None,
    valid_s: float = 0.0,
    artifact_s: float = 0.0,
    unscorable_s: float = 0.0,
) -> ChannelReport:
    gaps = [gap.duration_s for gap in stream.gaps]
    lost = [length for length in gaps if length * stream.rate_hz > LOST_SAMPLES]
    return ChannelReport(
        label=stream.label,
        kind=stream.kind,
        side=stream.side,
        placement=stream.placement,
        rate_hz=stream.rate_hz,
        unit=stream.unit,
        status=status,
        rule=rule,
        reason=reason,
        resting=resting,
        band_hz=band_hz,
        mains_hz=mains_hz,
        recorded_s=recorded_s,
        valid_s=valid_s,
        artifact_s=artifact_s,
        unscorable_s=unscorable_s,
        gap_s=sum(gaps, 0.0),
        gaps=len(lost),
        longest_gap_s=max(lost, default=0.0),
    )
