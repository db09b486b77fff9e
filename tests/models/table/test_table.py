"""Tables stand by themselves, and what was seen in a night is kept by content."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crampwatch.models.nights import LabelledNight, read_nights
from crampwatch.models.table import build_table, join, read_table, write_table
from crampwatch.recording.errors import CrampwatchError
from crampwatch.sample_data import samples


def sample_night():
    (sample,) = [one for one in samples() if one.simulated]
    return Path(sample.path).parent


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def nights():
    return read_nights(sample_night())


@pytest.fixture(scope="module")
def seen(nights, cache):
    return build_table(nights, cache=cache)


def refusal(path):
    with pytest.raises(CrampwatchError) as error:
        read_table(path)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_night_gives_rows_for_whole_and_for_early_contractions(seen):
    assert len(seen.nights) == 1
    assert seen.nights[0].scorable
    assert np.any(seen.rows.complete)
    assert set(seen.rows.cut_s[~seen.rows.complete]) <= {10.0, 20.0, 40.0}
    assert seen.rows.values.dtype == np.float32
    assert np.any(seen.rows.label == 1)
    assert all(cramp.met for cramp in seen.cramps)


def test_a_night_is_looked_at_once(seen, nights, cache):
    files = {file: file.stat().st_mtime_ns for file in cache.iterdir()}
    again = build_table(nights, cache=cache)
    assert {file: file.stat().st_mtime_ns for file in cache.iterdir()} == files
    assert again.digest() == seen.digest()


def test_a_copy_under_another_name_is_the_same_night_to_the_cache(seen, cache, tmp_path):
    shutil.copytree(sample_night(), tmp_path / "copy")
    count = len(list(cache.iterdir()))
    build_table(read_nights(tmp_path / "copy"), cache=cache)
    assert len(list(cache.iterdir())) == count


def test_damage_in_the_cache_is_mended(seen, nights, cache, tmp_path):
    shutil.copytree(cache, tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(file.read_bytes()[:100])
    assert build_table(nights, cache=tmp_path / "cache").digest() == seen.digest()


@pytest.mark.system
def test_processes_see_what_one_sees(seen, nights, cache):
    two = [nights[0], _other(nights[0])]
    found = build_table(two, cache=cache, workers=2)
    assert [night.id for night in found.nights] == [nights[0].id, "other"]
    one = found.of_nights(np.array([True, False]))
    assert one.digest() == seen.digest()


def test_a_recording_that_went_away_is_one_line(nights):
    gone = LabelledNight(
        "gone", None, partial(_gone, "gone.edf"), (), "real", "", held_out=False, about={}
    )
    with pytest.raises(CrampwatchError, match="gone"):
        build_table([gone])


def test_no_night_is_one_line():
    with pytest.raises(CrampwatchError, match="no night"):
        build_table([])


def test_a_table_comes_back_as_it_was_written(table, tmp_path):
    write_table(table, tmp_path / "t.parquet")
    found = read_table(tmp_path / "t.parquet")
    assert found.digest() == table.digest()
    assert found.nights == table.nights
    assert found.cramps == table.cramps
    np.testing.assert_array_equal(found.rows.mimic, table.rows.mimic)
    np.testing.assert_array_equal(found.rows.values, table.rows.values)


def test_the_same_table_gives_the_same_bytes(table, tmp_path):
    for name in ("a", "b"):
        write_table(table, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_table_is_of_use_to_other_programs(table, tmp_path):
    write_table(table, tmp_path / "t.parquet")
    frame = pq.read_table(tmp_path / "t.parquet").to_pandas()
    for column in ("night", "person", "source", "group", "family", "channel", "label"):
        assert column in frame
    assert set(table.features) <= set(frame)
    assert frame["cut_s"].isna().sum() == table.rows.complete.sum()


def test_tables_are_joined_night_by_night(table, tables):
    other = tables(persons=1, seed=5)
    both = join([table, other])
    assert len(both.nights) == len(table.nights) + len(other.nights)
    assert len(both.cramps) == len(table.cramps) + len(other.cramps)
    last = np.arange(len(both.nights)) >= len(table.nights)
    assert both.of_nights(last).digest() == other.digest()


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1 nothing PAR1", b"night\n"])
def test_a_foreign_file_is_one_line(content, tmp_path):
    (tmp_path / "t.parquet").write_bytes(content)
    refusal(tmp_path / "t.parquet")


def test_parquet_of_somebody_else_is_one_line(tmp_path):
    pq.write_table(pa.table({"x": [1]}), tmp_path / "t.parquet")
    assert "no feature table of this program" in refusal(tmp_path / "t.parquet")


def test_a_table_of_other_features_says_so(table, tmp_path):
    write_table(table, tmp_path / "t.parquet")
    made = pq.read_table(tmp_path / "t.parquet")
    facts = json.loads(made.schema.metadata[b"crampwatch"])
    facts["catalogue"] = "0" * 64
    changed = made.replace_schema_metadata({b"crampwatch": json.dumps(facts)})
    pq.write_table(changed, tmp_path / "t.parquet")
    assert "other features" in refusal(tmp_path / "t.parquet")


@pytest.mark.parametrize("change", [{"nights": []}, {"cramps": 3}, {"number_of_night": [1]}])
def test_facts_that_do_not_fit_the_rows_are_one_line(table, change, tmp_path):
    write_table(table, tmp_path / "t.parquet")
    made = pq.read_table(tmp_path / "t.parquet")
    facts = {**json.loads(made.schema.metadata[b"crampwatch"]), **change}
    changed = made.replace_schema_metadata({b"crampwatch": json.dumps(facts)})
    pq.write_table(changed, tmp_path / "t.parquet")
    refusal(tmp_path / "t.parquet")


def _gone(path):
    raise CrampwatchError(f"{path}: No such file")


def _other(night):
    from dataclasses import replace

    return replace(night, id="other")
