"""A verb that met damage in a journal is run again: it is then read without the damage."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import typer


def healing(verb: Callable[..., None]) -> Callable[..., None]:
    """Return a verb that begins anew, once, where a journal turned out to be damaged.

    Opened a second time, the journal is mended, or read in memory where it cannot be written.
    """

    @wraps(verb)
    def twice(*args: Any, **options: Any) -> None:
        try:
            return verb(*args, **options)
        except Exception as error:
            from ...recording.errors import DamagedError

            if not isinstance(error, DamagedError):
                raise
        typer.echo("The journal is damaged; it is read without the damaged part.", err=True)
        return verb(*args, **options)

    return twice
