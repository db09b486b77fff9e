"""A real mosquitto for one test, on a port of its own, and a client that listens in."""

from __future__ import annotations

import queue
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from paho.mqtt import client as paho

PATIENCE_S = 30.0
_WHERE = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin"


@dataclass(frozen=True)
class Message:
    """What the broker passed on."""

    topic: str
    text: str
    qos: int
    retained: bool


class Broker:
    """Mosquitto from the system's packages; stopped and started again at will."""

    def __init__(self, folder: Path, *more: str, anonymous: bool = True) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path=_WHERE)
        if program is None:
            pytest.fail("these tests need mosquitto: sudo apt-get install mosquitto")
        self.program = program
        self.port = free_port()
        self.config = folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", f"allow_anonymous {str(anonymous).lower()}"]
        lines += ["persistence false", "max_keepalive 60", "user root", *more]
        self.config.write_text("\n".join(lines) + "\n")
        self.process: subprocess.Popen[bytes] | None = None
        self.listeners: list[Listener] = []

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self.program, "-c", str(self.config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            assert self.process.poll() is None, "mosquitto ended"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
        pytest.fail("mosquitto does not listen")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def listen(self, **more: object) -> Listener:
        listener = Listener(self.port, **more)
        self.listeners.append(listener)
        return listener

    def close(self) -> None:
        for listener in self.listeners:
            listener.close()
        self.kill()


class Listener:
    """Hears everything, as Home Assistant does."""

    def __init__(
        self, port: int, user: str = "", password: str = "", ca_file: Path | None = None
    ) -> None:
        self.heard: queue.Queue[Message] = queue.Queue()
        self.all: list[Message] = []
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        if user:
            self._client.username_pw_set(user, password)
        if ca_file is not None:
            self._client.tls_set(str(ca_file))
        ready: queue.Queue[bool] = queue.Queue()
        self._client.on_message = lambda _c, _u, m: self.heard.put(
            Message(m.topic, m.payload.decode(), m.qos, bool(m.retain))
        )
        self._client.on_connect = lambda client, *_: client.subscribe("#", 1)
        self._client.on_subscribe = lambda *_: ready.put(True)
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("localhost" if ca_file else "127.0.0.1", port)
        self._client.loop_start()
        ready.get(timeout=PATIENCE_S)

    def until(self, wanted: Callable[[Message], bool]) -> Message:
        """Return the next message that is wanted."""
        until = time.monotonic() + PATIENCE_S
        while True:
            message = self.heard.get(timeout=max(until - time.monotonic(), 0.01))
            self.all.append(message)
            if wanted(message):
                return message

    def topic(self, end: str) -> Message:
        """Return the next message of a topic that ends so."""
        return self.until(lambda message: message.topic.endswith(end))

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
