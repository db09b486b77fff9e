"""Recorders to be killed: forked from one program that has loaded everything.

Reads the folder of a night from each line of its input, records into it, and prints the number
of the process. Beside the folder lies ``NIGHT.log``: a line ``first INDEX``, then ``handed
COUNT`` whenever samples were handed to the collector, and ``synced`` whenever the journal is
on the disk.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from recorders import CALF, Lines

from crampwatch.app.record.session import record_night
from crampwatch.app.record.sources import resolve
from crampwatch.firmware_bridge.collector import Collector
from crampwatch.recording.journal import JournalFiles


def record(night: Path) -> None:
    log = os.open(night.with_suffix(".log"), os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    handed = 0
    took, fsync = Collector.took, JournalFiles.fsync

    def told(self, link, packets, decoded):
        nonlocal handed
        runs = [run for run in decoded.samples if run.stream == "exg" and len(run)]
        took(self, link, packets, decoded)
        if runs and not handed:
            os.write(log, b"first %d\n" % runs[0].index[0])
        handed += sum(len(run) for run in runs)
        os.write(log, b"handed %d\n" % handed)

    def synced(self, handle):
        fsync(self, handle)
        if threading.current_thread().name == "journal":
            os.write(log, b"synced\n")

    Collector.took, JournalFiles.fsync = told, synced
    said = {"speed": 20, "keep_awake": False}
    record_night(resolve(said, [CALF], None, {}), night, Lines())


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            record(Path(line.strip()))
            os._exit(0)
        print(child, flush=True)  # noqa: T201 - how the test knows


if __name__ == "__main__":
    main()
