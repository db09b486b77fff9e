"""Transports: bytes from a radio, a port, a socket or a file, stamped when they arrive."""

from .transport import Fault, Transport, TransportError

__all__ = ["Fault", "Transport", "TransportError"]
