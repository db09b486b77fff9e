"""The C side of the open protocol, with sanitizers on, against the Python side."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crampwatch.firmware_bridge import open_protocol as protocol
from crampwatch.firmware_bridge.drivers.framing.cobs import stuff

pytestmark = pytest.mark.system

HERE = Path(__file__).parent / "firmware"
FIRMWARE = Path(__file__).parents[2] / "firmware_bridge" / "firmware"
STRICT = ["-Wall", "-Wextra", "-Werror"]
LAYOUT = struct.Struct("<BBBIQH")

Peer = Callable[[str, bytes], bytes]

frames = st.builds(
    protocol.Frame,
    st.integers(0, 255),
    st.integers(0, 255),
    st.integers(0, 255),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**64 - 1),
    st.one_of(
        st.binary(max_size=40),
        st.integers(0, protocol.MOST_PAYLOAD).map(bytes),
        st.integers(0, protocol.MOST_PAYLOAD).map(lambda count: b"\x01" * count),
    ),
)


def compiler(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is needed: apt-get install g++"
    return found


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Peer:
    program = tmp_path_factory.mktemp("firmware") / "peer"
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"]
    pedantic = ["-std=c99", "-Wpedantic", "-Wconversion", *STRICT]
    source = [f"-I{FIRMWARE}", str(HERE / "peer.c"), "-o", str(program)]
    subprocess.run([compiler("cc"), *pedantic, *sanitizers, *source], check=True)

    def ask(job: str, data: bytes) -> bytes:
        run = subprocess.run([program, job], input=data, capture_output=True, check=False)
        assert run.returncode == 0, run.stderr.decode()
        return run.stdout

    return ask


def laid_out(frame: protocol.Frame) -> bytes:
    head = LAYOUT.pack(
        frame.type, frame.stream, frame.flags, frame.seq, frame.t_us, len(frame.payload)
    )
    return head + frame.payload


def pieces(answer: bytes) -> list[bytes]:
    found = []
    while answer:
        size = int.from_bytes(answer[:2], "little")
        found.append(answer[2 : 2 + size])
        answer = answer[2 + size :]
    return found


@given(st.lists(st.tuples(st.booleans(), frames), max_size=8))
@settings(max_examples=60)
def test_what_c_packs_python_reads(peer: Peer, job: list[tuple[bool, protocol.Frame]]) -> None:
    data = b"".join(bytes([serial]) + laid_out(frame) for serial, frame in job)
    expected = [stuff(frame.pack()) if serial else frame.pack() for serial, frame in job]
    assert pieces(peer("pack", data)) == expected


@given(st.lists(st.one_of(frames, st.binary(min_size=1, max_size=80)), max_size=12))
@settings(max_examples=60)
def test_what_python_packs_c_reads(peer: Peer, job: list[protocol.Frame | bytes]) -> None:
    """Noise between frames, even frames cut by it, costs at most the frame it touches."""
    stream, expected = b"\0", b""
    for each in job:
        if isinstance(each, bytes):
            stream += each + b"\0"
        else:
            stream += stuff(each.pack())
            expected += laid_out(each)
    assert peer("unpack", stream) == expected


@given(st.binary(max_size=4000))
@settings(max_examples=40)
def test_c_survives_any_bytes(peer: Peer, noise: bytes) -> None:
    peer("unpack", noise * 3)


@given(st.integers(0, 400), st.lists(st.binary(min_size=1, max_size=90), max_size=60))
@settings(max_examples=60)
def test_the_ring_holds_the_newest_frames(peer: Peer, room: int, kept: list[bytes]) -> None:
    job = struct.pack("<I", room)
    job += b"".join(struct.pack("<H", len(frame)) + frame for frame in kept)
    held = pieces(peer("ring", job))
    fitting = [frame for frame in kept if len(frame) + 2 <= room]
    assert held == fitting[len(fitting) - len(held) :]
    if fitting:
        longest = max(len(frame) + 2 for frame in fitting)
        assert held
        unused = room - sum(len(frame) + 2 for frame in held)
        assert len(held) == len(fitting) or unused < 2 * longest


def test_messages_of_c_are_read(peer: Peer) -> None:
    info, status, time, event = pieces(peer("info", b""))
    about = protocol.unpack_info(info)
    assert about.boot == 0xDEADBEEF
    assert about.device == 0x0123456789ABCDEF
    assert about.name == "Band on the calf"
    assert [(each.name, each.unit, each.rate_mhz) for each in about.streams] == [
        ("exg", "uV", 500_000),
        ("accel", "g", 50_000),
    ]
    assert about.pack() == info
    assert protocol.unpack_status(status) == protocol.Status(0xDEADBEEF, 3912, 77, 5, 600, 12)
    assert protocol.unpack_time(time) == (1 << 50, 123456789)
    assert protocol.unpack_event(event) == (protocol.EventCode.BUTTON_DOWN, -5)


@pytest.mark.parametrize("front_end", [1, 2])
def test_the_sketch_is_correct_cpp(front_end: int) -> None:
    sketch = FIRMWARE / "crampwatch_band" / "crampwatch_band.ino"
    subprocess.run(
        [
            *(compiler("c++"), "-std=c++17", *STRICT, "-fsyntax-only", "-x", "c++"),
            *(f"-DFRONT_END={front_end}", f"-I{FIRMWARE}", f"-I{HERE / 'arduino'}"),
            str(sketch),
        ],
        check=True,
    )
