"""The file format: a skops archive that holds one text and plain arrays, nothing else.

Written by skops, then put into one fixed form (numbered parts, fixed times), so that the same
model gives the same bytes. Read by hand: every node of the archive must be a dictionary, a
text or a numeric array, so that no type can be named that would be built or run.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...recording.errors import CrampwatchError

MOST_BYTES = 1 << 26
_MOST_PARTS = 1_000
_MOST_SCHEMA = 1 << 23
_SCHEMA = "schema.json"
_STAMP = (1980, 1, 1, 0, 0, 0)
_ALLOWED = {
    ("builtins", "dict", "DictNode"),
    ("builtins", "list", "ListNode"),
    ("builtins", "str", "JsonNode"),
    ("builtins", "str", "TypeNode"),
    ("numpy", "ndarray", "NdArrayNode"),
}
_KINDS = "bif"

Arrays = Mapping[str, NDArray[Any]]


def pack(text: str, arrays: Arrays) -> bytes:
    """Return a skops archive of one text and arrays; the same input gives the same bytes."""
    import skops.io

    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    dumped = skops.io.dumps({"text": text, "arrays": plain})
    with zipfile.ZipFile(io.BytesIO(dumped)) as archive:
        schema = json.loads(archive.read(_SCHEMA))
        parts = {name: archive.read(name) for name in archive.namelist() if name != _SCHEMA}
    renamed = _renumber(schema)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for old, new in sorted(renamed.items(), key=lambda pair: pair[1]):
            _write(archive, new, parts[old])
        _write(archive, _SCHEMA, json.dumps(schema, indent=1).encode())
    return out.getvalue()


def unpack(data: bytes, name: str) -> tuple[str, dict[str, NDArray[Any]]]:
    """Return the text and the arrays of an archive.

    Parameters
    ----------
    data
        The file.
    name
        What to call it in an error.

    Raises
    ------
    CrampwatchError
        It is no such archive, it is damaged, it would unpack to more than 64 MB, or it holds
        anything but a text and numeric arrays.
    """
    if data[:1] == b"\x80" or data[:2] == b"(d":
        raise CrampwatchError(
            f"{name}: a pickle, which could run anything when it is read and is never opened;"
            " a model is a .skops file written by `crampwatch train`"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = _checked(archive, name)
            schema = json.loads(_read(archive, _SCHEMA, sizes))
            _refuse_types(schema, name)
            return _text(schema), _arrays(archive, schema, sizes)
    except CrampwatchError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        NotImplementedError,
        RecursionError,
        RuntimeError,
        OSError,
        ArithmeticError,
    ) as error:
        raise CrampwatchError(
            f"{name}: no model of this program, or a damaged one; write it again with"
            " `crampwatch train`"
        ) from error


def _checked(archive: zipfile.ZipFile, name: str) -> dict[str, int]:
    entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    if len(entries) > _MOST_PARTS or total > MOST_BYTES:
        raise CrampwatchError(
            f"{name}: unpacks to {total} bytes in {len(entries)} parts, more than a model has"
        )
    sizes = {entry.filename: entry.file_size for entry in entries}
    if len(sizes) != len(entries) or sizes.get(_SCHEMA, _MOST_SCHEMA + 1) > _MOST_SCHEMA:
        raise ValueError("no schema")
    return sizes


def _read(archive: zipfile.ZipFile, part: str, sizes: Mapping[str, int]) -> bytes:
    """Read one part, never more than the archive's index says."""
    with archive.open(part) as handle:
        data = handle.read(sizes[part] + 1)
    if len(data) != sizes[part]:
        raise ValueError("another size than the index says")
    return data


def _refuse_types(schema: Any, name: str) -> None:
    for node in _nodes(schema):
        kind = tuple(str(node.get(key)) for key in ("__module__", "__class__", "__loader__"))
        if kind not in _ALLOWED:
            what = f"{kind[0]}.{kind[1]}"[:100]
            raise CrampwatchError(
                f"{name}: holds {what}, a type that a model of this program never has;"
                " it is not opened"
            )


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "__class__" in one or "__loader__" in one:
                yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _text(schema: Mapping[str, Any]) -> str:
    node = schema["content"]["text"]
    text = json.loads(node["content"])
    if node["__loader__"] != "JsonNode" or not isinstance(text, str):
        raise ValueError("no text")
    return text


def _arrays(
    archive: zipfile.ZipFile, schema: Mapping[str, Any], sizes: Mapping[str, int]
) -> dict[str, NDArray[Any]]:
    found = {}
    for key, node in schema["content"]["arrays"]["content"].items():
        if node["__loader__"] != "NdArrayNode" or node.get("type") != "numpy":
            raise ValueError("no array")
        found[key] = _array(_read(archive, node["file"], sizes))
    return found


def _array(data: bytes) -> NDArray[Any]:
    """Return the array of a ``.npy`` part, whose header must fit its size."""
    handle = io.BytesIO(data)
    major, _ = np.lib.format.read_magic(handle)
    if major != 1:
        raise ValueError("another npy version")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(handle)
    rest = len(data) - handle.tell()
    if dtype.kind not in _KINDS or fortran or math.prod(shape) * dtype.itemsize != rest:
        raise ValueError("no plain array")
    array = np.frombuffer(data, dtype, offset=handle.tell()).reshape(shape)
    if dtype.kind == "f" and np.isinf(array).any():
        raise ValueError("infinite numbers")
    return array


def _renumber(schema: Any) -> dict[str, str]:
    """Replace addresses in memory by numbers in order, and return new names of the parts."""
    numbers: dict[int, int] = {}
    renamed: dict[str, str] = {}
    for node in _ordered(schema):
        if "__id__" in node:
            node["__id__"] = numbers.setdefault(node["__id__"], len(numbers))
        if "file" in node:
            renamed[node["file"]] = f"{len(renamed):03d}.npy"
            node["file"] = renamed[node["file"]]
    return renamed


def _ordered(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _ordered(one)
    elif isinstance(value, list):
        for one in value:
            yield from _ordered(one)


def _write(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)
