"""Streams of the lab streaming layer, as a sensor of the open protocol (extra ``lsl``)."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ....recording.model import Kind
from ... import open_protocol as protocol
from ...host_clock import HostClock
from ...open_protocol import CommandCode
from ..transport import Fault, TransportError
from .sample_frames import UNITS, SampleFrames, groups_of
from .sample_source import SampleSource

if TYPE_CHECKING:
    from pylsl import StreamInlet

RESOLVE_S = 5.0
ANSWER_S = 5.0
PULL_S = 0.25
MOST_SAMPLES = 4096
BUFFER_S = 60
BREAK_S = 0.5
"""Time stamps of sound streams jitter by less; a greater step counts as samples lost."""

WORDS: tuple[tuple[str, Kind], ...] = (
    ("emg", "emg"),
    ("exg", "emg"),
    ("ecg", "ecg"),
    ("ekg", "ecg"),
    ("acc", "acc"),
    ("gyr", "gyro"),
)
KINDS: dict[str, Kind] = {"emg": "emg", "ecg": "ecg", "acc": "acc", "gyro": "gyro"}
MIN_HZ, MAX_HZ = 0.001, 100_000.0
LATEST_S = 1e9
MOST_LOST = 1 << 30
COUNT_FORMATS = (4, 5, 6, 7)
TEXT_FORMAT = 3


@dataclass(slots=True)
class _Stream:
    """A session and where it stands; the polling thread's own."""

    lsl: Any
    inlet: StreamInlet
    frames: SampleFrames
    rate_hz: float
    correction_s: float
    next: int = 0
    last_s: float = math.nan
    last_us: int = 0


class LslTransport(SampleSource["_Stream"]):
    """A stream of the lab streaming layer by its name, read by the open-sensor driver.

    Device time is the sender's LSL clock, and TIME commands are answered with it, so that
    the link measures round trips. A step of its stamps by more than `BREAK_S` counts as
    samples lost; the layer itself numbers none.

    Parameters
    ----------
    target
        Name, source id or type of the stream.
    clock
        The host's clocks.
    unit
        Of all channels, where the stream does not say: ``uV``, ``mV``, ``g``, ``count``...
    kind
        ``emg``, ``ecg``, ``acc`` or ``gyro``, where the stream's type says something else.
    """

    def __init__(
        self, target: str, *, clock: HostClock, unit: str = "", kind: str = ""
    ) -> None:
        super().__init__(f"lsl:{target}", clock=clock, open_s=RESOLVE_S + 3 * ANSWER_S + PULL_S)
        self._target = target
        self._unit, self._kind = unit, kind

    def begin(self) -> _Stream:
        """See `SampleSource.begin`."""
        lsl = load_lsl(self.address)
        info = self._resolved(lsl)
        if info.channel_format() == TEXT_FORMAT or not info.nominal_srate():
            line = f"{self.address}: carries marks or text, and no samples at a steady rate"
            raise TransportError(Fault.FOREIGN, line)
        inlet = lsl.StreamInlet(info, max_buflen=BUFFER_S, recover=False)
        try:
            full = inlet.info(timeout=ANSWER_S)
            frames = self._described(full)
            inlet.open_stream(timeout=ANSWER_S)
            correction_s = float(inlet.time_correction(timeout=ANSWER_S))
        except (lsl.util.LostError, lsl.util.TimeoutError):
            _close(inlet)
            line = f"{self.address}: was there and does not answer; does its program still run?"
            raise TransportError(Fault.NO_ANSWER, line) from None
        except TransportError:
            _close(inlet)
            raise
        return _Stream(lsl, inlet, frames, float(info.nominal_srate()), correction_s)

    def end(self, session: _Stream) -> None:
        """See `SampleSource.end`."""
        _close(session.inlet)

    def describe(self, session: _Stream) -> bytes:
        """See `SampleSource.describe`."""
        return session.frames.info(session.last_us)

    def answer(self, session: _Stream, command: bytes) -> bytes | None:
        """See `SampleSource.answer`."""
        if command[0] != CommandCode.TIME or len(command) < 9:
            return None
        now_s = session.lsl.local_clock() - session.correction_s
        host_us = int.from_bytes(command[1:9], "little")
        return session.frames.time(host_us, round(now_s * 1e6))

    def poll(self, session: _Stream, put: Callable[[bytes, float], None]) -> None:
        """See `SampleSource.poll`."""
        inlet = session.inlet
        try:
            first, stamp = inlet.pull_sample(timeout=PULL_S)
            if first is None:
                return
            more, stamps = inlet.pull_chunk(timeout=0.0, max_samples=MOST_SAMPLES)
            arrival_s = self._clock.monotonic()
            with suppress(session.lsl.util.TimeoutError):
                session.correction_s = float(inlet.time_correction(timeout=0.0))
        except session.lsl.util.LostError:
            line = f"{self.address}: the stream has ended; start its program again"
            raise TransportError(Fault.LOST, line) from None
        values = np.asarray([first, *more], np.float64)
        times = np.clip(np.nan_to_num([stamp, *stamps]), 0.0, LATEST_S)
        numbers = _numbered(session, times)
        t_us = np.maximum.accumulate(np.rint(times * 1e6).astype(np.int64))
        t_us = np.maximum(t_us, session.last_us + 1)
        session.last_us = int(t_us[-1])
        for frame, _row in session.frames.data(values, numbers, t_us):
            put(frame, arrival_s)

    def _resolved(self, lsl: Any) -> Any:
        word = self._target
        if not word or not word.isprintable() or "'" in word or '"' in word:
            line = f"{self.address}: write lsl:NAME, NAME without quotes"
            raise TransportError(Fault.OTHER, line)
        wanted = f"name='{word}' or source_id='{word}' or type='{word}'"
        found = lsl.resolve_bypred(wanted, minimum=1, timeout=RESOLVE_S)
        if not found:
            line = (
                f"{self.address}: no stream of this name, source id or type is on the network"
            )
            raise TransportError(Fault.NOT_FOUND, line)
        if len({each.uid() for each in found}) > 1:
            ids = ", ".join(sorted(_words(each.source_id()) for each in found)[:8])
            line = f"{self.address}: fits several streams; name one by its source id: {ids}"
            raise TransportError(Fault.OTHER, line)
        return found[0]

    def _described(self, info: Any) -> SampleFrames:
        count = int(info.channel_count())
        units = [self._unit or unit or "" for unit in info.get_channel_units() or [""] * count]
        types = info.get_channel_types() or [""] * count
        kinds = [self._kind_of(word or "", info.type()) for word in types]
        if info.channel_format() in COUNT_FORMATS:
            units = [unit or "count" for unit in units]
        for unit in units:
            if unit.strip().lower() not in UNITS:
                says = f"the unit {_words(unit)!r}" if unit else "no unit"
                line = f"{self.address}: gives {says}; add ?unit=uV (or mV, V, g, m/s2, count)"
                raise TransportError(Fault.FOREIGN, line)
        groups = groups_of([str(kind) for kind in kinds], kinds, units)
        if len(groups) > protocol.MOST_STREAMS or not MIN_HZ <= info.nominal_srate() <= MAX_HZ:
            line = f"{self.address}: has more channels, or another rate, than can be recorded"
            raise TransportError(Fault.FOREIGN, line)
        name = _words(info.name())
        return SampleFrames(name, groups, info.nominal_srate(), secrets.randbits(32))

    def _kind_of(self, *says: str) -> Kind:
        if self._kind:
            if self._kind not in KINDS:
                line = f"{self.address}: kind={self._kind!r}; there are: {', '.join(KINDS)}"
                raise TransportError(Fault.OTHER, line)
            return KINDS[self._kind]
        for word in says:
            for part, kind in WORDS:
                if part in word.lower():
                    return kind
        return "other"


def load_lsl(address: str) -> Any:
    """Return pylsl.

    Raises
    ------
    TransportError
        It, or the library below it, is missing.
    """
    try:
        import pylsl
    except (ImportError, OSError, RuntimeError) as error:
        why = " ".join(str(error).split())[:120]
        line = (
            f"{address}: needs the lab streaming layer: pip install 'crampwatch[lsl]' ({why})"
        )
        raise TransportError(Fault.OTHER, line) from None
    return pylsl


def _numbered(stream: _Stream, times: NDArray[np.float64]) -> NDArray[np.int64]:
    before = times[0] - 1 / stream.rate_hz if math.isnan(stream.last_s) else stream.last_s
    passed = np.diff(times, prepend=before)
    jumps = np.clip(np.rint(passed * stream.rate_hz), 1, MOST_LOST).astype(np.int64)
    steps = np.where(passed > BREAK_S + 1 / stream.rate_hz, jumps, 1)
    numbers = stream.next - 1 + np.cumsum(steps)
    stream.next, stream.last_s = int(numbers[-1]) + 1, float(times[-1])
    return np.asarray(numbers, np.int64)


def _close(inlet: StreamInlet) -> None:
    inlet.close_stream()


def _words(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:40]
