"""Which conversation belongs to which driver."""

from __future__ import annotations

from ...drivers.model import Commands, Driver
from ...drivers.sensors.cyton import Cyton
from ...drivers.sensors.open_sensor import OpenSensor
from ...drivers.sensors.shimmer3 import Shimmer3
from ..decoding import Decoding
from .conversation import Conversation
from .cyton import CytonConversation
from .open_sensor import OpenConversation
from .shimmer3 import ShimmerConversation

CONVERSATIONS: dict[type[Driver], type[Conversation]] = {
    Cyton: CytonConversation,
    OpenSensor: OpenConversation,
    Shimmer3: ShimmerConversation,
}
"""Sensors with more to say than their commands; a driver that is not here needs nothing."""


def conversation_for(commands: Commands, decoding: Decoding) -> Conversation:
    """Return a conversation with the sensor that is decoded here."""
    for kind, conversation in CONVERSATIONS.items():
        if isinstance(decoding.driver, kind):
            return conversation(commands, decoding)
    return Conversation(commands, decoding)
