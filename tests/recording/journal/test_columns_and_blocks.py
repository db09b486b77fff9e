"""Tables of integers and blocks of samples come back as they were, or not at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from journals import block

from crampwatch.recording.errors import RecordingError
from crampwatch.recording.journal.blocks import (
    SampleBlock,
    block_from_bytes,
    block_to_bytes,
    times_from_bytes,
)
from crampwatch.recording.journal.columns import pack, skip, unpack

tables = hnp.arrays(
    np.int64,
    st.tuples(st.integers(0, 40), st.integers(1, 5)),
    elements=st.one_of(st.integers(-50, 50), st.integers(-(1 << 63), (1 << 63) - 1)),
)


@given(tables)
def test_any_table_comes_back(table):
    data = memoryview(pack(table))
    again, end = unpack(data, 0, *table.shape)
    assert (again == table).all()
    assert end == len(data) == skip(data, 0, *table.shape)


def test_numbers_that_count_up_cost_nothing_each():
    few, many = (len(pack(np.arange(n)[:, None])) for n in (10, 10_000))
    assert few == many


def test_sixteen_bits_cost_two_bytes():
    noise = np.random.default_rng(0).integers(-32768, 32768, (1000, 2))
    assert len(pack(noise)) < 2 * noise.size + 40


seconds = st.one_of(st.just(np.nan), st.floats(-1e6, 1e9, allow_nan=False))


@given(st.data(), st.integers(0, 60), st.integers(1, 4))
def test_blocks_come_back_times_to_the_nanosecond(data, count, width):
    times = st.lists(seconds, min_size=count, max_size=count).map(np.array)
    raw = data.draw(hnp.arrays(np.int32, (count, width)))
    index = data.draw(hnp.arrays(np.int64, (count,), elements=st.integers(0, 1 << 40)))
    arrival = np.sort(data.draw(times).astype(float))
    made = SampleBlock(index, data.draw(times).astype(float), arrival, raw, 2.5, 3)
    again = block_from_bytes(block_to_bytes(made))
    assert (again.raw == raw).all()
    assert (again.index == index).all()
    assert again.raw.dtype == np.int32
    assert (again.scale, again.connection) == (2.5, 3)
    for before, after in (
        (made.device_s, again.device_s),
        (made.arrival_s, again.arrival_s),
    ):
        np.testing.assert_allclose(after, before, rtol=1e-15, atol=0.5001e-9)
    told = times_from_bytes(block_to_bytes(made))
    np.testing.assert_array_equal(told.arrival_s, again.arrival_s)
    assert told.columns == width


def test_times_of_the_systems_clock_are_exact():
    ticks = np.random.default_rng(1).integers(0, 10**15, 1000)
    arrival = np.sort(ticks) / 1e9
    index = np.arange(1000)
    made = SampleBlock(index, index / 300, arrival, np.zeros((1000, 1), np.int32))
    assert (block_from_bytes(block_to_bytes(made)).arrival_s == arrival).all()


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused_in_one_line(data):
    with pytest.raises(RecordingError) as caught:
        block_from_bytes(b"\1" + data)
    assert "\n" not in str(caught.value)


@given(st.integers(0, 400), st.integers(1, 255))
def test_a_changed_byte_gives_other_samples_or_an_error(at, change):
    data = bytearray(block_to_bytes(block(0, 64)))
    data[at % len(data)] ^= change
    try:
        again = block_from_bytes(bytes(data))
    except RecordingError:
        return
    assert again.raw.nbytes <= 1 << 24


def test_a_block_that_claims_to_be_huge_is_refused():
    data = bytearray(block_to_bytes(block(0, 8)))
    data[4:8] = (1 << 31).to_bytes(4, "little")
    with pytest.raises(RecordingError, match="not possible"):
        block_from_bytes(bytes(data))
