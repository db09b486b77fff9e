"""From frames that are complete to parcels on their way, and what happens to them there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .connection import Connection, Parcel, Span
from .faults import Faults
from .garbage import Garbage
from .track import Riding, Track
from .truth import Fate, Truth
from .wire.model import Encoded, Run, Said, Wire

PACKETS_HZ = 250.0
"""Over serial, frames that come faster arrive several at a time."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Bytes to be sent, on the line of arrival stamps.

    Attributes
    ----------
    made_s, due_s
        When they are complete, and when they would arrive.
    data, channel
        What, and on which characteristic.
    spans, again
        Samples that arrive with them for the first time, and those that were sent before.
    """

    made_s: float
    due_s: float
    data: bytes
    channel: str
    spans: tuple[Span, ...] = ()
    again: tuple[Span, ...] = ()


class Sender:
    """Sends the frames of one sensor, with its faults.

    Parameters
    ----------
    wire, tracks, faults, truth
        Of the sensor.
    born_s, rate
        Stamp of device time zero, and device seconds in a second.
    seeds
        Three for what the sensor says, and two for each track.
    """

    def __init__(
        self,
        wire: Wire,
        tracks: Sequence[Track],
        faults: Faults,
        truth: Truth,
        *,
        born_s: float,
        rate: float,
        seeds: Sequence[np.random.SeedSequence],
    ) -> None:
        self._wire, self._tracks, self._faults, self._truth = wire, tracks, faults, truth
        self._born_s, self._rate = born_s, rate
        drop, late, damage, *rest = (np.random.default_rng(seed) for seed in seeds)
        self._said = _Way(faults, drop, late)
        pairs = zip(rest[::2], rest[1::2], strict=True)
        self._ways = {
            track.lane.name: _Way(faults, *pair)
            for track, pair in zip(tracks, pairs, strict=True)
        }
        self._garbage = Garbage(faults.garbage, wire.link, damage)
        lane = wire.lanes[0]
        often = lane.rate_hz / lane.per_frame / PACKETS_HZ
        self._together = math.ceil(often) if wire.link == "serial" else 1

    def frames(
        self, track: Track, count: int, connection: Connection | None, boot_s: float
    ) -> Iterator[Outgoing]:
        """Yield the next frames of a lane, as far as they get through."""
        fate = self._fate(track, connection)
        if fate is not None and not self._wire.keeps:
            track.skip(count, fate)
            return
        complete = self._born_s + track.ends_s(count) / self._rate
        for start, run in track.runs(count, boot_s):
            encoded = self._wire.encode(track.lane, run)
            times = complete[start : start + run.count]
            lost, due = np.zeros(run.count, np.bool_), times
            if fate is None:
                self._truth.frames += run.count
                lost, due = self._ways[track.lane.name].pass_(times)
            fates = [
                fate or ("drop" if gone else self._deaf(connection, channel))
                for gone, channel in zip(lost, _channels(encoded, run), strict=True)
            ]
            yield from self._run(track, run, encoded, fates, (times, due))

    def others(self, said: Sequence[Said], connection: Connection) -> Iterator[Outgoing]:
        """Yield what is not a new frame, as far as it gets through."""
        for each in said:
            at_s = np.array([self._born_s + each.at_s / self._rate])
            lost, due = self._said.pass_(at_s)
            if lost[0] or self._deaf(connection, each.channel) is not None:
                continue
            again: tuple[Span, ...] = ()
            if each.again is not None:
                name, first, count = each.again
                track = next(track for track in self._tracks if track.lane.name == name)
                again = ((self._truth[name], track.origin + first, count),)
            data, damaged = self._garbage.touch(each.data)
            self._truth.garbage_bytes = self._garbage.bytes
            arrived = () if damaged else again
            yield Outgoing(float(at_s[0]), float(due[0]), data, each.channel, (), arrived)

    def put(self, connection: Connection, made: Sequence[Outgoing]) -> None:
        """Send what was made on its way, in order; a late one holds up those after it."""
        for start in range(0, len(made), self._together):
            part = made[start : start + self._together]
            data = b"".join(each.data for each in part)
            spans = tuple(span for each in part for span in each.spans)
            again = tuple(span for each in part for span in each.again)
            packet = connection.send(max(each.due_s for each in part), data, part[0].channel)
            connection.put(Parcel(packet, spans, again))

    def _run(
        self,
        track: Track,
        run: Run,
        encoded: Encoded,
        fates: Sequence[Fate | None],
        times: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> Iterator[Outgoing]:
        made, due = times
        frames = np.arange(run.frame, run.frame + run.count + 1)
        bounds = (track.origin + track.lane.first(frames)).tolist()
        riding = [
            track.riding(name, carried, bounds[-1]) for name, carried in encoded.riders.items()
        ]
        channels = _channels(encoded, run)
        for row, (data, channel, why) in enumerate(
            zip(encoded.data, channels, fates, strict=True)
        ):
            out, fate = data, why
            if why is None:
                out, damaged = self._garbage.touch(data)
                fate = "damaged" if damaged else None
            spans = self._account(track, riding, row, (bounds[row], bounds[row + 1]), fate)
            if why is None:
                yield Outgoing(float(made[row]), float(due[row]), out, channel, spans)
        for each in riding:
            each.done()

    def _account(
        self,
        track: Track,
        riding: Sequence[Riding],
        row: int,
        bounds: tuple[int, int],
        fate: Fate | None,
    ) -> tuple[Span, ...]:
        """Note what became of a frame, and return the samples that may arrive with it."""
        first, size = bounds[0], bounds[1] - bounds[0]
        riders = tuple(done for each in riding if (done := each.fate(row, fate)) is not None)
        if fate is None:
            return (*((each, first, size) for each in track.truths), *riders)
        for each in track.truths:
            each.lose(first, size, fate)
        if fate == "damaged":
            self._truth.damaged_frames += 1
            self._truth.garbage_bytes = self._garbage.bytes
        return riders

    def _fate(self, track: Track, connection: Connection | None) -> Fate | None:
        """Return why frames of a lane cannot arrive, None where they can."""
        if connection is None:
            return "not connected"
        if track.lane.name not in self._wire.running:
            return "not streaming"
        return "silent" if connection.silent else None

    def _deaf(self, connection: Connection | None, channel: str) -> Fate | None:
        known = not channel or (connection is not None and channel in connection.notify)
        return None if known else "not streaming"


class _Way:
    """Chance on the way of one kind of frame, drawn frame by frame."""

    def __init__(
        self, faults: Faults, drop: np.random.Generator, late: np.random.Generator
    ) -> None:
        self._faults, self._drop, self._late = faults, drop, late

    def pass_(
        self, made_s: NDArray[np.float64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return which frames are lost, and when the others are due."""
        faults, count = self._faults, len(made_s)
        lost = np.zeros(count, np.bool_)
        due = made_s + faults.latency_s
        if faults.drop:
            lost = self._drop.random(count) < faults.drop
        if faults.jitter_s:
            due = due + self._late.exponential(faults.jitter_s, count)
        return lost, due


def _channels(encoded: Encoded, run: Run) -> Sequence[str]:
    if len(encoded.channels) == run.count:
        return encoded.channels
    return list(encoded.channels) * run.count
