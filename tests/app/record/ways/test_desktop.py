"""Notifications on a real session bus, with a notification service that notes them."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import threading

import pytest
from alerting import TEXT, alert
from dbus_fast import BusType, Message
from dbus_fast.aio import MessageBus

from crampwatch.app.record.alerts.alert import Level
from crampwatch.app.record.alerts.ways import desktop as module
from crampwatch.app.record.alerts.ways.desktop import SERVICE, Desktop
from crampwatch.recording.errors import CrampwatchError

pytestmark = pytest.mark.system


class Notifications:
    """What a desktop offers."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str, int]] = []
        self.mute = False

    def answer(self, message: Message) -> Message | bool | None:
        if message.interface != SERVICE:
            return None
        if message.member == "GetServerInformation":
            return Message.new_method_return(message, "ssss", ["test", "test", "1", "1.2"])
        assert message.member == "Notify"
        assert message.signature == "susssasa{sv}i"
        if self.mute:
            return True
        _app, _replaces, _icon, title, body, _actions, hints, _expires = message.body
        self.shown.append((title, body, hints["urgency"].value))
        return Message.new_method_return(message, "u", [len(self.shown)])


@pytest.fixture
def bus(monkeypatch):
    """Start a session bus of its own."""
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.fail("these tests need dbus-daemon: sudo apt-get install dbus-daemon")
    daemon = subprocess.Popen(
        [program, "--session", "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert daemon.stdout is not None
    address = daemon.stdout.readline().strip()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    yield address
    daemon.kill()
    daemon.wait()
    daemon.stdout.close()


@pytest.fixture
def service(bus):
    """Let a notification service live on it."""
    found = Notifications()
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        connection = await MessageBus(bus_address=bus, bus_type=BusType.SESSION).connect()
        connection.add_message_handler(found.answer)
        await connection.request_name(SERVICE)
        ready.set()
        try:
            await asyncio.Event().wait()
        finally:
            connection.disconnect()

    def live() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            try:
                runner.run(serve())
            except asyncio.CancelledError:
                return

    thread = threading.Thread(target=live)
    thread.start()
    assert ready.wait(30)
    yield found
    loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
    thread.join()


@pytest.mark.parametrize(
    ("level", "urgency"), [(Level.INFO, 0), (Level.WARNING, 1), (Level.URGENT, 2)]
)
def test_a_notification_is_shown_with_its_urgency(service, level, urgency) -> None:
    desktop = Desktop()
    desktop.open()
    desktop.tell(alert(level=level))
    desktop.close()
    assert service.shown == [("Crampwatch", TEXT, urgency)]


def test_no_text_is_taken_for_markup(service) -> None:
    Desktop().tell(alert(text="left <b>& right</b>"))
    assert service.shown[0][1] == "left &lt;b&gt;&amp; right&lt;/b&gt;"


def test_a_bus_on_which_nobody_shows_anything_is_one_line(bus) -> None:
    with pytest.raises(CrampwatchError, match="this desktop shows none") as caught:
        Desktop().open()
    assert "\n" not in str(caught.value)


def test_a_desktop_that_hangs_is_given_up(service, monkeypatch) -> None:
    monkeypatch.setattr(module, "LIMIT_S", 0.5)
    service.mute = True
    desktop = Desktop()
    desktop.open()
    with pytest.raises(CrampwatchError, match="did not answer"):
        desktop.tell(alert())


def test_without_a_desktop_it_says_what_else_there_is(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    with pytest.raises(CrampwatchError, match="no session bus of a desktop"):
        Desktop().open()
