"""A thread that keeps a board up to date; views only look at the board."""

from __future__ import annotations

import logging
import threading

from ...recording.errors import CrampwatchError
from .board import Board

POLL_S = 0.1

logger = logging.getLogger(__name__)


class Following:
    """Follows a feed until it is left.

    Parameters
    ----------
    board
        What is kept up to date.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)

    def __enter__(self) -> Board:
        self._thread.start()
        return self._board

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self._thread.join(5.0)
        self._board.feed.close()

    def _run(self) -> None:
        board = self._board
        while not self._leaving.is_set():
            try:
                board.poll()
            except CrampwatchError as error:
                board.failed = str(error)
                return
            except Exception:
                logger.exception("the monitor failed")
                board.failed = "a fault of the program: start the monitor anew"
                return
            if board.over:
                return
            self._leaving.wait(POLL_S)
