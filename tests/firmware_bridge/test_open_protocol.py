"""The open protocol in Python: frames, stuffing, numbers, resets, and samples sent again."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.firmware_bridge import open_protocol as protocol
from crampwatch.firmware_bridge.drivers import Decoded, Packet, find_driver
from crampwatch.firmware_bridge.drivers.framing.cobs import stuff, unstuff
from crampwatch.firmware_bridge.drivers.sensors.open_sensor import MOST_WAITING

EXG = protocol.StreamInfo(0, "emg", 3, 2, 500_000, 0.5, 24, True, "uV", "exg")
ACC = protocol.StreamInfo(1, "acc", 2, 3, 50_000, 0.125, 16, True, "g", "accel")
INFO = protocol.Info(0x11, 7, 900, 7, "Band", (EXG, ACC))


def info(boot: int = 0x11, **changes: object) -> bytes:
    about = protocol.Info(boot, 7, 900, 7, "Band", changes.get("streams", (EXG, ACC)))
    frame = protocol.Frame(protocol.FrameType.INFO, 0, boot & 15, 0, 0, about.pack())
    return frame.pack()


def data(seq: int, count: int = 5, flags: int = 1, t_us: int | None = None) -> bytes:
    values = np.arange(seq, seq + count)[:, None] + np.array([0, -(1 << 22)])
    payload = values.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    t_us = seq * 2000 if t_us is None else t_us
    return protocol.Frame(protocol.FrameType.DATA, 0, flags, seq, t_us, payload).pack()


def decode(*frames: bytes, serial: bool = False, times: list[float] | None = None) -> Decoded:
    driver = find_driver("open-sensor").open()
    times = times or [math.nan] * len(frames)
    packets = [
        Packet(stuff(frame), time) if serial else Packet(frame, time, protocol.FROM_DEVICE)
        for frame, time in zip(frames, times, strict=True)
    ]
    return Decoded.join([driver.feed(packets), driver.finish()])


def index(result: Decoded) -> list[int]:
    return [int(i) for part in result.samples for i in part.index]


@given(st.binary(max_size=1100))
def test_stuffing_leaves_no_zero_and_can_be_undone(raw: bytes) -> None:
    stuffed = stuff(raw)
    assert stuffed.endswith(b"\0")
    assert b"\0" not in stuffed[:-1]
    assert unstuff(stuffed[:-1]) == raw


@given(
    st.integers(0, 255),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**64 - 1),
    st.binary(max_size=protocol.MOST_PAYLOAD),
)
def test_a_frame_comes_back(kind: int, seq: int, t_us: int, payload: bytes) -> None:
    frame = protocol.Frame(kind, 3, 0x21, seq, t_us, payload)
    assert protocol.unpack_frame(frame.pack()) == frame


def test_every_flipped_bit_is_seen() -> None:
    frame = data(100)
    for bit in range(8 * len(frame)):
        broken = bytearray(frame)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(protocol.BadFrameError):
            protocol.unpack_frame(bytes(broken))


@pytest.mark.parametrize("serial", [False, True])
def test_samples_have_number_time_and_unit(serial: bool) -> None:
    result = decode(info(), data(40), data(45), serial=serial)
    (exg,) = result.samples
    assert exg.index.tolist() == list(range(10))
    assert exg.raw[:, 0].tolist() == list(range(40, 50))
    assert exg.raw[0, 1] == 40 - (1 << 22)
    np.testing.assert_allclose(np.diff(exg.device_s), 0.002, atol=1e-12)
    assert not result.gaps
    assert not result.rejected


def test_samples_wait_for_the_description() -> None:
    assert index(decode(data(0), data(5), info(), data(10))) == list(range(15))


def test_samples_never_described_are_rejected_and_bounded() -> None:
    frames = [data(5 * number) for number in range(MOST_WAITING + 10)]
    assert len(decode(*frames).rejected) == MOST_WAITING + 10


def test_lost_frames_are_counted_exactly() -> None:
    result = decode(info(), data(0), data(25))
    assert index(result) == [0, 1, 2, 3, 4, 25, 26, 27, 28, 29]
    assert [(gap.index, gap.lost, gap.lost_high) for gap in result.gaps] == [(5, 20, 20)]


def test_the_number_wraps_at_32_bits() -> None:
    last = (1 << 32) - 5
    result = decode(info(), data(last, t_us=10), data(0, t_us=20))
    assert index(result) == list(range(10))
    assert not result.gaps


def test_samples_sent_again_fill_their_hole_once() -> None:
    again = data(10, flags=0x11)
    result = decode(info(), data(0), data(20), again, again)
    assert sum(gap.lost for gap in result.gaps) == 10
    assert sorted(index(result)) == [0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24]
    assert len(result.rejected) == 1


def test_samples_sent_again_do_not_begin_a_stream() -> None:
    result = decode(info(), data(90, flags=0x11), data(0))
    assert index(result) == list(range(5))
    assert len(result.rejected) == 1


def test_what_is_missing_can_be_asked_for() -> None:
    driver = find_driver("open-sensor").open()
    frames = (info(), data(7), data(22), data(12, flags=0x11))
    driver.feed([Packet(frame, math.nan, protocol.FROM_DEVICE) for frame in frames])
    assert driver.missing() == ((0, 17, 5),)


def test_a_reset_is_no_loss() -> None:
    result = decode(info(), data(1000), info(0x12), data(0, flags=2), data(5, flags=2))
    assert [gap.reason for gap in result.gaps] == ["restart"]
    assert index(result) == list(range(15))
    times = np.concatenate([part.device_s for part in result.samples])
    np.testing.assert_allclose(np.diff(times), 0.002, atol=1e-9)


def test_after_a_reset_the_host_clock_tells_what_is_missing() -> None:
    times = [0.0, 1.0, 3.0]
    result = decode(info(), data(1000), data(0, flags=2), times=times)
    assert result.gaps[0].lost == 995
    assert result.gaps[0].lost_low == 0
    assert result.gaps[0].lost_high is None


def test_a_reset_with_the_same_low_bits_is_seen_in_the_clock() -> None:
    result = decode(info(), data(1000), data(0))
    assert [gap.reason for gap in result.gaps] == ["restart"]
    assert len(index(result)) == 10


def test_events_status_and_time_are_told() -> None:
    kinds = protocol.FrameType
    status = protocol.Status(0x11, 3912, 77, 2, 600, 0)
    result = decode(
        info(),
        protocol.Frame(kinds.STATUS, 0, 1, 0, 5, status.pack()).pack(),
        protocol.Frame(kinds.EVENT, 0, 1, 0, 2_500_000, protocol.pack_event(1)).pack(),
        protocol.Frame(
            kinds.TIME, 0, 1, 0, 3_000_100, protocol.pack_time(9_000_000, 3_000_000)
        ).pack(),
    )
    said = {event.kind: event for event in result.events}
    assert said["battery"].value == 77
    assert said["battery_volts"].value == 3.912
    assert said["leads_off"].value == 2
    assert said["button"].device_s == 2.5
    assert said["time"].value == 9.0
    assert said["time"].device_s == pytest.approx(3.00005)


@pytest.mark.parametrize(
    "changes",
    [{"kind": 9}, {"width": 1}, {"channels": 0}, {"rate": 0}, {"bits": 0}, {"count": 9}],
)
def test_a_stream_that_cannot_be_is_rejected(changes: dict[str, int]) -> None:
    payload = bytearray(INFO.pack())
    place = {"count": 32, "kind": 34, "width": 35, "channels": 36, "rate": 37, "bits": 45}
    for key, value in changes.items():
        size = 4 if key == "rate" else 1
        payload[place[key] : place[key] + size] = bytes([value] * size)
    with pytest.raises(protocol.BadFrameError):
        protocol.unpack_info(bytes(payload))


def test_a_name_from_a_device_cannot_leave_the_folder() -> None:
    evil = protocol.StreamInfo(0, "emg", 3, 2, 500_000, 0.5, 24, True, "u,V\n", "../x")
    driver = find_driver("open-sensor").open()
    driver.feed([Packet(info(streams=(evil,)), math.nan, protocol.FROM_DEVICE)])
    assert driver.streams[0].name == "x"
    assert driver.streams[0].columns == ("ch1_uV", "ch2_uV")


@given(st.lists(st.binary(max_size=60), max_size=20), st.integers(1, 40))
def test_garbage_between_frames_costs_no_frame(garbage: list[bytes], size: int) -> None:
    frames = [info()] + [data(5 * number) for number in range(len(garbage))]
    stream = stuff(frames[0])
    for frame, noise in zip(frames[1:], garbage, strict=True):
        stream += noise.replace(b"\0", b"\1") + b"\0" + stuff(frame)
    driver = find_driver("open-sensor").open()
    pieces = [Packet(stream[at : at + size]) for at in range(0, len(stream), size)]
    result = Decoded.join([*(driver.feed([piece]) for piece in pieces), driver.finish()])
    assert index(result) == list(range(5 * len(garbage)))


def test_the_page_states_the_numbers_of_the_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
    for uuid in (protocol.SERVICE, protocol.TO_DEVICE, protocol.FROM_DEVICE):
        assert uuid in page
    for table in (protocol.FrameType, protocol.EventCode, protocol.CommandCode):
        for member in table:
            name = member.name.lower().replace("_", " ")
            row = rf"\| {member.value} \| .*{name}|{member.value:#x} \({name}\)"
            assert re.search(row, page, re.IGNORECASE), member
