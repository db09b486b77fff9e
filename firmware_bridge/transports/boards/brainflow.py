"""Boards that BrainFlow knows, as a sensor of the open protocol (extra ``brainflow``)."""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ....recording.model import Kind
from ...host_clock import HostClock
from ..transport import Fault, TransportError
from .sample_frames import Group, SampleFrames, groups_of
from .sample_source import SampleSource

if TYPE_CHECKING:
    from brainflow.board_shim import BoardShim

POLL_S = 0.02
OPEN_S = 60.0
"""Boards over Bluetooth are searched for while they are opened."""
BUFFER_S = 600

COUNTERS = {"SYNTHETIC_BOARD": 256, "CYTON_BOARD": 256, "FREEEEG32_BOARD": 256}
"""Boards whose package number goes up by one a sample and begins anew at this."""

NUMBERS = ("ip_port", "ip_port_aux", "ip_port_anc", "ip_protocol", "timeout")

FAULTS = {
    "PORT_ALREADY_OPEN_ERROR": (Fault.BUSY, "is in use; close the other program"),
    "ANOTHER_BOARD_IS_CREATED_ERROR": (Fault.BUSY, "is in use here already"),
    "UNABLE_TO_OPEN_PORT_ERROR": (
        Fault.NOT_FOUND,
        "the port cannot be opened; check serial_port, the plug and the permission",
    ),
    "BOARD_NOT_READY_ERROR": (Fault.NO_ANSWER, "does not answer; is it switched on?"),
    "SYNC_TIMEOUT_ERROR": (Fault.NO_ANSWER, "does not answer; is it switched on?"),
    "INITIAL_MSG_ERROR": (Fault.FOREIGN, "answers as another board would"),
    "UNSUPPORTED_BOARD_ERROR": (Fault.OTHER, "is not supported on this system"),
    "INVALID_ARGUMENTS_ERROR": (Fault.OTHER, "needs other options; see BrainFlow's boards"),
}


@dataclass(slots=True)
class _Board:
    """A session and where it stands; the polling thread's own."""

    shim: BoardShim
    frames: SampleFrames
    groups: tuple[Group, ...]
    rows: list[int]
    rate_hz: float
    stamp_row: int
    counter_row: int | None
    modulus: int
    polled_s: float
    next: int = 0
    counter: int | None = field(default=None)


class BrainflowTransport(SampleSource["_Board"]):
    """A board by its BrainFlow name, read by the open-sensor driver.

    ExG channels become a stream of EMG in uV, accelerometer and gyroscope follow in g and
    deg/s where the board has them at the same rate, and the package number in counts. Where
    that number is known to count samples (`COUNTERS`), its jumps are counted as lost; what
    BrainFlow loses of other boards cannot be seen. Device time is the running number over
    the rate, arrival BrainFlow's own time stamp.

    Parameters
    ----------
    board
        Name or number: ``synthetic``, ``GANGLION_BOARD``, ``-1``.
    clock
        The host's clocks.
    options
        BrainFlow's input parameters (``serial_port``, ``mac_address``, ``file``, ...),
        ``master_board`` by name, and ``config``, which is sent to the board at the start.
    """

    def __init__(
        self, board: str, *, clock: HostClock, options: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"brainflow:{board}", clock=clock, open_s=OPEN_S)
        self._board = board
        self._options = dict(options or {})

    def begin(self) -> _Board:
        """See `SampleSource.begin`."""
        try:
            from brainflow.board_shim import BoardShim
            from brainflow.exit_codes import BrainFlowError
        except (ImportError, OSError) as error:
            why = " ".join(str(error).split())[:200]
            line = (
                f"{self.address}: needs BrainFlow: pip install 'crampwatch[brainflow]' ({why})"
            )
            raise TransportError(Fault.OTHER, line) from None
        config = self._options.pop("config", "")
        number = self._number(self._board)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python 3.11: by pkg_resources to its library
                BoardShim.disable_board_logger()
            shim = BoardShim(number, self._parameters())
            shim.prepare_session()
            try:
                board = self._described(shim)
                if config:
                    shim.config_board(config)
                shim.start_stream(max(1000, int(BUFFER_S * board.rate_hz)))
            except BaseException:
                _release(shim)
                raise
        except BrainFlowError as error:
            raise self._failed(error) from None
        return board

    def end(self, session: _Board) -> None:
        """See `SampleSource.end`."""
        _release(session.shim)

    def describe(self, session: _Board) -> bytes:
        """See `SampleSource.describe`."""
        return session.frames.info(round(session.next / session.rate_hz * 1e6))

    def poll(self, session: _Board, put: Callable[[bytes, float], None]) -> None:
        """See `SampleSource.poll`."""
        from brainflow.exit_codes import BrainFlowError

        self.idle(POLL_S)
        try:
            data: NDArray[np.float64] = session.shim.get_board_data()
        except BrainFlowError as error:
            failed = self._failed(error)
            raise TransportError(Fault.LOST, str(failed)) from None
        now_s, wall_s = self._clock.monotonic(), self._clock.wall()
        if data.shape[1]:
            numbers = self._numbered(session, data)
            t_us = np.rint(numbers * (1e6 / session.rate_hz)).astype(np.int64)
            ages = wall_s - data[session.stamp_row]
            arrival_s = np.clip(now_s - ages, session.polled_s, now_s)
            for frame, row in session.frames.data(data[session.rows].T, numbers, t_us):
                put(frame, float(arrival_s[row]))
        session.polled_s = now_s

    def _numbered(self, board: _Board, data: NDArray[np.float64]) -> NDArray[np.int64]:
        steps = np.ones(data.shape[1], np.int64)
        if board.counter_row is not None and board.modulus:
            counters = np.nan_to_num(data[board.counter_row]).astype(np.int64)
            before = counters[0] - 1 if board.counter is None else board.counter
            steps = np.diff(counters, prepend=before) % board.modulus
            steps[steps == 0] = 1
            board.counter = int(counters[-1])
        numbers = board.next - 1 + np.cumsum(steps)
        board.next = int(numbers[-1]) + 1
        return numbers

    def _described(self, shim: BoardShim) -> _Board:
        from brainflow.board_shim import BoardIds
        from brainflow.board_shim import BoardShim as Boards

        number = int(shim.get_board_id())
        about: dict[str, Any] = Boards.get_board_descr(number)
        names, kinds, units, rows = _columns(about)
        groups = groups_of(names, kinds, units)
        rate_hz = float(about["sampling_rate"])
        counter_row = rows.index(about["package_num_channel"]) if "package" in names else None
        name = str(about.get("name", self._board))
        return _Board(
            shim=shim,
            frames=SampleFrames(name, groups, rate_hz, secrets.randbits(32)),
            groups=groups,
            rows=rows,
            rate_hz=rate_hz,
            stamp_row=int(about["timestamp_channel"]),
            counter_row=None if counter_row is None else rows[counter_row],
            modulus=COUNTERS.get(BoardIds(number).name, 0),
            polled_s=self._clock.monotonic(),
        )

    def _number(self, board: str) -> int:
        from brainflow.board_shim import BoardIds

        word = board.strip().upper()
        for each in BoardIds:
            if word in (each.name, each.name.removesuffix("_BOARD"), str(each.value)):
                return int(each.value)
        line = f"{self.address}: BrainFlow has no board of this name; try synthetic or GANGLION"
        raise TransportError(Fault.OTHER, line)

    def _parameters(self) -> Any:
        from brainflow.board_shim import BrainFlowInputParams

        parameters = BrainFlowInputParams()
        for name, text in self._options.items():
            if name == "master_board":
                parameters.master_board = self._number(text)
                continue
            if not hasattr(parameters, name) or name.startswith("_"):
                names = ", ".join(sorted(vars(parameters)))
                line = f"{self.address}: no option {name!r}; there are: {names}, config"
                raise TransportError(Fault.OTHER, line)
            try:
                setattr(parameters, name, int(text) if name in NUMBERS else text)
            except ValueError:
                line = f"{self.address}: {name}={text!r} is no whole number"
                raise TransportError(Fault.OTHER, line) from None
        return parameters

    def _failed(self, error: Any) -> TransportError:
        from brainflow.exit_codes import BrainFlowExitCodes

        code = BrainFlowExitCodes(error.exit_code).name
        fault, why = FAULTS.get(code, (Fault.OTHER, f"BrainFlow says {code}"))
        return TransportError(fault, f"{self.address}: {why}")


def _columns(about: Mapping[str, Any]) -> tuple[list[str], list[Kind], list[str], list[int]]:
    """Return name, kind, unit and row of what is kept of a board's data."""
    exg = {
        row
        for kind in ("emg", "eeg", "ecg", "eog")
        for row in about.get(f"{kind}_channels", ())
    }
    found: list[tuple[str, Kind, str, int]] = [("exg", "emg", "uV", row) for row in sorted(exg)]
    found += [("accel", "acc", "g", row) for row in about.get("accel_channels", ())]
    found += [("gyro", "gyro", "deg/s", row) for row in about.get("gyro_channels", ())]
    if "package_num_channel" in about:
        found.append(("package", "other", "count", about["package_num_channel"]))
    names, kinds, units, rows = zip(*found, strict=True)
    return list(names), list(kinds), list(units), list(rows)


def _release(shim: BoardShim) -> None:
    from brainflow.exit_codes import BrainFlowError

    for step in (shim.stop_stream, shim.release_session):
        with suppress(BrainFlowError):
            step()
