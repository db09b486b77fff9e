"""A recorder to be killed: hands samples over, and says how many after each packet."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from journals import HALF, HEADER, PACKET, block, exg

from crampwatch.recording.journal import JournalWriter

PARTS = 10


def main(path: str) -> None:
    writer = JournalWriter(path, HEADER)
    channel = writer.open_stream(exg())
    handed = 0
    step = HALF // PARTS // PACKET * PACKET
    while True:
        writer.samples(channel, block(handed, step))
        handed += step
        print(handed, flush=True)  # noqa: T201 - how the test knows
        if handed % (PARTS * step) == 0:
            writer.sync()


main(sys.argv[1])
