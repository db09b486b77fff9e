"""Makes the board beside the tests importable; ptys are of POSIX systems; LSL stays here."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

# read when the library is loaded: nothing of a test leaves this computer
os.environ["LSLAPICFG"] = str(Path(__file__).parent / "lsl_api.cfg")

collect_ignore = ["test_serial.py"] if sys.platform == "win32" else []
