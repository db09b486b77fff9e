"""Pauses between attempts."""

from __future__ import annotations

from zlib import crc32

import numpy as np

from .policy import LinkPolicy


class Backoff:
    """Pauses that double up to a cap, each a little off.

    Parameters
    ----------
    policy
        First pause, cap and jitter.
    name, seed
        Two links with the same seed do not call together: their names differ.
    """

    def __init__(self, policy: LinkPolicy, name: str, seed: int) -> None:
        self._policy = policy
        self._rng = np.random.default_rng([abs(seed), crc32(name.encode())])
        self._next_s = policy.backoff_first_s

    def reset(self) -> None:
        """Begin with short pauses again."""
        self._next_s = self._policy.backoff_first_s

    def pause(self, *, slow: bool = False) -> float:
        """Return the next pause, seconds; `slow` takes the longest at once."""
        cap_s = self._policy.backoff_cap_s
        pause_s = cap_s if slow else min(self._next_s, cap_s)
        if not slow:
            self._next_s = min(2.0 * pause_s, cap_s)
        jitter = self._policy.backoff_jitter
        return pause_s * float(self._rng.uniform(1.0 - jitter, 1.0 + jitter))
