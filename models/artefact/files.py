"""Models in files: written in one step, read without trust."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from os import PathLike
from pathlib import Path

from ...recording.errors import CrampwatchError
from ...recording.writers.beside import write_beside
from .container import MOST_BYTES, pack, unpack
from .encode import FORMAT, VERSION, decode, encode
from .model import Model, catalogue_digest

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
SHIPPED = "cramp.skops"


def save_model(model: Model, path: str | PathLike[str]) -> None:
    """Write a model as one skops file; the same model gives the same bytes.

    Raises
    ------
    RecordingError
        The file cannot be written.
    """
    data = model_bytes(model)
    with write_beside(path) as file:
        file.write(data)


def model_bytes(model: Model) -> bytes:
    """Return the bytes of a model's file."""
    return pack(*encode(model))


def load_model(path: str | PathLike[str]) -> Model:
    """Read a model.

    Nothing in the file is built or run: it may hold one text and numeric arrays only.

    Parameters
    ----------
    path
        File that `save_model` wrote.

    Raises
    ------
    CrampwatchError
        The file cannot be read, is no model, is damaged, was written by a newer or older
        version, or was trained on other features than this version computes.
    """
    place = Path(path)
    name = place.name
    data = _bytes(place)
    text, arrays = unpack(data, name)
    refuse = CrampwatchError(
        f"{name}: no model of this program, or a damaged one; write it again with"
        " `crampwatch train`"
    )
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse from error
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise refuse
    if facts.get("version") != VERSION:
        raise CrampwatchError(
            f"{name}: a model of format {str(facts.get('version'))[:20]}, and this version"
            f" reads format {VERSION}; train it again, or install the version that wrote it"
        )
    if facts.get("catalogue") != catalogue_digest():
        raise CrampwatchError(
            f"{name}: trained on other features than this version computes; train it again"
        )
    try:
        model = decode(text, arrays)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OverflowError,
        RecursionError,
    ) as error:
        raise refuse from error
    return replace(model, name=name, digest=hashlib.sha256(data).hexdigest())


def shipped_model() -> Path | None:
    """Return the file of the model that comes with the program, None where none does."""
    file = WEIGHTS / SHIPPED
    return file if file.is_file() else None


def _bytes(place: Path) -> bytes:
    try:
        if place.exists() and not place.is_file():
            raise CrampwatchError(f"{place}: not a file; name the .skops file of a model")
        with place.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CrampwatchError(f"cannot read {place}: {reason}") from error
    except ValueError as error:
        raise CrampwatchError(f"cannot read {str(place)!r}: not a file name") from error
    if len(data) > MOST_BYTES:
        raise CrampwatchError(f"{place.name}: larger than {MOST_BYTES >> 20} MB; no model")
    return data
