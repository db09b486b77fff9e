"""How a recording is told to end: Ctrl-C, a signal, a closed terminal."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

REASONS = {
    "SIGINT": "stopped by hand",
    "SIGTERM": "the system asked it to stop",
    "SIGHUP": "the terminal was closed",
    "SIGBREAK": "stopped by hand",
}


class Stop:
    """Remembers that the recording is to end, and why; asking twice changes nothing.

    Attributes
    ----------
    reason
        Empty until then.
    by_hand
        Whether a person asked, who is still there.
    again
        Called where somebody asks once more.
    instead
        Called, once, where Ctrl-C is pressed while something can be skipped: that ends, and the
        recording does not.
    """

    def __init__(self) -> None:
        self.reason = ""
        self.by_hand = False
        self.again: Callable[[], None] = lambda: None
        self.instead: Callable[[], None] | None = None
        self._asked = asyncio.Event()

    def __bool__(self) -> bool:
        return self._asked.is_set()

    def ask(self, reason: str, *, by_hand: bool = False) -> None:
        """End the recording."""
        if self._asked.is_set():
            self.again()
            return
        self.reason, self.by_hand = reason, by_hand
        self._asked.set()

    def _signalled(self, reason: str, *, by_hand: bool) -> None:
        instead, self.instead = self.instead, None
        if by_hand and instead is not None:
            instead()
        else:
            self.ask(reason, by_hand=by_hand)

    async def within(self, seconds: float) -> bool:
        """Wait this long, or until somebody asks; return whether somebody has."""
        try:
            await asyncio.wait_for(self._asked.wait(), seconds)
        except TimeoutError:
            return False
        return True

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Let signals ask while the block runs."""
        loop = asyncio.get_running_loop()
        before: dict[signal.Signals, Any] = {}
        for name, reason in REASONS.items():
            number = getattr(signal, name, None)
            if number is None:
                continue
            by_hand = name in ("SIGINT", "SIGBREAK")

            def asked(reason: str = reason, by_hand: bool = by_hand) -> None:
                self._signalled(reason, by_hand=by_hand)

            before[number] = signal.getsignal(number)
            try:
                loop.add_signal_handler(number, asked)
            except (NotImplementedError, RuntimeError):
                signal.signal(number, _in_loop(loop, asked))
        try:
            yield
        finally:
            for number, handler in before.items():
                with suppress(NotImplementedError, RuntimeError):
                    loop.remove_signal_handler(number)
                if handler is not None:
                    signal.signal(number, handler)


def _in_loop(
    loop: asyncio.AbstractEventLoop, call: Callable[[], None]
) -> Callable[[int, FrameType | None], None]:
    def handler(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(call)

    return handler
