"""Links: a connection that is kept through the night."""

from .link import Link
from .policy import LinkPolicy
from .states import LinkChange, LinkSink, LinkState

__all__ = ["Link", "LinkChange", "LinkPolicy", "LinkSink", "LinkState"]
