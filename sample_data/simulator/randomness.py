"""Random numbers that depend on a name, never on the order of asking."""

from __future__ import annotations

from zlib import crc32

import numpy as np


def stream(seed: int, *key: str | int) -> np.random.Generator:
    """Return the generator that belongs to `key` under `seed`.

    The same seed and key give the same numbers, however much was drawn elsewhere. This is
    what makes a page of the night independent of the pages read before it.
    """
    words = tuple(crc32(k.encode()) if isinstance(k, str) else k for k in key)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=words)))
