"""Keeping the computer from sleeping, where its system lets a program do that."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Any, Self

from .checks import Check, Verdict

logger = logging.getLogger(__name__)


class Awake:
    """Keeps the computer from sleeping by itself while it is entered; never raises.

    A closed lid or an empty battery still put it to sleep.

    Attributes
    ----------
    active
        Whether the system has agreed.
    """

    def __init__(self, *, wanted: bool = True) -> None:
        self.active = False
        self._wanted = wanted
        self._mode: Any = None

    def __enter__(self) -> Self:
        """Ask the system."""
        if self._wanted:
            try:
                from wakepy import keep

                self._mode = keep.running(on_fail="pass")
                self._mode.__enter__()
                self.active = bool(self._mode.active)
            except Exception as error:  # noqa: BLE001 - sleep is a nuisance, no reason to fail
                logger.info("the computer cannot be kept awake: %s", error)
                self._mode = None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let it sleep again."""
        mode, self._mode = self._mode, None
        if mode is None:
            return
        try:
            mode.__exit__(None, None, None)
        except Exception as trouble:  # noqa: BLE001 - the night is over
            logger.info("keeping awake did not end well: %s", trouble)

    def check(self) -> Check:
        """Return what came of it."""
        if self.active:
            words = "will not sleep by itself; leave the lid open"
            return Check("awake", Verdict.OK, words)
        if not self._wanted:
            words = "may sleep by itself: nobody keeps it from that, as you asked"
        else:
            words = "cannot be kept from sleeping here: switch its sleep off in the settings"
        return Check("awake", Verdict.WARN, words)
