"""The open sensor protocol: frames and messages; see ``docs/protocol.md``."""

from __future__ import annotations

import struct
from binascii import crc_hqx
from dataclasses import dataclass
from enum import IntEnum

from ..recording.model import Kind

VERSION = 1
HEAD = struct.Struct("<BBBBIQH")
CHECK = struct.Struct("<H")
OVERHEAD = HEAD.size + CHECK.size
MOST_PAYLOAD = 1024
LONGEST_FRAME = OVERHEAD + MOST_PAYLOAD
MOST_STREAMS = 8

BOOT_MASK = 0x0F
RESENT = 0x10
LEADS_OFF = 0x20

SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
TO_DEVICE = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"
FROM_DEVICE = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"


class FrameType(IntEnum):
    """What a frame carries; the upper half is for the host's."""

    INFO = 1
    DATA = 2
    STATUS = 3
    TIME = 4
    EVENT = 5
    COMMAND = 0x81


class EventCode(IntEnum):
    """What happened."""

    BUTTON_DOWN = 1
    BUTTON_UP = 2
    LEADS_OFF = 3
    LEADS_ON = 4
    CHARGING = 5
    BATTERY_LOW = 6
    HAPTIC_DONE = 7


class CommandCode(IntEnum):
    """What the host asks for."""

    INFO = 1
    START = 2
    STOP = 3
    TIME = 4
    RESEND = 5
    HAPTIC = 6


KINDS: tuple[Kind, ...] = ("other", "emg", "acc", "gyro", "ecg")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame.

    Attributes
    ----------
    type
        See `FrameType`; unknown numbers are passed over.
    stream
        Number of the stream, 0 where there is none.
    flags
        Lower four bits of the boot id, `RESENT`, `LEADS_OFF`.
    seq
        DATA: running number of the first sample since boot. Else: of the frame of its type.
    t_us
        Device clock, microseconds since boot. DATA: of the first sample.
    payload
        At most `MOST_PAYLOAD` bytes.
    """

    type: int
    stream: int
    flags: int
    seq: int
    t_us: int
    payload: bytes

    def pack(self) -> bytes:
        """Return the frame as bytes, its checksum at the end."""
        head = HEAD.pack(
            VERSION, self.type, self.stream, self.flags, self.seq, self.t_us, len(self.payload)
        )
        body = head + self.payload
        return body + CHECK.pack(crc_hqx(body, 0xFFFF))


class BadFrameError(ValueError):
    """Bytes that are no frame, or a payload that is not what its type says."""


def unpack_frame(data: bytes) -> Frame:
    """Return the frame in `data`.

    Raises
    ------
    BadFrameError
        Its length, version or checksum is wrong.
    """
    if not OVERHEAD <= len(data) <= LONGEST_FRAME:
        raise BadFrameError("wrong length")
    version, kind, stream, flags, seq, t_us, count = HEAD.unpack_from(data)
    if crc_hqx(data[:-2], 0xFFFF) != CHECK.unpack_from(data, len(data) - 2)[0]:
        raise BadFrameError("wrong checksum")
    if version != VERSION:
        raise BadFrameError(f"protocol version {version}, not {VERSION}")
    if count != len(data) - OVERHEAD:
        raise BadFrameError("length in the head is wrong")
    return Frame(kind, stream, flags, seq, t_us, data[HEAD.size : -2])


_INFO = struct.Struct("<IQHH16sB")
_STREAM = struct.Struct("<BBBBIfBBH8s8s")
_STATUS = struct.Struct("<IHBBHI")
_TIME = struct.Struct("<QQ")
_EVENT = struct.Struct("<Bi")

HAS_HAPTIC, HAS_BUTTON, HAS_LEADS_OFF, IS_WIRED = 1, 2, 4, 8


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """One stream as its device describes it.

    Attributes
    ----------
    stream
        Number in the frames.
    kind
        What it measures.
    width
        Bytes of a sample of one channel: 2, 3 or 4, signed, little endian.
    channels
        Channels, interleaved.
    rate_mhz
        Sampling rate, thousandths of Hz.
    gain
        `unit` for one count.
    bits
        Bits of the converter.
    calibrated
        Whether `gain` can be trusted.
    unit, name
        At most eight bytes of text.
    """

    stream: int
    kind: Kind
    width: int
    channels: int
    rate_mhz: int
    gain: float
    bits: int
    calibrated: bool
    unit: str
    name: str


@dataclass(frozen=True, slots=True)
class Info:
    """What a device says about itself.

    Attributes
    ----------
    boot
        Drawn anew at each start, so that a reset is never taken for a loss.
    device
        Unique number.
    ring_s
        Seconds of samples it can send again.
    features
        `HAS_HAPTIC`, `HAS_BUTTON`, `HAS_LEADS_OFF`, `IS_WIRED`.
    name
        At most 16 bytes of text.
    streams
        At most eight.
    """

    boot: int
    device: int
    ring_s: int
    features: int
    name: str
    streams: tuple[StreamInfo, ...]

    def pack(self) -> bytes:
        """Return the payload."""
        head = _INFO.pack(
            self.boot,
            self.device,
            self.ring_s,
            self.features,
            self.name.encode()[:16],
            len(self.streams),
        )
        return head + b"".join(
            _STREAM.pack(
                each.stream,
                KINDS.index(each.kind),
                each.width,
                each.channels,
                each.rate_mhz,
                each.gain,
                each.bits,
                each.calibrated,
                0,
                each.unit.encode()[:8],
                each.name.encode()[:8],
            )
            for each in self.streams
        )


@dataclass(frozen=True, slots=True)
class Status:
    """How a device is: `battery_mv` is 0 and `battery_percent` 255 where not measured."""

    boot: int
    battery_mv: int
    battery_percent: int
    leads_off: int
    ring_used_s: int
    dropped: int

    def pack(self) -> bytes:
        """Return the payload."""
        return _STATUS.pack(
            self.boot,
            self.battery_mv,
            self.battery_percent,
            self.leads_off,
            self.ring_used_s,
            self.dropped,
        )


def unpack_info(payload: bytes) -> Info:
    """Return what an INFO frame says.

    Raises
    ------
    BadFrameError
        The payload has another length, or describes a stream that cannot be.
    """
    if len(payload) < _INFO.size:
        raise BadFrameError("INFO is cut short")
    boot, device, ring_s, features, name, count = _INFO.unpack_from(payload)
    if count > MOST_STREAMS or len(payload) < _INFO.size + count * _STREAM.size:
        raise BadFrameError("INFO is cut short")
    streams = tuple(
        _stream(_STREAM.unpack_from(payload, _INFO.size + number * _STREAM.size))
        for number in range(count)
    )
    if len({each.stream for each in streams}) != count:
        raise BadFrameError("INFO describes a stream twice")
    return Info(boot, device, ring_s, features, _text(name), streams)


def unpack_status(payload: bytes) -> Status:
    """Return what a STATUS frame says; errors as `unpack_info`."""
    if len(payload) < _STATUS.size:
        raise BadFrameError("STATUS is cut short")
    return Status(*_STATUS.unpack_from(payload))


def unpack_time(payload: bytes) -> tuple[int, int]:
    """Return the host's clock as it was sent, and the device's when it came, microseconds."""
    if len(payload) < _TIME.size:
        raise BadFrameError("TIME is cut short")
    host_us, device_us = _TIME.unpack_from(payload)
    return host_us, device_us


def unpack_event(payload: bytes) -> tuple[int, int]:
    """Return the code of an event, and its value."""
    if len(payload) < _EVENT.size:
        raise BadFrameError("EVENT is cut short")
    code, value = _EVENT.unpack_from(payload)
    return code, value


def pack_time(host_us: int, device_us: int) -> bytes:
    """Return the payload of a TIME frame."""
    return _TIME.pack(host_us, device_us)


def pack_event(code: int, value: int = 0) -> bytes:
    """Return the payload of an EVENT frame."""
    return _EVENT.pack(code, value)


def command(code: CommandCode, payload: bytes = b"", *, seq: int = 0) -> bytes:
    """Return a command of the host as a frame."""
    return Frame(FrameType.COMMAND, 0, 0, seq, 0, bytes([code]) + payload).pack()


def resend(stream: int, first: int, count: int, *, seq: int = 0) -> bytes:
    """Return the command to send `count` samples from number `first` on again."""
    return command(CommandCode.RESEND, struct.pack("<BII", stream, first, count), seq=seq)


def ask_time(host_us: int, *, seq: int = 0) -> bytes:
    """Return the command to answer with the device's clock."""
    return command(CommandCode.TIME, struct.pack("<Q", host_us), seq=seq)


def haptic(duration_ms: int, strength: int, *, seq: int = 0) -> bytes:
    """Return the command to vibrate, strength 0 to 255."""
    return command(CommandCode.HAPTIC, struct.pack("<HB", duration_ms, strength), seq=seq)


def _stream(
    values: tuple[int, int, int, int, int, float, int, int, int, bytes, bytes],
) -> StreamInfo:
    stream, kind, width, channels, rate_mhz, gain, bits, flags, _spare, unit, name = values
    if kind >= len(KINDS) or width not in (2, 3, 4) or not 1 <= channels <= 32:
        raise BadFrameError("INFO describes a stream that cannot be")
    if not rate_mhz or not 0 < abs(gain) < 1e30 or not 1 <= bits <= 8 * width:
        raise BadFrameError("INFO describes a stream that cannot be")
    words = _text(unit), _text(name)
    return StreamInfo(
        stream, KINDS[kind], width, channels, rate_mhz, gain, bits, bool(flags & 1), *words
    )


def _text(data: bytes) -> str:
    words = data.split(b"\0")[0].decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "?" for c in words)
