"""Makes the broker and the alerts importable; terminals and players are those of POSIX."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

collect_ignore = ["test_local_ways.py"] if sys.platform == "win32" else []
if sys.platform != "linux":
    collect_ignore.append("test_desktop.py")
