"""From an address to what a link needs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fast_time import LoopClock, run_fast
from streams import joined
from virtual_bench import HandClock

from crampwatch.firmware_bridge.addresses import parse_address
from crampwatch.firmware_bridge.drivers import Decoded, driver_names
from crampwatch.firmware_bridge.opening import open_address, options_of
from crampwatch.firmware_bridge.transports import Fault, TransportError
from crampwatch.firmware_bridge.virtual import Faults, Noise, VirtualTransport
from crampwatch.recording.errors import CrampwatchError


class Quiet:
    names = ("seed", "level")

    def __call__(self, _driver, options):
        return Noise(int(options.get("seed", 0)), float(options.get("level", 5)))


def opened(text: str, clock=None, sources=None):
    sources = sources or Quiet()
    return open_address(parse_address(text), clock=clock or HandClock(), sources=sources)


@pytest.mark.parametrize(
    ("text", "name", "settings"),
    [
        ("cyton@serial:/dev/ttyUSB0?gain=12&baud=230400", "SerialTransport", {"gain": "12"}),
        ("open-sensor@serial:COM3", "SerialTransport", {"link": "serial"}),
        ("open-sensor@ble:AA:BB:CC:DD:EE:FF?timeout=5", "BleTransport", {"link": "ble"}),
        ("ganglion@ble:Ganglion-1?firmware=2", "BleTransport", {"firmware": "2"}),
        ("cyton@tcp:[::1]:9000", "TcpTransport", {}),
        ("polar@file:capture.jsonl?speed=60&acc_fs=52", "FileTransport", {"acc_fs": "52"}),
        ("lsl:Calf?unit=uV", "LslTransport", {}),
        ("brainflow:synthetic?serial_port=/dev/x", "BrainflowTransport", {}),
        ("sim:open-sensor?link=serial&drop=0.1", "VirtualTransport", {"link": "serial"}),
    ],
)
def test_an_address_leads_to_a_driver_and_a_transport(text, name, settings) -> None:
    async def main():
        found = opened(text)
        assert dict(found.settings) == settings
        assert found.connect() is not found.connect()
        return type(found.connect()).__name__

    assert asyncio.run(main()) == name


@pytest.mark.parametrize("name", driver_names())
def test_every_driver_can_be_simulated(name: str) -> None:
    async def main():
        found = opened(f"sim:{name}?drop=0.01&seed=5&speed=2", LoopClock())
        assert found.simulated.faults == Faults(drop=0.01)
        assert found.simulated.speed == 2.0
        assert not found.wired_to_body
        transport = found.connect()
        assert isinstance(transport, VirtualTransport)
        assert transport.sensor is found.connect().sensor is found.simulated
        commands = found.info.commands_for(found.settings)
        await transport.open(commands.notify)
        for write in commands.start:
            await transport.write(write.data, write.channel)
            await asyncio.sleep(write.pause_s)
        packets = await transport.receive()
        await transport.close()
        return packets

    assert run_fast(main())


@pytest.mark.parametrize(
    ("text", "wired"),
    [
        ("chords-serial@serial:COM3", True),
        ("chords-serial@tcp:board:1", True),
        ("chords-serial@file:a.bin", False),
        ("open-sensor@serial:COM3", True),
        ("open-sensor@ble:Crampwatch", False),
        ("cyton@serial:COM3", False),
        ("brainflow:synthetic", True),
        ("sim:chords-serial", False),
    ],
)
def test_what_is_wired_to_the_body(text: str, wired: bool) -> None:
    assert opened(text).wired_to_body == wired


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ble:AA:BB:CC:DD:EE:FF", "say which sensor it is, as in cyton@ble:"),
        ("ctyon@serial:COM3", "no driver 'ctyon'"),
        ("cyton@ble:AA:BB:CC:DD:EE:FF", "cyton@serial:"),
        ("polar@serial:COM3", "polar@ble:"),
        ("polar@tcp:a:1", "polar@ble:"),
        ("cyton@lsl:Calf", "leave it out"),
        ("cyton@serial:COM3?speed=2", "no option 'speed'; there are: baud, fs, gain"),
        ("cyton@serial:COM3?baud=fast", "baud='fast': not a whole number"),
        ("cyton@serial:COM3?gain=0", "must lie between"),
        ("cyton@tcp:nowhere", "tcp:127.0.0.1:9000"),
        ("cyton@tcp:a:70000", "tcp:127.0.0.1:9000"),
        ("polar@file:x?speed=0", "must lie between"),
        ("open-sensor@serial:COM3?link=ble", "does not fit"),
        ("sim:cyton?dorp=0.1", "no option 'dorp'; there are: drop, disconnect"),
        ("sim:cyton?drop=2", "between 0 and 1"),
        ("sim:cyton?seed=x", "seed='x'"),
        ("sim:nothing", "no driver 'nothing'"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(text: str, says: str) -> None:
    with pytest.raises(CrampwatchError) as caught:
        opened(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_sources_nothing_is_simulated() -> None:
    with pytest.raises(CrampwatchError, match="simulated"):
        open_address(parse_address("sim:cyton"), clock=HandClock())


def test_a_capture_plays_to_its_end(tmp_path: Path) -> None:
    from encoders import cyton

    path = tmp_path / "capture.bin"
    path.write_bytes(b"".join(cyton(number, [number] * 8) for number in range(500)))

    async def main():
        found = opened(f"cyton@file:{path}")
        driver = found.info.open(found.settings)
        transport = found.connect()
        await transport.open()
        parts = []
        while True:
            try:
                parts.append(driver.feed(await transport.receive()))
            except TransportError as error:
                parts.append(driver.finish())
                await transport.close()
                return error.fault, len(joined(Decoded.join(parts), "exg", "index"))

    assert asyncio.run(main()) == (Fault.ENDED, 500)


def test_the_options_of_every_kind_are_known() -> None:
    assert options_of("serial") == ("baud",)
    assert set(options_of("sim", Quiet())) >= {"drop", "seed", "speed", "level"}
