"""A band that speaks the open protocol: what it says, on whatever radio."""

from __future__ import annotations

import struct

from crampwatch.firmware_bridge.open_protocol import (
    CommandCode,
    Frame,
    FrameType,
    Info,
    StreamInfo,
    unpack_frame,
)

RATE_HZ = 1000
PER_FRAME = 4
FRAMES_PER_S = RATE_HZ // PER_FRAME
BOOT = 0x1234567


class Band:
    """Counts what it sampled and notes what it was told."""

    def __init__(self, name: str = "Crampwatch1") -> None:
        self.name = name
        self.frames = 0
        self.streaming = False
        self.heard: list[bytes] = []

    def next_frame(self) -> bytes:
        """Return the next four samples: each value is its own running number."""
        first = self.frames * PER_FRAME
        self.frames += 1
        payload = struct.pack(
            f"<{PER_FRAME}h", *(i % 30000 for i in range(first, first + PER_FRAME))
        )
        return Frame(FrameType.DATA, 0, BOOT & 15, first, first * 1000, payload).pack()

    def hear(self, data: bytes) -> bytes | None:
        """Take a command and return the frame that answers it, if any."""
        self.heard.append(data)
        code = unpack_frame(data).payload[0]
        if code == CommandCode.INFO:
            stream = StreamInfo(0, "emg", 2, 1, RATE_HZ * 1000, 0.5, 16, True, "uV", "emg")
            info = Info(BOOT, 7, 900, 0, self.name, (stream,))
            return Frame(FrameType.INFO, 0, BOOT & 15, 0, 0, info.pack()).pack()
        if code == CommandCode.START:
            self.streaming = True
        if code == CommandCode.STOP:
            self.streaming = False
        return None
