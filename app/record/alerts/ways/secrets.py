"""What must not be seen: tokens and passwords in addresses, and in what others say of them."""

from __future__ import annotations

import re
from urllib.parse import unquote

LEFT_OUT = "://(left-out)"
"""Stands for all but the service of an address."""

_SHORTEST = 3
_LONGEST_LINE = 200


def hint(address: str) -> str:
    """Return the service of an address, and that the rest was left out."""
    return service(address) + LEFT_OUT


def service(address: str) -> str:
    """Return the service that an address names, ``ntfy`` of ``ntfy://my-topic``."""
    found = re.match(r"[A-Za-z][A-Za-z0-9+.-]{0,30}(?=://)", address)
    return found.group().lower() if found else "unknown"


def scrub(text: str, *secrets: str) -> str:
    """Return one line of `text` in which no part of a secret is left.

    Parameters
    ----------
    text
        What another program said.
    secrets
        Passwords, or addresses: all their parts but the service are hidden.
    """
    line = " ".join(text.split())
    for part in sorted(_parts(secrets), key=len, reverse=True):
        line = re.sub(re.escape(part), "***", line, flags=re.IGNORECASE)
    clean = "".join(char if char.isprintable() else "?" for char in line)
    return clean[:_LONGEST_LINE]


def _parts(secrets: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for secret in secrets:
        rest = secret.partition("://")[2] or secret
        for text in (rest, unquote(rest)):
            found.update((text, *re.split(r"[/:@?&=#,;\s]+", text)))
    return {part for part in found if len(part) >= _SHORTEST}
