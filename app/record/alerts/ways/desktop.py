"""A notification on the desktop of the computer that records."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from .....recording.errors import CrampwatchError
from ..alert import Alert, Level, NightStatus

SERVICE = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
ICON = "dialog-warning"
URGENCY: Mapping[Level, int] = {Level.INFO: 0, Level.WARNING: 1, Level.URGENT: 2}
"""Desktop Notifications Specification 1.2: low, normal, critical (which stays until seen)."""

LIMIT_S = 8.0


class Desktop:
    """Notifies through the session bus (Linux, BSD) or ``osascript`` (macOS)."""

    name = "desktop"

    def open(self) -> None:
        """See `Way.open`."""
        if sys.platform == "win32":
            raise CrampwatchError(
                "alerts on the desktop are not made for Windows yet; say sound = true, or"
                " apprise = ['windows://'] with its package pywin32"
            )
        if sys.platform != "darwin":
            self._ask("GetServerInformation", "", [])

    def tell(self, alert: Alert) -> None:
        """See `Way.tell`."""
        if sys.platform == "darwin":
            _notify_macos(alert)
            return
        from dbus_fast import Variant

        hints = {
            "urgency": Variant("y", URGENCY[alert.level]),
            "category": Variant("s", "device"),
        }
        text = _plain(alert.text)
        body = ["Crampwatch", 0, ICON, alert.title, text, [], hints, -1]
        self._ask("Notify", "susssasa{sv}i", body)

    def status(self, night: NightStatus) -> None:
        """See `Way.status`."""

    def close(self) -> None:
        """See `Way.close`."""

    @staticmethod
    def _ask(member: str, signature: str, body: list[Any]) -> None:
        try:
            asyncio.run(asyncio.wait_for(_call(member, signature, body), LIMIT_S))
        except CrampwatchError:
            raise
        except TimeoutError as error:
            raise CrampwatchError(
                f"no notification: the desktop did not answer within {LIMIT_S:g} s"
            ) from error
        except Exception as error:
            raise CrampwatchError(
                "no notification: there is no session bus of a desktop"
                f" ({' '.join(str(error).split())[:100] or type(error).__name__}); record from"
                " within the desktop, or choose another way"
            ) from error


async def _call(member: str, signature: str, body: list[Any]) -> None:
    # bleak brings it along on Linux
    from dbus_fast import Message, MessageType
    from dbus_fast.aio import MessageBus

    bus = await MessageBus().connect()
    try:
        answer = await bus.call(
            Message(
                destination=SERVICE,
                path=PATH,
                interface=SERVICE,
                member=member,
                signature=signature,
                body=body,
            )
        )
    finally:
        bus.disconnect()
    if answer is None or answer.message_type is MessageType.ERROR:
        words = "" if answer is None else " ".join(map(str, answer.body))
        raise CrampwatchError(
            f"no notification: this desktop shows none ({' '.join(words.split())[:100]})"
        )


def _plain(text: str) -> str:
    """Return text as the specification's markup would write it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _notify_macos(alert: Alert) -> None:
    # the words are arguments, so that nothing in them is taken for a command
    script = (
        "on run words",
        "display notification (item 2 of words) with title (item 1 of words)",
        "end run",
    )
    lines = [part for line in script for part in ("-e", line)]
    try:
        done = subprocess.run(  # noqa: S603
            ["/usr/bin/osascript", *lines, alert.title, alert.text],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CrampwatchError(f"no notification: osascript failed: {error}") from error
    if done.returncode:
        words = " ".join(done.stderr.decode("utf-8", "replace").split())[:120]
        raise CrampwatchError(f"no notification: osascript said: {words}")
