"""What links bring, in the words of the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...recording.clock.round_trip import RoundTrip
from ...recording.errors import CrampwatchError, RecordingError
from ...recording.journal.blocks import SampleBlock
from ...recording.journal.notes import Note
from ...recording.journal.streams import JournalStream
from ..drivers.model import Decoded, DeviceEvent, Packet, Samples
from ..host_clock import HostClock
from ..links.link import Link
from ..links.states import LinkChange, LinkSink
from .described import Worn, describe
from .raw_log import RawLog
from .writing import MOST_WAITING, SYNC_EVERY_S, Journal, Writing

WALL_EVERY_S = 60.0
STEP_S = 0.1
"""Sleep of the computer, or a step of its wall clock, that is written down at once."""

MISSED = "the disk took nothing"

_TIMES_BYTES = 24
_NOTE_BYTES = 500

Key = tuple[str, int, str]
"""Sensor, generation, stream."""


@dataclass(slots=True)
class _Missed:
    """Samples of one stream in a row that found no room."""

    index: int
    rate_hz: float
    count: int


class Collector(LinkSink):
    """Moves what links bring to the journal; costs a link no more than a list.

    Parameters
    ----------
    writer
        The journal; the collector closes it.
    clock
        The host's clocks, the same that the links use.
    worn
        Where each sensor is worn, by its name.
    raw_log
        Where the bytes are kept besides, or None.
    sync_every_s
        Between two syncs to the disk, by the computer's own clock.
    most_waiting
        Bytes that may wait for a disk that takes nothing; samples beyond are missing, and
        noted as a gap.

    Attributes
    ----------
    error
        What ended the writing, or None; nothing is taken any more after it.
    remarks
        What a person should know and what ended nothing; complete after `close`.
    """

    def __init__(
        self,
        writer: Journal,
        clock: HostClock,
        *,
        worn: Mapping[str, Worn] | None = None,
        raw_log: RawLog | None = None,
        sync_every_s: float = SYNC_EVERY_S,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.error: CrampwatchError | None = None
        self.remarks: list[str] = []
        self._clock = clock
        self._worn = dict(worn or {})
        self._raw_log = raw_log
        self._writing = Writing(
            writer, self._failed, every_s=sync_every_s, most_waiting=most_waiting
        )
        self._missed: dict[Key, _Missed] = {}
        self._raw_bytes_missed = 0
        self._channels: dict[Key, int] = {}
        self._described: set[Key] = set()
        self._generations: dict[str, list[tuple[Link, int]]] = {}
        self._last = self._reading()
        self._told_s = self._last[0]
        self._tell_wall(self._last)

    @property
    def waiting_bytes(self) -> int:
        """Bytes that wait for the disk."""
        return self._writing.waiting_bytes

    @property
    def stuck_s(self) -> float:
        """How long the disk has not answered, seconds; 0 while it does."""
        return self._writing.stuck_s

    def took(self, link: Link, packets: Sequence[Packet], decoded: Decoded) -> None:
        """See `LinkSink.took`."""
        if packets and self._raw_log is not None:
            size = sum(len(packet.data) for packet in packets)
            if not self._writing.put(partial(self._log, link.name, tuple(packets)), size):
                self._raw_bytes_missed += size
        generation = self._generation(link)
        for run in decoded.samples:
            if len(run):
                self._samples(link, generation, run)
        for gap in decoded.gaps:
            told = {
                "stream": gap.stream,
                "generation": generation,
                "index": gap.index,
                "lost": gap.lost,
                "lost_low": gap.lost_low,
                "lost_high": gap.lost_high,
                "reason": gap.reason,
            }
            self.note("gap", link.name, told)
        for reason in dict.fromkeys(each.reason for each in decoded.rejected):
            sizes = [each.n_bytes for each in decoded.rejected if each.reason == reason]
            told = {"count": len(sizes), "bytes": sum(sizes), "reason": reason}
            self.note("rejected", link.name, told)
        for event in decoded.events:
            self._event(link, event)

    def changed(self, link: Link, change: LinkChange) -> None:
        """See `LinkSink.changed`."""
        told = {
            "state": change.state.value,
            "reason": change.reason,
            "attempt": change.attempt,
            "fault": None if change.fault is None else change.fault.value,
            "connection": link.connection,
        }
        self.note("link", link.name, told, at_s=change.at_s)

    def round_trip(self, link: Link, trip: RoundTrip) -> None:
        """See `LinkSink.round_trip`."""
        told = {
            "sent_s": trip.sent_s,
            "received_s": trip.received_s,
            "device_s": trip.device_s,
            "connection": link.connection,
        }
        self.note("round_trip", link.name, told)

    def note(
        self,
        kind: str,
        sensor: str | None,
        data: Mapping[str, Any],
        *,
        at_s: float | None = None,
    ) -> None:
        """Write down what happened; now, unless told when."""
        at = self._clock.monotonic() if at_s is None else at_s
        note = Note(kind, at, sensor, data)
        self._writing.put(lambda writer: writer.note(note), _NOTE_BYTES, note=True)

    def tick(self) -> None:
        """Look at the clocks; to be called about once a second.

        Both readings around a sleep of the computer, or around a step of its wall clock, are
        written down, and one each minute.
        """
        reading = self._reading()
        passed = reading[0] - self._last[0]
        jumped = any(
            abs(now - before - passed) > STEP_S
            for now, before in zip(reading[1:], self._last[1:], strict=True)
        )
        if jumped and self._told_s != self._last[0]:
            self._tell_wall(self._last)
        if jumped or reading[0] - self._told_s >= WALL_EVERY_S:
            self._tell_wall(reading)
        self._last = reading

    def close(self) -> None:
        """Write what waits and close the journal; returns when all is on the disk.

        Never raises: what went wrong is in `error`. May wait as long as the disk does.
        """
        for key in tuple(self._missed):
            self._tell_missed(key)
        self._tell_wall(self._reading())
        self._writing.close()
        if self._raw_log is not None:
            self._raw_log.close()
        if self._raw_bytes_missed:
            self.remarks.append(f"{self._raw_bytes_missed} raw bytes are missing: {MISSED}")
        self.remarks += [
            f"not written, {count} times: {words}; report it"
            for words, count in self._writing.mishaps.items()
        ]

    def _samples(self, link: Link, generation: int, run: Samples) -> None:
        key = link.name, generation, run.stream
        if key not in self._described:
            spec = link.driver.stream(run.stream)
            worn = self._worn.get(link.name, Worn())
            stream = describe(link, spec, worn, generation)
            if not self._writing.put(partial(self._open, key, stream), _NOTE_BYTES, note=True):
                return
            self._described.add(key)
        missed = self._missed.get(key)
        if missed is not None and not self._writing.has_room:
            missed.count += len(run)
            return
        if missed is not None:
            self._tell_missed(key)
        block = SampleBlock(
            run.index, run.device_s, run.arrival_s, run.raw, run.scale, link.connection
        )
        size = run.raw.nbytes + _TIMES_BYTES * len(run)
        if not self._writing.put(partial(self._write, key, block), size):
            rate_hz = float(link.driver.stream(run.stream).rate_hz)
            self._missed[key] = _Missed(int(run.index[0]), rate_hz, len(run))

    def _tell_missed(self, key: Key) -> None:
        """Note as a gap what found no room."""
        missed = self._missed.pop(key)
        sensor, generation, stream = key
        told = {
            "stream": stream,
            "generation": generation,
            "index": missed.index,
            "lost": missed.count,
            "lost_low": missed.count,
            "lost_high": missed.count,
            "reason": MISSED,
        }
        self.note("gap", sensor, told)
        seconds = missed.count / missed.rate_hz
        self.remarks.append(f"{sensor}: {seconds:.1f} s of {stream} are missing: {MISSED}")

    def _event(self, link: Link, event: DeviceEvent) -> None:
        told: dict[str, Any] = {
            "kind": event.kind,
            "value": event.value,
            "text": event.text,
            "device_s": event.device_s,
        }
        at_s = event.arrival_s if event.arrival_s == event.arrival_s else None
        if event.kind in ("battery", "battery_volts"):
            self.note("battery", link.name, told, at_s=at_s)
        elif event.kind != "time":
            self.note("device", link.name, told, at_s=at_s)

    def _generation(self, link: Link) -> int:
        """Return the number of this decoder among all that the sensor has had."""
        known = self._generations.setdefault(link.name, [])
        decoder = link, link.generation
        if not known or known[-1] != decoder:
            known.append(decoder)
        return len(known)

    def _reading(self) -> tuple[float, float, float]:
        return self._clock.monotonic(), self._clock.awake_or_not(), self._clock.wall()

    def _tell_wall(self, reading: tuple[float, float, float]) -> None:
        monotonic_s, elapsed_s, wall_s = reading
        self._told_s = monotonic_s
        told = {"wall_s": wall_s, "elapsed_s": elapsed_s}
        self.note("wall", None, told, at_s=monotonic_s)

    def _failed(self, error: CrampwatchError) -> None:
        self.error = error

    def _open(self, key: Key, stream: JournalStream, writer: Journal) -> None:
        self._channels[key] = writer.open_stream(stream)

    def _write(self, key: Key, block: SampleBlock, writer: Journal) -> None:
        writer.samples(self._channels[key], block)

    def _log(self, sensor: str, packets: tuple[Packet, ...], writer: Journal) -> None:
        if self._raw_log is None:
            return
        try:
            self._raw_log.write(sensor, packets)
        except RecordingError as error:
            self._raw_log = None
            self.remarks.append(str(error))
            told = {"text": str(error), "source": "recorder"}
            writer.note(Note("recorder", self._clock.monotonic(), sensor, told))
