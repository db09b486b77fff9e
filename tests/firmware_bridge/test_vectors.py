"""Every golden vector through ``decode``, whole and in pieces of any size."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from device_vectors import differences, vectors

from crampwatch.app.decode import decode_file


@pytest.mark.parametrize("vector", vectors(), ids=lambda path: path.stem)
def test_a_vector_is_decoded_exactly(vector: Path, tmp_path: Path) -> None:
    about = json.loads(vector.read_text())
    decode_file(about["driver"], vector.parent / about["raw"], tmp_path, about["settings"])
    assert differences(vector, tmp_path) == []


@pytest.mark.parametrize("chunk", ["1", "7", "64"])
@pytest.mark.parametrize(
    "vector",
    vectors("cyton", "shimmer3", "chords-serial", "bitalino"),
    ids=lambda path: path.stem,
)
def test_pieces_of_any_size_give_the_same(vector: Path, chunk: str, tmp_path: Path) -> None:
    about = json.loads(vector.read_text())
    settings = {**about["settings"], "chunk": chunk}
    decode_file(about["driver"], vector.parent / about["raw"], tmp_path, settings)
    assert differences(vector, tmp_path) == []
