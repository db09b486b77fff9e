"""A private system bus with ``org.bluez`` on it, for bleak's own Linux backend."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from bleak.backends.bluezdbus import manager as bleak_manager

from crampwatch.firmware_bridge.transports.ble import BleTransport

FAKE = Path(__file__).with_name("fake_bluez.py")
POLICY = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="signal"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    {more}
  </policy>
</busconfig>
"""


class PrivateBus:
    """A bus of its own for one test, in a folder of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.program = shutil.which("dbus-daemon")
        if self.program is None:
            pytest.fail("these tests need dbus-daemon: sudo apt-get install dbus-daemon")
        self.socket, self.config = folder / "bus", folder / "bus.conf"
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={self.socket}")
        self.daemon: asyncio.subprocess.Process | None = None
        self.bluez: asyncio.subprocess.Process | None = None
        self.transports: list[BleTransport] = []

    async def start_bus(self, *, more_policy: str = "") -> None:
        self.socket.unlink(missing_ok=True)
        self.config.write_text(POLICY.format(socket=self.socket, more=more_policy))
        self.daemon = await asyncio.create_subprocess_exec(
            str(self.program),
            f"--config-file={self.config}",
            "--nofork",
            "--print-address",
            stdout=asyncio.subprocess.PIPE,
        )
        assert self.daemon.stdout is not None
        await self.daemon.stdout.readline()

    async def start_bluez(self, *bands: dict[str, Any], **setup: Any) -> None:
        self.bluez = await asyncio.create_subprocess_exec(
            sys.executable,
            str(FAKE),
            json.dumps({"bands": bands, **setup}),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self.bluez.stdout is not None
        assert json.loads(await self.bluez.stdout.readline()) == "ready"

    async def happens(self, do: str, **what: Any) -> Any:
        assert self.bluez is not None
        assert self.bluez.stdin is not None
        assert self.bluez.stdout is not None
        self.bluez.stdin.write(json.dumps({"do": do, **what}).encode() + b"\n")
        return json.loads(await self.bluez.stdout.readline())

    async def kill_bluez(self) -> None:
        await _kill(self.bluez)
        self.bluez = None

    async def kill_bus(self) -> None:
        await _kill(self.daemon)
        self.daemon = None

    async def stop(self) -> None:
        await self.kill_bluez()
        await self.kill_bus()


def on_bus(
    folder: Path, monkeypatch: pytest.MonkeyPatch, play: Callable[[PrivateBus], Awaitable[None]]
) -> None:
    """Run a test in an event loop of its own, which is what gives it a bleak of its own.

    bleak keeps one bus connection and one task that watches it for each loop; they are taken
    down here, and nothing else may be left.
    """

    async def whole() -> None:
        bus = PrivateBus(folder, monkeypatch)
        before = asyncio.all_tasks()
        try:
            await play(bus)
        finally:
            await forget_bleak()
            await bus.stop()
        left = {each for each in asyncio.all_tasks() - before if not each.done()}
        assert left == set()

    asyncio.run(whole())


async def forget_bleak() -> None:
    """Take down what bleak keeps for this loop."""
    kept = bleak_manager._global_instances.pop(asyncio.get_running_loop(), None)
    if kept is None or kept._bus is None:
        return
    kept._bus.disconnect()
    if kept._bus_watcher_task is not None:
        await asyncio.wait({kept._bus_watcher_task})


async def _kill(process: asyncio.subprocess.Process | None) -> None:
    if process is None:
        return
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        process.kill()
    await process.wait()
