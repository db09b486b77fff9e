"""Addresses: what people write, what it means, and what they are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.firmware_bridge.addresses import KINDS, Address, AddressError, parse_address
from crampwatch.firmware_bridge.drivers import driver_names

WORDS = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="\x00") | st.just(" "),
    min_size=1,
    max_size=30,
)
TARGETS = WORDS.map(str.strip).filter(bool).filter(str.isprintable)
VALUES = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), max_size=20)
NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)


@st.composite
def addresses(draw):
    kind = draw(st.sampled_from(KINDS))
    drivers = st.none() if kind == "sim" else st.none() | st.sampled_from(driver_names())
    options = st.dictionaries(NAMES, VALUES, max_size=4)
    return Address(kind, draw(TARGETS), draw(drivers), draw(options))


@given(addresses())
def test_an_address_can_be_written_down_and_read_again(address: Address) -> None:
    assert parse_address(str(address)) == address
    assert str(parse_address(str(address))) == str(address)
    assert hash(parse_address(str(address))) == hash(address)


@given(
    st.text(max_size=60)
    | st.sampled_from(KINDS).flatmap(
        lambda kind: st.text(max_size=60).map(lambda rest: f"{kind}:{rest}")
    )
)
def test_any_text_is_an_address_or_one_clear_line(text: str) -> None:
    try:
        address = parse_address(text)
    except AddressError as error:
        line = str(error)
    else:
        assert parse_address(str(address)) == address
        line = ""
    assert line.isprintable()
    assert len(line) < 400


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (
            "open-sensor@ble:AA:BB:CC:DD:EE:FF",
            Address("ble", "AA:BB:CC:DD:EE:FF", "open-sensor"),
        ),
        ("ganglion@ble:Ganglion-1234", Address("ble", "Ganglion-1234", "ganglion")),
        (
            "cyton@serial:/dev/ttyUSB0?gain=24",
            Address("serial", "/dev/ttyUSB0", "cyton", {"gain": "24"}),
        ),
        ("cyton@serial:COM3", Address("serial", "COM3", "cyton")),
        ("cyton@tcp:127.0.0.1:9000", Address("tcp", "127.0.0.1:9000", "cyton")),
        ("cyton@tcp:[::1]:9000", Address("tcp", "[::1]:9000", "cyton")),
        (
            "polar@file:capture.jsonl?speed=60",
            Address("file", "capture.jsonl", "polar", {"speed": "60"}),
        ),
        ("polar@file:100%.jsonl", Address("file", "100%.jsonl", "polar")),
        ("polar@file:what%3f.jsonl", Address("file", "what?.jsonl", "polar")),
        (
            "sim:cyton?drop=0.01&disconnect=600s&drift=40ppm&garbage=1e-4",
            Address(
                "sim",
                "cyton",
                None,
                {"drop": "0.01", "disconnect": "600s", "drift": "40ppm", "garbage": "1e-4"},
            ),
        ),
    ],
)
def test_what_people_write(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert parse_address(f"  {text}\n") == address


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "needs one of ble:"),
        ("cyton", "as in cyton@serial:"),
        ("usb:thing", "needs one of"),
        ("Cyton!@serial:COM3", "belongs a driver"),
        ("@ble:x", "belongs a driver"),
        ("ble:", "nothing stands after ble:"),
        ("ble:?a=1", "nothing stands after ble:"),
        ("cyton@sim:cyton", "sim:cyton"),
        ("sim:cyton?drop", "not an option like gain=24"),
        ("sim:cyton?drop=1&drop=2", "drop is said twice"),
        ("sim:cyton?a=1&&b=2", "not an option"),
        ("ble:a\x1b[31mb", "characters that no name has"),
        ("ble:a%0Ab", "characters that no name has"),
        ("sim:cyton?seed=%00", "characters that no value has"),
        ("ble:" + "x" * 5000, "at most 4096"),
    ],
)
def test_a_wrong_address_is_told_with_the_way_out(text: str, says: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address(text)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()


def test_the_options_of_an_address_cannot_be_changed_afterwards() -> None:
    options = {"gain": "24"}
    address = Address("serial", "COM3", "cyton", options)
    options["gain"] = "1"
    assert address.options["gain"] == "24"
    with pytest.raises(TypeError):
        address.options["gain"] = "2"
