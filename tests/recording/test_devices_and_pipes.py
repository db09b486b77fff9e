"""What is no file must not be waited for."""

import os
from pathlib import Path

import pytest

from crampwatch.recording import RecordingError, open_recording


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "night.edf"
    os.mkfifo(pipe)
    with pytest.raises(RecordingError, match="a pipe or a device"):
        open_recording(pipe)
