"""markers.tsv: appended to by several at once, also while things go wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.recording import RecordingError
from crampwatch.recording.annotations.markers import (
    COLUMNS,
    FILE,
    Mark,
    append_mark,
    one_line,
    read_marks,
)
from crampwatch.recording.annotations.vocabulary import KINDS, MUSCLES, SIDES

POSIX = os.name == "posix"
AT = datetime(2026, 2, 1, 3, 10, tzinfo=timezone(timedelta(hours=1)))
CRAMP = Mark(
    AT, 600.0, 600.0, "cramp", "left", ("calf", "foot"), 7, "note", AT, "cramp, pain 7"
)


def test_marks_read_back_as_they_were_made(tmp_path):
    marks = (
        CRAMP,
        Mark(AT, kind="press", source="button:left-calf"),
        Mark(AT, 0.0, 0.0, "note"),
    )
    for mark in marks:
        append_mark(tmp_path, mark)
    assert read_marks(tmp_path).marks == marks
    assert read_marks(tmp_path).notes == ()
    lines = (tmp_path / FILE).read_text("utf-8").splitlines()
    assert lines[0].split("\t") == list(COLUMNS)
    assert lines[1].split("\t")[3:7] == ["cramp", "left", "calf,foot", "7"]


MARKS = st.builds(
    Mark,
    st.datetimes(timezones=st.just(UTC)),
    st.floats(0, 86_400).map(lambda x: float(f"{x:g}")),
    st.floats(0, 86_400).map(lambda x: float(f"{x:g}")),
    st.sampled_from(sorted(KINDS)),
    st.sampled_from([None, *SIDES]),
    st.lists(st.sampled_from(sorted(MUSCLES)), unique=True, max_size=3).map(tuple),
    st.none() | st.integers(0, 10),
    st.sampled_from(["note", "key", "button:left"]),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.text(max_size=80).map(one_line).filter(lambda text: text != "n/a"),
)


@given(mark=MARKS)
def test_any_mark_survives_the_file(tmp_path_factory, mark):
    folder = tmp_path_factory.mktemp("night")
    append_mark(folder, mark)
    assert read_marks(folder).marks == (mark,)


def test_several_programs_append_at_once_and_every_line_is_whole(tmp_path):
    code = (
        "import sys\nfrom datetime import UTC, datetime\n"
        "from crampwatch.recording.annotations.markers import Mark, append_mark\n"
        "for n in range(25):\n"
        "    append_mark(sys.argv[1], Mark(datetime.now(UTC), text=f'{sys.argv[2]} {n} '*20))\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(who)])
        for who in range(4)
    ]
    assert [each.wait() for each in running] == [0] * 4
    found = read_marks(tmp_path)
    assert found.notes == ()
    assert len(found.marks) == 100
    for who in range(4):
        own = [mark.text for mark in found.marks if mark.text.startswith(f"{who} ")]
        assert [int(text.split()[1]) for text in own] == list(range(25))


def test_a_line_that_lost_its_end_costs_that_line_only(tmp_path):
    append_mark(tmp_path, CRAMP)
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes() + b"2026-02-01T03:1")
    append_mark(tmp_path, CRAMP)
    found = read_marks(tmp_path)
    assert found.marks == (CRAMP, CRAMP)
    assert found.notes == ("markers.tsv: line 3 cannot be read as a mark",)


def test_an_editor_may_leave_out_the_last_line_end(tmp_path):
    append_mark(tmp_path, CRAMP)
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes().rstrip(b"\n"))
    append_mark(tmp_path, CRAMP)
    assert read_marks(tmp_path).marks == (CRAMP, CRAMP)


if POSIX:

    def test_a_program_killed_with_the_lock_in_its_hand_blocks_nobody(tmp_path):
        append_mark(tmp_path, CRAMP)
        code = (
            "import fcntl, os, sys, time\n"
            "file = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)\n"
            "fcntl.flock(file, fcntl.LOCK_EX)\n"
            "os.write(file, b'2026-02-01T0')\nprint('held', flush=True)\ntime.sleep(600)\n"
        )
        holder = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / FILE)],
            stdout=subprocess.PIPE,
            text=True,
        )
        with holder:
            assert holder.stdout.readline() == "held\n"
            holder.kill()
        append_mark(tmp_path, CRAMP)
        assert read_marks(tmp_path).marks == (CRAMP, CRAMP)

    def test_a_mark_that_does_not_fit_the_disk_leaves_no_half(tmp_path):
        append_mark(tmp_path, CRAMP)
        before = (tmp_path / FILE).read_bytes()
        code = (
            "import resource, sys\nfrom datetime import UTC, datetime\n"
            "from crampwatch.recording.annotations.markers import Mark, append_mark\n"
            "from crampwatch.recording.errors import RecordingError\n"
            "limit = int(sys.argv[2])\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
            "try:\n    append_mark(sys.argv[1], Mark(datetime.now(UTC), text='x' * 400))\n"
            "except RecordingError as error:\n    print(error)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path), str(len(before) + 20)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "cannot write" in done.stdout
        assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize(
    "mark",
    [
        Mark(None),
        Mark(datetime(2026, 2, 1)),  # noqa: DTZ001
        Mark(AT, kind="pain"),
        Mark(AT, side="up"),
        Mark(AT, muscles=("brain",)),
    ],
)
def test_only_words_of_the_vocabulary_are_written(tmp_path, mark):
    with pytest.raises(RecordingError):
        append_mark(tmp_path, mark)
    assert not (tmp_path / FILE).exists()


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(RecordingError, match="cannot write"):
        append_mark(tmp_path / "nowhere", CRAMP)
    assert read_marks(tmp_path / "nowhere").marks == ()


def test_what_is_no_file_is_told(tmp_path):
    (tmp_path / FILE).mkdir()
    for act in (lambda: append_mark(tmp_path, CRAMP), lambda: read_marks(tmp_path)):
        with pytest.raises(RecordingError, match="not a file"):
            act()


@pytest.mark.parametrize(
    "cells",
    [
        "2026-02-01T03:10\t1\t1\tcramp",
        "yesterday\t1\t1\tcramp",
        "2026-02-01T03:10+01:00\t-1\t1\tcramp",
        "2026-02-01T03:10+01:00\tnan\t1\tcramp",
        "2026-02-01T03:10+01:00\t1\t1e9\tcramp",
        "2026-02-01T03:10+01:00\t1\t1\tdance",
        "2026-02-01T03:10+01:00\t1\t1\tcramp\tup",
        "2026-02-01T03:10+01:00\t1\t1\tcramp\tleft\tbrain",
        "2026-02-01T03:10+01:00\t1\t1\tcramp\tleft\tcalf\t11",
    ],
)
def test_a_line_by_hand_that_makes_no_sense_is_told(tmp_path, cells):
    (tmp_path / FILE).write_text("\t".join(COLUMNS) + f"\n{cells}\n")
    found = read_marks(tmp_path)
    assert found.marks == ()
    assert "line 2" in found.notes[0]


def test_columns_may_stand_in_any_order_and_be_missing(tmp_path):
    (tmp_path / FILE).write_text("kind\tat\ncramp\t2026-02-01T03:10:00+01:00\n")
    (mark,) = read_marks(tmp_path).marks
    assert (mark.at, mark.kind, mark.source) == (AT, "cramp", "note")


@given(st.binary(max_size=300))
def test_any_bytes_are_marks_or_notes(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("night")
    (folder / FILE).write_bytes(data)
    read_marks(folder)
    (folder / FILE).write_bytes("\t".join(COLUMNS).encode() + b"\n" + data)
    read_marks(folder)


def test_a_huge_file_is_read_in_bounds(tmp_path):
    line = b"2026-02-01T03:10:00+01:00\t1\t1\tcramp\n"
    (tmp_path / FILE).write_bytes("\t".join(COLUMNS).encode() + b"\n" + line * 200_000)
    found = read_marks(tmp_path)
    assert len(found.marks) == 10_000
    assert len(found.notes) == 2
