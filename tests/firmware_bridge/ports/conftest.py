"""Makes the board beside the tests importable; ptys are of POSIX systems."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

collect_ignore = ["test_serial.py"] if sys.platform == "win32" else []
