"""Outputs appear whole or not at all."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from crampwatch.recording import RecordingError
from crampwatch.recording.writers.beside import write_beside, write_folder, write_text_beside


def test_file_is_replaced_only_when_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail():
        with write_beside(path) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_text() == "old"
    write_text_beside(path, "new")
    assert path.read_text() == "new"
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]


def test_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    def fail():
        with write_beside(tmp_path / "a.txt") as file:
            file.write(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(RecordingError, match=r"a\.txt: No space left on device") as error:
        fail()
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_never_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(RecordingError, match="it is a device"), write_beside(pipe):
        pass
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("name", ["missing/a.txt", "."])
def test_place_that_cannot_be_written(tmp_path, name):
    with pytest.raises(RecordingError, match="cannot write"), write_beside(tmp_path / name):
        pass


def test_symlink_is_followed(tmp_path):
    real = tmp_path / "real.txt"
    real.write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to(real)
    write_text_beside(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_new_folder_appears_whole(tmp_path):
    target = tmp_path / "deep" / "out"
    with write_folder(target) as part:
        (part / "sub").mkdir()
        (part / "sub" / "a.txt").write_text("a")
        assert not target.exists()
    assert (target / "sub" / "a.txt").read_text() == "a"
    assert [each.name for each in target.parent.iterdir()] == ["out"]


def test_failed_folder_leaves_no_trace(tmp_path):
    def fail():
        with write_folder(tmp_path / "deep" / "out") as part:
            (part / "a.txt").write_text("a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_existing_folder_keeps_its_other_files(tmp_path):
    (tmp_path / "keep.txt").write_text("keep")
    (tmp_path / "a.txt").write_text("old")
    with write_folder(tmp_path) as part:
        (part / "a.txt").write_text("new")
        assert (tmp_path / "a.txt").read_text() == "old"
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {
        "keep.txt": "keep",
        "a.txt": "new",
    }


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(RecordingError, match="it is a file"), write_folder(tmp_path / "out"):
        pass
    with (
        pytest.raises(RecordingError, match="cannot write"),
        write_folder(tmp_path / "out" / "sub"),
    ):
        pass
