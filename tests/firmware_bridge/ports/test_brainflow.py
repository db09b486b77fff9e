"""BrainFlow's own boards without hardware, through the open-sensor driver."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from pathlib import Path

import numpy as np
import pytest
from brainflow.board_shim import BoardIds, BoardShim

from crampwatch.firmware_bridge import open_protocol as protocol
from crampwatch.firmware_bridge.drivers.model import Decoded, Driver
from crampwatch.firmware_bridge.drivers.registry import find_driver
from crampwatch.firmware_bridge.host_clock import SystemClock
from crampwatch.firmware_bridge.transports import Fault, TransportError
from crampwatch.firmware_bridge.transports.boards.brainflow import BrainflowTransport

CLOCK = SystemClock()


def on_board(play: Awaitable[None]) -> None:
    async def whole() -> None:
        await play

    asyncio.run(whole())
    assert not [each for each in threading.enumerate() if each.name.startswith("reads")]


async def samples_of(board: BrainflowTransport, driver: Driver, stream: str, n: int) -> Decoded:
    parts: list[Decoded] = []
    count = 0
    while count < n:
        parts.append(driver.feed(await board.receive()))
        count += sum(len(each) for each in parts[-1].samples if each.stream == stream)
    return Decoded.join(parts)


async def fault_of(work: Awaitable[object]) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await work
    assert "\n" not in str(caught.value)
    return caught.value


def test_the_synthetic_board_streams_in_physical_units_and_every_sample_is_numbered() -> None:
    async def play() -> None:
        board = BrainflowTransport("synthetic", clock=CLOCK)
        driver = find_driver("open-sensor").open()
        before = CLOCK.monotonic()
        await board.open((protocol.FROM_DEVICE,))
        decoded = await samples_of(board, driver, "package", 300)
        busy = await fault_of(BrainflowTransport("synthetic", clock=CLOCK).open())
        assert busy.fault is Fault.BUSY
        await board.close()
        await board.close()
        assert (await fault_of(board.receive())).fault is Fault.LOST

        streams = {spec.name: (spec.kind, spec.unit, spec.rate_hz) for spec in driver.streams}
        assert streams["exg"] == ("emg", "uV", 250.0)
        assert streams["accel"] == ("acc", "g", 250.0)
        assert streams["gyro"] == ("gyro", "deg/s", 250.0)
        assert not decoded.rejected
        lost = sum(gap.lost for gap in decoded.gaps if gap.stream == "package")
        package = [each for each in decoded.samples if each.stream == "package"]
        index = np.concatenate([each.index for each in package])
        counter = np.concatenate([each.raw[:, 0] for each in package])
        assert np.array_equal(np.diff(counter) % 256, np.diff(index))
        assert index[-1] + 1 == len(index) + lost
        arrival = np.concatenate([each.arrival_s for each in package])
        assert (np.diff(arrival) >= 0).all()
        assert before <= arrival[0]
        assert arrival[-1] <= CLOCK.monotonic()

    on_board(play())


def test_it_says_what_it_is_when_it_is_asked() -> None:
    async def play() -> None:
        board = BrainflowTransport("-1", clock=CLOCK)
        await board.open()
        await board.receive()
        await board.write(protocol.command(protocol.CommandCode.INFO))
        await board.write(b"no frame")
        types = []
        while types.count(protocol.FrameType.INFO) < 1:
            packets = await board.receive()
            types += [protocol.unpack_frame(each.data).type for each in packets]
        await board.close()

    on_board(play())


def test_a_recorded_file_is_played_back(tmp_path: Path) -> None:
    number = BoardIds.SYNTHETIC_BOARD.value
    rows = BoardShim.get_num_rows(number)
    about = BoardShim.get_board_descr(number)
    values = np.zeros((rows, 500))
    values[about["package_num_channel"]] = np.arange(500) % 256
    values[about["timestamp_channel"]] = 1.7e9 + np.arange(500) / 250.0
    values[about["emg_channels"][0]] = np.arange(500) * 0.5
    values[about["accel_channels"][2]] = 1.0
    path = tmp_path / "night.csv"
    np.savetxt(path, values.T, fmt="%.6f", delimiter="\t")

    async def play() -> None:
        options = {"master_board": "SYNTHETIC", "file": str(path)}
        board = BrainflowTransport("playback_file", clock=CLOCK, options=options)
        driver = find_driver("open-sensor").open()
        await board.open()
        decoded = await samples_of(board, driver, "accel", 100)
        await board.close()
        raw = np.concatenate([each.raw for each in decoded.samples if each.stream == "exg"])
        first = driver.stream("exg").physical(raw)[:, 0]
        assert np.allclose(np.diff(first), 0.5)
        raw = np.concatenate([each.raw for each in decoded.samples if each.stream == "accel"])
        assert np.allclose(driver.stream("accel").physical(raw)[:, 2], 1.0)

    on_board(play())


@pytest.mark.parametrize(
    ("board", "options", "fault", "says"),
    [
        ("no such board", {}, Fault.OTHER, "GANGLION"),
        ("cyton", {"serial_port": "/dev/ttyNONE"}, Fault.NOT_FOUND, "serial_port"),
        ("cyton", {}, Fault.OTHER, "options"),
        ("synthetic", {"colour": "red"}, Fault.OTHER, "mac_address"),
        ("synthetic", {"ip_port": "x"}, Fault.OTHER, "whole number"),
    ],
)
def test_what_cannot_be_opened_says_why(
    board: str, options: dict[str, str], fault: Fault, says: str
) -> None:
    async def play() -> None:
        refused = await fault_of(BrainflowTransport(board, clock=CLOCK, options=options).open())
        assert refused.fault is fault
        assert says in str(refused)

    on_board(play())
