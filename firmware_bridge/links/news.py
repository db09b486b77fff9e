"""What a person should hear of, once."""

from __future__ import annotations

from ..transports.transport import Fault
from .states import LinkState


class News:
    """Remembers what was said last, so that a trouble that lasts is told once."""

    def __init__(self) -> None:
        self._trouble: tuple[Fault, str] | None = None
        self._remark = ""
        self._streamed = False

    def is_news(self, state: LinkState, fault: Fault | None, about: str) -> bool:
        """Return whether this transition says something new.

        Parameters
        ----------
        state, fault
            Of the transition.
        about
            Its reason without what differs from attempt to attempt.
        """
        if fault is not None:
            told, self._trouble = self._trouble, (fault, about)
            return told != self._trouble
        if state is LinkState.STOPPED:
            return True
        if state is LinkState.STREAMING:
            before, self._trouble = self._trouble, None
            first, self._streamed = not self._streamed, True
            return first or before is not None
        return False

    def is_new_remark(self, words: str) -> bool:
        """Return whether a remark differs from the one before."""
        before, self._remark = self._remark, words
        return before != words
