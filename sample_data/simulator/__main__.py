"""Write a simulated night: ``python -m crampwatch.sample_data.simulator SCENARIO``."""

from __future__ import annotations

import argparse
import sys

from ...recording.errors import CrampwatchError
from .families import FAMILIES, STANDARD
from .scenarios import SCENARIOS
from .writing import write_night


def main(arguments: list[str] | None = None) -> int:
    """Write the night that the arguments ask for; return 1 where that fails."""
    parser = argparse.ArgumentParser(prog="python -m crampwatch.sample_data.simulator")
    known = "; ".join(f"{s.name}: {s.about}" for s in SCENARIOS.values())
    parser.add_argument("scenario", help=known)
    parser.add_argument("--out", required=True, help="folder for the files")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same night (1)")
    parser.add_argument("--hours", type=float, help="length of the night")
    parser.add_argument("--family", default=STANDARD, help=", ".join(FAMILIES))
    parser.add_argument("--carriers", action="store_true", help="real textures")
    chosen = parser.parse_args(arguments)
    try:
        written = write_night(
            chosen.scenario,
            chosen.out,
            chosen.seed,
            hours=chosen.hours,
            family=chosen.family,
            carriers=chosen.carriers,
        )
    except CrampwatchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{written.recording}\n{written.truth}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
