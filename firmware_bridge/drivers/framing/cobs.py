"""Consistent overhead byte stuffing: frames without a zero, so that a zero ends each.

Cheshire and Baker, Consistent Overhead Byte Stuffing, IEEE/ACM Transactions on Networking
7(2), 1999.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Packet

LONGEST_RUN = 254


def stuff(data: bytes) -> bytes:
    """Return `data` without zeros, and the zero that ends it."""
    out = bytearray()
    blocks = data.split(b"\0")
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        left = block
        while len(left) >= LONGEST_RUN:
            out += b"\xff" + left[:LONGEST_RUN]
            left = left[LONGEST_RUN:]
            if last and not left:
                break
        else:
            out += bytes([len(left) + 1]) + left
    return bytes(out) + b"\0"


def unstuff(data: bytes) -> bytes | None:
    """Return what was stuffed, its ending zero already taken off; None if it is damaged."""
    out = []
    place, size = 0, len(data)
    while place < size:
        code = data[place]
        stop = place + code
        if not code or stop > size:
            return None
        out.append(data[place + 1 : stop])
        if code <= LONGEST_RUN and stop < size:
            out.append(b"\0")
        place = stop
    return b"".join(out)


class Delimited:
    """Cuts a stream of bytes at its zeros; what grows too long is thrown away.

    Parameters
    ----------
    longest
        Most bytes between two zeros.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = b""
        self._too_long = 0

    def feed(self, packets: Iterable[Packet]) -> list[tuple[bytes | int, float]]:
        """Return the pieces completed, each with the time its zero arrived.

        Of a piece that was too long the number of its bytes is returned, at its place.
        """
        pieces: list[tuple[bytes | int, float]] = []
        for packet in packets:
            head, *tail = packet.data.split(b"\0")
            for piece in tail:
                self._end(self._rest + head, packet.arrival_s, pieces)
                self._rest, head = b"", piece
            self._rest += head
            if len(self._rest) > self._longest:
                self._too_long += len(self._rest)
                self._rest = b""
        return pieces

    def _end(
        self, piece: bytes, arrival_s: float, pieces: list[tuple[bytes | int, float]]
    ) -> None:
        size = len(piece) + self._too_long
        if size > self._longest:
            pieces.append((size, arrival_s))
            self._too_long = 0
        elif piece:
            pieces.append((piece, arrival_s))
