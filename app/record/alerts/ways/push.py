"""Messages through the services that apprise knows."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any, Self

from .....recording.errors import CrampwatchError
from ..alert import Alert, Level, NightStatus
from .secrets import scrub, service
from .settings import WaySettings

MOST_ADDRESSES = 20
TYPES: Mapping[Level, str] = {
    Level.INFO: "info", Level.WARNING: "warning", Level.URGENT: "failure",
}  # fmt: skip
"""As apprise calls them; services colour them or raise their priority."""

_LOGGERS = ("apprise", "requests", "urllib3", "requests_oauthlib")


def pushes(settings: WaySettings) -> list[Push]:
    """Return one way for each address, so that a service that fails repeats no other's.

    Raises
    ------
    CrampwatchError
        The file cannot be read, or holds no address.
    """
    addresses = [each.get_secret_value() for each in settings.apprise]
    if settings.apprise_file is not None:
        file = settings.apprise_file.expanduser()
        try:
            lines = file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CrampwatchError(f"alerts.apprise_file: cannot read {file}") from error
        addresses += [text for line in lines if (text := line.strip()) and text[0] != "#"]
        if not addresses:
            raise CrampwatchError(f"alerts.apprise_file: {file} holds no address")
    if len(addresses) > MOST_ADDRESSES:
        raise CrampwatchError(f"alerts by apprise: at most {MOST_ADDRESSES} addresses")
    found: dict[str, Push] = {}
    for address in addresses:
        kind = service(address)
        number = sum(name.split("-")[1] == kind for name in found) + 1
        name = f"apprise-{kind}" + (f"-{number}" if number > 1 else "")
        found[name] = Push(address, name)
    return list(found.values())


class Push:
    """One address of a service.

    Parameters
    ----------
    address
        As apprise writes it; it holds tokens and is never shown.
    name
        What the way is called.
    """

    def __init__(self, address: str, name: str) -> None:
        self.name = name
        self._address = address
        self._sender: Any = None

    def __repr__(self) -> str:
        return f"Push({self.name})"

    def open(self) -> None:
        """See `Way.open`."""
        try:
            import apprise
        except ImportError as error:
            raise CrampwatchError(
                "alerts by apprise need: pip install 'crampwatch[alerts]'"
            ) from error
        _hush()
        asset = apprise.AppriseAsset(
            app_id="Crampwatch", app_desc="Crampwatch", app_url="", async_mode=False
        )
        sender = apprise.Apprise(asset=asset)
        with _Overheard() as heard:
            try:
                known = sender.add(self._address)
            except Exception as error:  # noqa: BLE001 - whatever a plugin raises
                raise CrampwatchError(scrub(str(error), self._address)) from None
        if not known:
            why = scrub(heard.text, self._address)
            raise CrampwatchError(
                f"apprise cannot read this address"
                f"{f' ({why})' if why else ''}; see the page of its service"
            )
        self._sender = sender

    def tell(self, alert: Alert) -> None:
        """See `Way.tell`."""
        if self._sender is None:
            raise CrampwatchError("it was not opened")
        with _Overheard() as heard:
            try:
                told = self._sender.notify(
                    title=alert.title, body=alert.text, notify_type=TYPES[alert.level]
                )
            except Exception as error:  # noqa: BLE001 - whatever a plugin raises
                words = scrub(f"{type(error).__name__}: {error}", self._address)
                raise CrampwatchError(f"not told: {words}") from None
        if not told:
            why = _told_why(told) or heard.text
            words = scrub(why, self._address) or "the service took nothing"
            raise CrampwatchError(f"not told: {words}")

    def status(self, night: NightStatus) -> None:
        """See `Way.status`."""

    def close(self) -> None:
        """See `Way.close`."""
        self._sender = None


def _told_why(told: Any) -> str:
    """Return what went wrong, where apprise keeps it with its answer (from 2.x on)."""
    logs = getattr(told, "logs", None)
    return next((str(entry.message) for entry in logs()), "") if callable(logs) else ""


def _hush() -> None:
    """Let nothing of these packages reach a log: they write addresses with their tokens."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


class _Overheard(logging.Handler):
    """Keeps the first warning of apprise in this thread, which says what went wrong."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.text = ""
        self._thread = threading.get_ident()

    def __enter__(self) -> Self:
        logging.getLogger("apprise").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("apprise").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        # another thread speaks of another address, whose tokens are not known here
        if not self.text and record.thread == self._thread:
            self.text = record.getMessage()
