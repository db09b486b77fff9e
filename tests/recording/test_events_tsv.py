"""events.tsv, events.json, and events as a table."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.recording import Event, RecordingError
from crampwatch.recording.annotations.columns import LEVELS
from crampwatch.recording.annotations.edf_text import TRIAL_TYPES, from_text, to_text
from crampwatch.recording.annotations.frame import from_frame, to_frame
from crampwatch.recording.annotations.tsv import read_events, write_events

EVENTS = (
    Event(
        28_799.123456, 2.5, "PLM", "left", "EMG L TA", 0.93, {"rule": "wasm2016", "series": 3}
    ),
    Event(1.0, 0.0, "marker", extra={"text": "a\tb\nc"}),
    Event(1.0, 60.0, "cramp", "right", None, 0.5, {"rule": None, "series": None}),
)


def test_rows_are_sorted_and_missing_values_are_n_a(tmp_path):
    write_events(tmp_path / "events.tsv", EVENTS)
    lines = (tmp_path / "events.tsv").read_text().splitlines()
    assert lines[0].split("\t")[:6] == [
        "onset", "duration", "trial_type", "side", "channel", "probability"
    ]  # fmt: skip
    assert lines[1].split("\t") == ["1", "0", "marker", *["n/a"] * 3, "a b c", "n/a", "n/a"]
    assert lines[3].split("\t")[:6] == [
        "28799.123456", "2.5", "PLM", "left", "EMG L TA", "0.93"
    ]  # fmt: skip


def test_every_column_is_described_with_its_unit(tmp_path):
    write_events(tmp_path / "x_events.tsv", EVENTS, {"series": {"Description": "S"}})
    described = json.loads((tmp_path / "x_events.json").read_text())
    header = (tmp_path / "x_events.tsv").read_text().splitlines()[0].split("\t")
    assert list(described) == header
    assert described["onset"]["Units"] == described["duration"]["Units"] == "s"
    assert described["series"] == {"Description": "S"}
    assert set(described["trial_type"]["Levels"]) == set(LEVELS)


def test_events_read_back_equal(tmp_path):
    write_events(tmp_path / "events.tsv", EVENTS)
    read = read_events(tmp_path / "events.tsv")
    assert [e.trial_type for e in read] == ["marker", "cramp", "PLM"]
    assert read[2].extra == {"rule": "wasm2016", "series": 3, "text": None}
    assert read[0].extra["text"] == "a b c"
    write_events(tmp_path / "again.tsv", read)
    assert read_events(tmp_path / "again.tsv") == read


TEXT = st.text(st.characters(exclude_categories=("C", "Z")), max_size=12).filter(
    lambda text: text.lower() not in ("", "n/a", "nan")
)


@given(
    st.lists(
        st.builds(
            Event,
            onset=st.integers(0, 10**11).map(lambda n: n / 1e6),
            duration=st.integers(0, 10**9).map(lambda n: n / 1e6),
            trial_type=TEXT,
            side=st.sampled_from([None, "left", "right", "both"]),
            channel=st.none() | TEXT,
            probability=st.none() | st.integers(0, 1000).map(lambda n: n / 1000),
            extra=st.fixed_dictionaries({"text": st.none() | TEXT, "bursts": st.integers()}),
        ),
        max_size=20,
    )
)
def test_any_events_round_trip(tmp_path_factory, events):
    path = tmp_path_factory.mktemp("tsv") / "events.tsv"
    small = [e for e in events if abs(e.extra["bursts"]) < 10**14]
    write_events(path, small)
    assert sorted(read_events(path), key=_key) == sorted(small, key=_key)
    assert sorted(from_frame(to_frame(small)), key=_key) == sorted(small, key=_key)


def _key(event):
    extra = sorted(event.extra.items())
    return repr(
        (
            event.onset,
            event.duration,
            event.trial_type,
            event.side,
            event.channel,
            event.probability,
            extra,
        )
    )


def test_unsorted_overlapping_and_bids_files_are_fine(tmp_path):
    path = tmp_path / "events.tsv"
    path.write_bytes(
        b"\xef\xbb\xbfonset\tduration\ttrial_type\tvalue\r\n9\t5\tLM\t1\r\n8.5\tn/a\tPLM\tn/a\r\n\r\n"
    )
    first, second = read_events(path)
    assert (first.onset, first.duration, first.trial_type) == (8.5, 0.0, "PLM")
    assert (first.extra["value"], second.extra["value"]) == (None, 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"onset\tduration\n1\t2\n", "no column trial_type"),
        (b"a,b\n1,2\n", "no column onset, duration, trial_type"),
        (b"onset\tduration\ttrial_type\tonset\n", "same name"),
        (b"onset\tduration\ttrial_type\n1\t-2\tLM\n", "line 2: the duration -2 s is negative"),
        (b"onset\tduration\ttrial_type\nnan\t2\tLM\n", "line 2: the onset 'nan' is no time"),
        (b"onset\tduration\ttrial_type\n1\tinf\tLM\n", "line 2: the duration 'inf' is no time"),
        (b"onset\tduration\ttrial_type\n1e30\t2\tLM\n", "line 2: the onset"),
        (b"onset\tduration\ttrial_type\n1\t2\n", "line 2: it has no trial_type"),
        (b"onset\tduration\ttrial_type\n1\t2\tLM\t4\n", "line 2: 4 cells for 3 columns"),
        (b"onset\tduration\ttrial_type\tside\n1\t2\tLM\tup\n", "the side 'up' is none of"),
        (b"onset\tduration\ttrial_type\tprobability\n1\t2\tLM\t7\n", "not within 0 to 1"),
        (b"onset\tduration\ttrial_type\n1\t2\t" + b"x" * 70_000, "line 2: longer than"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "not UTF-8"),
        (b"onset\0", "not a text file"),
    ],
)
def test_bad_tables_name_the_line_and_the_way_out(tmp_path, content, message):
    path = tmp_path / "events.tsv"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=message) as error:
        read_events(path)
    assert "events.tsv" in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_file_is_one_line(tmp_path):
    with pytest.raises(RecordingError, match="cannot read"):
        read_events(tmp_path / "none.tsv")


@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise_anything_else(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("tsv") / "events.tsv"
    path.write_bytes(content)
    try:
        assert isinstance(read_events(path), tuple)
    except RecordingError as error:
        message = str(error)
    else:
        message = ""
    assert "\n" not in message


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_event_without_finite_time_is_not_written(tmp_path, bad):
    with pytest.raises(RecordingError, match="no finite time"):
        write_events(tmp_path / "events.tsv", [Event(bad, 1.0, "LM")])
    assert list(tmp_path.iterdir()) == []


def test_table_has_typed_columns():
    frame = to_frame(EVENTS)
    assert frame["onset"].dtype == np.float64
    assert frame["probability"].isna().tolist() == [False, True, False]
    assert frame["side"].tolist() == ["left", None, "right"]


def test_empty_list_of_events_round_trips(tmp_path):
    write_events(tmp_path / "events.tsv", [])
    assert read_events(tmp_path / "events.tsv") == ()
    assert from_frame(to_frame([])) == ()


@pytest.mark.parametrize("drop", ["onset", "duration", "trial_type"])
def test_table_without_a_required_column_is_refused(drop):
    with pytest.raises(RecordingError, match=drop):
        from_frame(to_frame(EVENTS).drop(columns=drop))


def test_our_types_survive_as_edf_texts():
    for kind in TRIAL_TYPES:
        for side in (None, "left", "right", "both"):
            for channel in (None, "EMG L GM"):
                plain = kind.startswith("sleep_") or kind == "BAD_gap"
                event = Event(1.0, 2.0, kind, None if plain else side, channel)
                read = from_text(1.0, 2.0, to_text(event))
                assert (read.trial_type, read.side, read.channel) == (
                    kind, event.side, channel
                )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Sleep stage W", "sleep_W"),
        ("Sleep stage 4", "sleep_N3"),
        ("Sleep stage R", "sleep_R"),
        ("Sleep stage N1", "sleep_N1"),
        ("sleep_N2", "sleep_N2"),
        ("Sleep stage ?", "marker"),
        ("Limb Movement", "LM"),
        ("PLMS", "PLM"),
        ("Lights off", "marker"),
        ("", "marker"),
    ],
)
def test_texts_of_the_field_become_our_types_and_are_kept(text, kind):
    event = from_text(0.0, 0.0, text)
    assert event.trial_type == kind
    if to_text(event) != text:
        assert event.extra["text"] == text
