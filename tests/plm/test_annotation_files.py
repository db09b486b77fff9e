"""Annotation files of the field, each as its program writes it."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

import mne
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crampwatch.recording.annotations.domino import read_domino
from crampwatch.recording.annotations.edf_marks import (
    read_edf_annotations,
    write_edf_annotations,
)
from crampwatch.recording.annotations.hypnogram import (
    hypnogram_from_epochs,
    hypnogram_from_rows,
)
from crampwatch.recording.annotations.luna import write_luna_annot
from crampwatch.recording.annotations.marks import Annotations, align
from crampwatch.recording.annotations.names import event_name, side_of
from crampwatch.recording.annotations.read import read_annotations, read_hypnogram
from crampwatch.recording.annotations.stages import stage_names
from crampwatch.recording.annotations.tsv import write_events
from crampwatch.recording.errors import RecordingError
from crampwatch.recording.model import Event

FILES = Path(__file__).parents[1] / "data" / "plm" / "files"
START = datetime(2024, 3, 1, 22, 10)  # noqa: DTZ001

NIGHT = [(0.0, 30.0, "W"), (30.0, 120.0, "N2"), (150.0, 60.0, "N3"), (210.0, 60.0, "R")]


def stretches(hypnogram):
    """Onset, duration and stage of runs of one stage."""
    rows = []
    for onset, duration, stage in zip(
        hypnogram.onset, hypnogram.duration, hypnogram.stage, strict=True
    ):
        if rows and rows[-1][2] == stage:
            rows[-1] = (rows[-1][0], rows[-1][1] + duration, stage)
        else:
            rows.append((float(onset), float(duration), str(stage)))
    return [row for row in rows if row[2]]


def marks(annotations, *kinds):
    return [
        (round(e.onset, 3), round(e.duration, 3), e.trial_type, e.side)
        for e in annotations.events
        if e.trial_type in kinds
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("nsrr.xml", "profusion.xml", "marks.annot", "stages.eannot", "yasa.csv"),
        *("domino_stages.txt", "bids.tsv"),
    ],
)
def test_the_same_night_is_read_from_every_format(name):
    hypnogram = read_hypnogram(FILES / name, recording_start=START if "annot" in name else None)
    assert stretches(hypnogram) == NIGHT


@pytest.mark.parametrize("name", ["nsrr.xml", "profusion.xml", "marks.annot", "bids.tsv"])
def test_the_same_movements_are_read_from_every_format(name):
    found = read_annotations(FILES / name, recording_start=START if "annot" in name else None)
    assert marks(found, "LM", "PLM") == [
        (41.5, 1.5, "LM", "left"),
        (61.5, 2.0, "PLM", "right"),
    ]
    assert marks(found, "arousal") == [(62.0, 5.0, "arousal", None)]


def test_respiratory_events_have_house_names():
    kinds = ("apnea_obstructive", "hypopnea", "desat")
    assert marks(read_annotations(FILES / "nsrr.xml"), *kinds) == [
        (80.0, 20.5, "apnea_obstructive", None),
        (95.0, 20.5, "desat", None),
    ]
    assert marks(read_annotations(FILES / "profusion.xml"), *kinds)[0][2] == "hypopnea"
    found = read_annotations(FILES / "marks.annot", recording_start=START)
    assert marks(found, *kinds)[0][2] == "apnea_obstructive"


def test_domino_events_cross_midnight():
    found = read_domino(FILES / "domino_events.txt")
    assert marks(found, "LM", "PLM") == [
        (41.5, 1.5, "LM", "left"),
        (119.25, 2.0, "PLM", "right"),
    ]
    assert found.start == datetime(2024, 3, 1, 23, 58)  # noqa: DTZ001


def test_domino_is_aligned_by_the_clock_with_a_stated_offset():
    begin = datetime(2024, 3, 1, 23, 57, 50)  # noqa: DTZ001
    found = read_annotations(FILES / "domino_stages.txt", recording_start=begin)
    assert found.events[0].onset == 10.0
    assert (
        "annotations aligned by clock: they start +10.000 s after the recording" in found.notes
    )


def test_nsrr_carries_a_time_of_day_only_and_says_so():
    begin = datetime(2021, 7, 5, 22, 9, 30)  # noqa: DTZ001
    found = read_annotations(FILES / "nsrr.xml", recording_start=begin)
    assert found.events[0].onset == 30.0
    assert any("time of day" in note and "+30.000 s" in note for note in found.notes)


def test_files_of_two_nights_are_refused():
    other = datetime(2024, 3, 9, 22, 0)  # noqa: DTZ001
    with pytest.raises(RecordingError, match="not the same night"):
        read_annotations(FILES / "domino_stages.txt", recording_start=other)


def test_without_a_clock_nothing_is_moved():
    found = read_annotations(FILES / "profusion.xml", recording_start=START)
    assert found.events[0].onset == 0.0
    assert align(Annotations((), "x"), START).start is None


EVENTS = (
    Event(0.0, 30.0, "sleep_W"),
    Event(30.0, 30.0, "unscored"),
    Event(41.5, 1.5, "LM", "left", "EMG L TA"),
    Event(61.25, 2.0, "PLM", "right"),
    Event(62.0, 5.0, "arousal"),
    Event(90.0, 60.0, "sleep_N3"),
    Event(100.125, 45.5, "possible_cramp", "both"),
)


def plain(events):
    return [(e.onset, e.duration, e.trial_type, e.side, e.channel) for e in events]


@pytest.mark.parametrize("suffix", [".edf", ".annot", ".tsv"])
def test_what_is_written_is_read_back(tmp_path, suffix):
    path = tmp_path / f"marks{suffix}"
    write = {".edf": write_edf_annotations, ".annot": write_luna_annot, ".tsv": write_events}
    write[suffix](path, EVENTS[::-1])
    assert plain(read_annotations(path).events) == plain(EVENTS)


def test_edf_annotations_keep_the_clock_with_its_fraction(tmp_path):
    start = datetime(2024, 3, 1, 22, 0, 0, 250000)  # noqa: DTZ001
    write_edf_annotations(tmp_path / "m.edf", EVENTS, start)
    found = read_edf_annotations(tmp_path / "m.edf")
    assert found.start == start
    assert plain(found.events) == plain(EVENTS)


def test_edf_annotations_of_many_records_are_read_by_other_programs(tmp_path):
    events = [Event(30.0 * i, 30.0, "sleep_N2") for i in range(4000)]
    write_edf_annotations(tmp_path / "m.edf", events)
    found = mne.read_annotations(tmp_path / "m.edf")
    assert len(found) == 4000
    assert set(found.description) == {"Sleep stage N2"}
    assert found.onset[-1] == 30.0 * 3999


def test_edf_refuses_a_year_that_does_not_fit(tmp_path):
    with pytest.raises(RecordingError, match="1985-2084"):
        write_edf_annotations(tmp_path / "m.edf", EVENTS, datetime(1970, 1, 1))  # noqa: DTZ001
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("names", "stages"),
    [
        (["W", "N1", "N2", "N3", "R"], "W N1 N2 N3 R"),
        (["Sleep stage W", "Sleep stage 1", "Sleep stage 2", "Sleep stage 4"], "W N1 N2 N3"),
        (["sleep_W", "sleep_N1", "sleep_R", "Sleep stage R"], "W N1 R R"),
        (["wake", "NREM1", "NREM 2", "nrem3", "REM"], "W N1 N2 N3 R"),
        (["WAKE", "N1", "ART", "UNS", "REM"], "W N1 - - R"),
        (["0", "1", "2", "3", "4", "5"], "W N1 N2 N3 N3 R"),
        (["0", "1", "2", "3", "4", "-1", "-2"], "W N1 N2 N3 R - -"),
        (["0.0", "1.0", "5.0", "-1.0"], "W N1 R -"),
        (["S0", "S1", "S2", "S3", "S4", "MT"], "W N1 N2 N3 N3 -"),
        (["Stage 1 sleep", "REM sleep", "Wake", "Unscored"], "N1 R W -"),
        (["?", "n/a", "", "Movement time", "U"], "- - - - -"),
    ],
)
def test_the_fields_spellings_of_stages_are_known(names, stages):
    found, _ = stage_names(names)
    assert [stage or "-" for stage in found] == stages.split()


def test_a_number_4_without_a_5_is_rem_and_told():
    _, notes = stage_names(["0", "4"])
    assert "read as REM" in notes[0]
    assert stage_names(["0", "4", "5"])[1] == []


def test_unknown_stages_are_unscored_and_named():
    hypnogram = hypnogram_from_epochs(["N2", "N7", "sleepy"])
    assert list(hypnogram.stage) == ["N2", "", ""]
    assert "'N7', 'sleepy'" in hypnogram.notes[0]


@pytest.mark.parametrize(
    ("text", "name", "side"),
    [
        ("LM", "LM", None),
        ("Leg Movement (L)", "LM", "left"),
        ("PLM (Right)", "PLM", "right"),
        ("Periodic limb movement - bilateral", "PLM", "both"),
        ("Arousal (ARO Limb)", "arousal", None),
        ("Respiratory effort related arousal|RERA", "rera", None),
        ("Central apnea|Central Apnea", "apnea_central", None),
        ("Obstructive Apnoea", "apnea_obstructive", None),
        ("Hypopnea", "hypopnea", None),
        ("Zentrale Apnoe", "apnea_central", None),
        ("Obstruktive Apnoe", "apnea_obstructive", None),
        ("Mixed Apnea", "apnea_mixed", None),
        ("Beinbewegung links", "LM", "left"),
        ("possible cramp left", "possible_cramp", "left"),
        ("Sleep stage 2", "sleep_N2", None),
        ("Lights Off", "lights_off", None),
        ("coffee", None, None),
    ],
)
def test_the_fields_names_of_events_are_known(text, name, side):
    assert event_name(text) == name
    assert side_of(text) == side


def written(tmp_path, text, name="h.txt"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "W\nN2\nR\n",
        "stage\nW\nN2\nR\n",
        "0\n2\n5\n",
        "epoch\tstage\n1\tW\n2\tN2\n3\tR\n",
        "onset\tduration\ttrial_type\n0\t30\tW\n30\t30\tN2\n60\t30\tR\n",
        "onset\tduration\ttrial_type\n60\t30\tsleep_R\n0\t30\tsleep_W\n30\t30\tsleep_N2\n",
        "onset;duration;stage\n0;30;W\n30;30;2\n60;30;REM\n",
        "start,end,stage\n0,30,W\n30,60,N2\n60,90,R\n",
        "onset,stage\n0,W\n30,N2\n60,R\n",
        "0 30 W\n30 30 N2\n60 30 R\n",
        "# scored by hand\n\nW\nN2\nR\n",
        "\ufeffW\r\nN2\r\nR\r\n",
    ],
)
def test_hypnograms_are_read_liberally(tmp_path, text):
    found = read_hypnogram(written(tmp_path, text))
    assert stretches(found) == [(0.0, 30.0, "W"), (30.0, 30.0, "N2"), (60.0, 30.0, "R")]


def test_one_stage_on_each_line_takes_the_stated_epoch(tmp_path):
    path = written(tmp_path, "W\nN2\nN2\n")
    assert read_hypnogram(path, epoch_s=20).sleep_s == 40
    assert read_hypnogram(path, epoch_s=20).notes == ()
    assert any("30 s were assumed" in note for note in read_hypnogram(path).notes)


def test_onsets_by_the_clock_need_the_recordings_start(tmp_path):
    path = written(tmp_path, "onset,duration,stage\n23:59:30,30,W\n00:00:00,30,N2\n")
    with pytest.raises(RecordingError, match="start of the recording"):
        read_hypnogram(path)
    begin = datetime(2024, 3, 1, 23, 59)  # noqa: DTZ001
    assert list(read_hypnogram(path, recording_start=begin).onset) == [30.0, 60.0]


def test_overlapping_epochs_are_cut_and_told():
    found = hypnogram_from_rows([0, 20, 60], [30, 30, 30], ["W", "N2", "N2"])
    assert list(found.duration) == [20, 30, 30]
    assert "overlap" in found.notes[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("onset\tduration\ttrial_type\n0\t30\tLM\n", "no sleep stage"),
        ("onset\tduration\tstage\n0\tn/a\tW\n", "above 0 seconds"),
        ("onset\tduration\tstage\n0\t-30\tW\n", "above 0 seconds"),
        ("onset\tduration\tstage\nabc\t30\tW\n", "no time"),
        ("onset\tduration\tstage\n1e300\t30\tW\n", "no time"),
        ("foo\tbar\n1\t2\n", "columns"),
        ("", "no sleep stage"),
    ],
)
def test_a_hypnogram_that_is_none_is_refused_in_one_line(tmp_path, text, words):
    with pytest.raises(RecordingError, match=words) as caught:
        read_hypnogram(written(tmp_path, text))
    assert "\n" not in str(caught.value)


BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>
<PSGAnnotation><ScoredEvents>&lol2;</ScoredEvents></PSGAnnotation>"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "declares a document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><PSGAnnotation/>', "declares"),
        ("<PSGAnnotation><ScoredEvents>", "damaged XML"),
        ("<other/>", "its root is <other>"),
        ("<PSGAnnotation>" + "<a>" * 100, "nested too deeply"),
        ('<?xml version="1.0" encoding="no-such"?><PSGAnnotation/>', "damaged XML"),
    ],
)
def test_xml_that_is_no_scoring_is_refused(tmp_path, text, words):
    with pytest.raises(RecordingError, match=words):
        read_annotations(written(tmp_path, text, "x.xml"))


SUFFIXES = st.sampled_from([".txt", ".tsv", ".csv", ".xml", ".annot", ".eannot", ".edf"])
SCRAPS = st.lists(
    st.sampled_from(
        [
            *("onset", "\t", ",", ";", "\n", "duration", "stage", "trial_type", "0", "30", "W"),
            *("Signal ID: x\n", "Start Time: 01.03.2024 23:58:00\n", "Signal Type: Discret\n"),
            *(
                "Signal Type: Impuls\n",
                "Rate: 30 s\n",
                "23:58:00,000; N2\n",
                "class",
                "...",
                "+3",
            ),
            *("e:", "9" * 5000, "²", "<PSGAnnotation>", "<ScoredEvent>", "</ScoredEvent>", '"'),
            *(
                "23:58:41,500-23:58:43,000; 2;LM\n",
                "nan",
                "-",
                "1e400",
                "1_0",
                "0+01:00:00",
                "|",
            ),
        ]
    ),
    max_size=25,
).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(SCRAPS, st.text(max_size=60), st.binary(max_size=80)), SUFFIXES)
@example('"\x00', ".tsv")
def test_any_bytes_are_read_or_refused(tmp_path, content, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(
        content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    )
    for start in (None, START):
        for read in (read_annotations, read_hypnogram):
            with suppress(RecordingError):
                read(path, recording_start=start)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1200), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 61_000),
)
def test_a_damaged_edf_file_is_read_or_refused(tmp_path, changes, length):
    path = tmp_path / "marks.edf"
    write_edf_annotations(path, EVENTS, START)
    damaged = bytearray(path.read_bytes()[: max(length, 1)])
    for place, value in changes:
        damaged[place % len(damaged)] = value
    path.write_bytes(damaged)
    with suppress(RecordingError):
        read_annotations(path)
