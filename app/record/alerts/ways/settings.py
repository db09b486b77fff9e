"""Which ways of alerting there are to be, and what may never be written down of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    SerializationInfo,
    field_serializer,
    field_validator,
    model_validator,
)

from .secrets import LEFT_OUT, hint

REVEAL: Mapping[str, bool] = {"reveal": True}
"""Context for `model_dump`: with it addresses keep their tokens. Only for a pipe."""

MQTT_PORT, MQTT_TLS_PORT = 1883, 8883
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,40}(/[A-Za-z0-9_-]{1,40}){0,4}", re.ASCII)


class MqttSettings(BaseModel):
    """A broker.

    Name and password of a user come from the environment (``CRAMPWATCH_MQTT_USERNAME``,
    ``CRAMPWATCH_MQTT_PASSWORD``) or the password from a file of its own: settings are copied
    into the folder of every night.

    Attributes
    ----------
    host, port
        Where it is; without a port 1883, or 8883 with `tls`.
    tls
        Whether to speak through TLS and check the broker's certificate.
    ca_file
        Certificates to trust instead of the system's, as for one's own broker.
    username
        Of the user, where the broker asks for one.
    password_file
        Its first line is the password.
    topic
        Begins all topics; two recorders on one broker need two.
    discovery
        Where Home Assistant listens for devices; empty: nothing is told there.
    title
        Name of the device in Home Assistant.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    host: str = Field(min_length=1, max_length=253, pattern=r"^[^\s/@?#]+$")
    port: int | None = Field(default=None, ge=1, le=65535)
    tls: bool = False
    ca_file: Path | None = None
    username: str | None = Field(default=None, max_length=256)
    password_file: Path | None = None
    topic: str = "crampwatch"
    discovery: str = "homeassistant"
    title: str = Field(default="Crampwatch", min_length=1, max_length=60)

    @property
    def port_or_default(self) -> int:
        """Port to connect to."""
        return self.port or (MQTT_TLS_PORT if self.tls else MQTT_PORT)

    @model_validator(mode="before")
    @classmethod
    def _holds_no_password(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and "password" in values:
            raise ValueError(
                "a password does not belong here, for settings are copied into every night;"
                " write it into a file of its own and say password_file"
            )
        return values

    @field_validator("topic", "discovery")
    @classmethod
    def _is_a_topic(cls, value: str) -> str:
        if value and not _TOPIC.fullmatch(value):
            raise ValueError("must be words like crampwatch/anna: letters, digits, _ and -")
        return value

    @field_validator("topic")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value:
            raise ValueError("must not be empty")
        return value


class WaySettings(BaseModel):
    """Which ways alerts take.

    Attributes
    ----------
    bell
        The terminal's bell.
    sound
        True: a short tone; a path: this WAV file.
    desktop
        A notification on the desktop.
    haptic
        Every band that has a motor vibrates.
    haptic_ms, haptic_strength
        How long, ms, and how strongly, 1 to 255.
    apprise
        Addresses of services as apprise writes them (``ntfy://my-topic``). They hold tokens,
        so that they are never shown, logged or copied.
    apprise_file
        A file with one such address a line.
    mqtt
        A broker, as of Home Assistant.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    bell: bool = True
    sound: bool | Path = False
    desktop: bool = False
    haptic: bool = False
    haptic_ms: int = Field(default=600, ge=50, le=5000)
    haptic_strength: int = Field(default=200, ge=1, le=255)
    apprise: tuple[SecretStr, ...] = Field(default=(), max_length=20)
    apprise_file: Path | None = None
    mqtt: MqttSettings | None = None

    @field_validator("apprise")
    @classmethod
    def _are_addresses(cls, values: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for number, value in enumerate(values, 1):
            text = value.get_secret_value()
            if text.endswith(LEFT_OUT):
                raise ValueError(
                    f"address {number} was left out of this copy of the settings, for it holds"
                    " a token; write it in again"
                )
            if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://.", text):
                raise ValueError(f"address {number} is none; say one like ntfy://my-topic")
        return values

    @field_serializer("apprise")
    def _without_tokens(
        self, values: tuple[SecretStr, ...], info: SerializationInfo
    ) -> list[str]:
        texts = [value.get_secret_value() for value in values]
        if info.context is not None and info.context.get("reveal"):
            return texts
        return [hint(text) for text in texts]
