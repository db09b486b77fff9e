"""Print one of the README's own lines, so that nothing else repeats it.

Usage: ``python .ci/readme_line.py demo|tests [windows]``. In the README each line stands
in a fenced block of its own below a comment ``<!-- line: NAME -->``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"


def readme_line(name: str) -> str:
    """Return the line below ``<!-- line: name -->``."""
    found = re.findall(
        rf"^<!-- line: {re.escape(name)} -->\n```\w+\n(.+)\n```$",
        README.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    if len(found) != 1:
        sys.exit(f"{README.name} needs exactly one block marked <!-- line: {name} -->")
    return str(found[0])


if __name__ == "__main__":
    sys.stdout.write(readme_line(" ".join(sys.argv[1:])) + "\n")
