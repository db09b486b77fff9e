"""What is said to each sensor besides listening: starting, asking again, the time."""

from .choose import conversation_for
from .conversation import Conversation

__all__ = ["Conversation", "conversation_for"]
