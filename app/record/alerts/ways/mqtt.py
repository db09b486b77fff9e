"""Alerts and the night's state on an MQTT broker, so that Home Assistant finds them."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .....recording.errors import CrampwatchError
from ..alert import Alert, NightStatus
from .homeassistant import Topics, discovery, event, state
from .secrets import scrub
from .settings import MqttSettings

ONLINE, OFFLINE = "online", "offline"
USERNAME, PASSWORD = "CRAMPWATCH_MQTT_USERNAME", "CRAMPWATCH_MQTT_PASSWORD"

LIMIT_S = 8.0
"""For connecting, and for one message to be taken by the broker."""

GOOD_BYE_S = 2.0
KEEP_ALIVE_S = 30
"""A broker takes a client for dead after one and a half times as long, and tells its will."""

RETRY_S = (1, 30)
"""Shortest and longest pause between attempts to connect anew."""

EVERY_S = 60.0
"""A state that does not change is told again this often: it would be taken for stale."""

MOST_WAITING = 100
AT_LEAST_ONCE = 1
_LONGEST_PASSWORD = 4096


class Mqtt:
    """Publishes to a broker, and connects anew where the connection breaks.

    Availability, state and discovery are retained, alerts are not; the last will is
    ``offline``.

    Parameters
    ----------
    settings
        Of the broker.
    detail
        Whether kinds of alerts may say something about a body.
    environment
        Where name and password of the user may stand.
    """

    name = "mqtt"

    def __init__(
        self,
        settings: MqttSettings,
        *,
        detail: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._settings = settings
        self._detail = detail
        self._environment = os.environ if environment is None else environment
        self._topics = Topics(settings.topic, settings.discovery)
        self._where = f"{settings.host}:{settings.port_or_default}"
        self._client: Any = None
        self._connected = threading.Event()
        self._answered = threading.Event()
        self._lock = threading.Lock()
        self._refusal = ""
        self._described: object = None
        self._night: NightStatus | None = None
        self._state = ""
        self._state_s = 0.0
        self._password = ""

    def open(self) -> None:
        """See `Way.open`."""
        self.close()
        self._refusal = ""
        self._answered.clear()
        client = self._make()
        trouble = self._trouble()
        if trouble:
            raise CrampwatchError(self._words(trouble))
        self._client = client
        client.connect_async(self._settings.host, self._settings.port_or_default, KEEP_ALIVE_S)
        client.loop_start()
        self._answered.wait(LIMIT_S)
        if not self._connected.is_set():
            why = self._refusal or "something listens there and does not answer as a broker"
            self.close()
            raise CrampwatchError(self._words(why))

    def tell(self, alert: Alert) -> None:
        """See `Way.tell`."""
        if self._client is None:
            raise CrampwatchError(self._words("it was not opened"))
        until_s = time.monotonic() + LIMIT_S
        if not self._connected.wait(LIMIT_S):
            raise CrampwatchError(self._words(self._refusal or "the connection is broken"))
        words = event(alert, detail=self._detail)
        try:
            sent = self._client.publish(self._topics.alert, words, AT_LEAST_ONCE, retain=False)
            sent.wait_for_publish(max(until_s - time.monotonic(), 0.1))
            taken = bool(sent.is_published())
        except (RuntimeError, ValueError):
            taken = False
        if not taken:
            raise CrampwatchError(self._words("it did not take the message"))

    def status(self, night: NightStatus) -> None:
        """See `Way.status`."""
        if self._client is None:
            return
        with self._lock:
            self._night = night
            told = state(night)
            now_s = time.monotonic()
            parts = {name: bool(each.quality) for name, each in night.sensors.items()}
            if parts != self._described:
                self._described = parts
                self._describe()
            if told == self._state and now_s - self._state_s < EVERY_S:
                return
            self._state, self._state_s = told, now_s
            self._show()

    def close(self) -> None:
        """See `Way.close`."""
        client = self._client
        if client is None:
            return
        try:
            if self._connected.is_set():
                if self._night is not None:
                    self._publish(
                        self._topics.state, state(replace(self._night, recording=False))
                    )
                gone = client.publish(self._topics.availability, OFFLINE, AT_LEAST_ONCE, True)
                gone.wait_for_publish(GOOD_BYE_S)
        except (OSError, RuntimeError, ValueError):
            pass
        self._client = None
        client.disconnect()
        client.loop_stop()
        self._connected.clear()
        self._state, self._night, self._described = "", None, None

    def _make(self) -> Any:
        try:
            from paho.mqtt.client import Client
            from paho.mqtt.enums import CallbackAPIVersion
        except ImportError as error:
            raise CrampwatchError(
                "alerts by mqtt need: pip install 'crampwatch[mqtt]'"
            ) from error
        settings, topics = self._settings, self._topics
        # the same name each time: the broker then lets go of a connection that is half dead
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"crampwatch-{topics.node}"[:64],
            clean_session=True,
        )
        client.will_set(topics.availability, OFFLINE, AT_LEAST_ONCE, retain=True)
        client.max_queued_messages_set(MOST_WAITING)
        client.reconnect_delay_set(*RETRY_S)
        client.connect_timeout = LIMIT_S / 2
        client.on_connect = self._on_connect
        client.on_connect_fail = lambda *_: self._answered.set()
        client.on_disconnect = self._on_disconnect
        user = self._environment.get(USERNAME) or settings.username
        self._password = self._read_password()
        if user:
            client.username_pw_set(user, self._password or None)
        if settings.tls:
            client.tls_set_context(self._tls())
        return client

    def _tls(self) -> ssl.SSLContext:
        file = self._settings.ca_file
        try:
            return ssl.create_default_context(
                cafile=None if file is None else str(file.expanduser())
            )
        except (OSError, ssl.SSLError) as error:
            raise CrampwatchError(
                f"alerts.mqtt.ca_file: {file} holds no certificates that can be read"
            ) from error

    def _read_password(self) -> str:
        named = self._environment.get(PASSWORD)
        file = self._settings.password_file
        if named or file is None:
            return named or ""
        file = file.expanduser()
        try:
            with file.open(encoding="utf-8") as opened:
                return opened.readline(_LONGEST_PASSWORD).rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise CrampwatchError(f"alerts.mqtt.password_file: cannot read {file}") from error

    def _on_connect(
        self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            self._refusal = f"it refuses: {reason}".lower()
            self._answered.set()
            return
        with self._lock:
            self._refusal = ""
            self._connected.set()
            self._describe()
            self._show()
        self._answered.set()

    def _on_disconnect(
        self, _client: Any, _data: Any, _flags: Any, _reason: Any, _properties: Any
    ) -> None:
        self._connected.clear()

    def _describe(self) -> None:
        if self._topics.discovery:
            sensors = {} if self._night is None else self._night.sensors
            title = self._settings.title
            words = discovery(self._topics, title, sensors, detail=self._detail)
            self._publish(self._topics.config, words)

    def _show(self) -> None:
        # said each time: another program of the same name may have said good-bye
        self._publish(self._topics.availability, ONLINE)
        if self._state:
            self._publish(self._topics.state, self._state)

    def _publish(self, topic: str, words: str) -> None:
        client = self._client
        if client is not None and self._connected.is_set():
            client.publish(topic, words, AT_LEAST_ONCE, retain=True)

    def _trouble(self) -> str:
        """Return why nobody can be reached, or nothing: paho would not say."""
        address = (self._settings.host, self._settings.port_or_default)
        try:
            with socket.create_connection(address, LIMIT_S / 2) as raw:
                if self._settings.tls:
                    self._tls().wrap_socket(raw, server_hostname=address[0]).close()
        except ssl.SSLError as error:
            return (
                f"TLS failed: {getattr(error, 'verify_message', '') or error.reason or error}"
            )
        except (OSError, UnicodeError) as error:
            return getattr(error, "strerror", None) or str(error)
        return ""

    def _words(self, why: str) -> str:
        secret = (self._password,) if self._password else ()
        return f"no broker at {self._where}: {scrub(why, *secret)}"
