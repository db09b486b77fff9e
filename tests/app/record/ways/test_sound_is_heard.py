"""A real sound server on this computer, and what its ears heard."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from alerting import alert

from crampwatch.app.record.alerts.alert import Level
from crampwatch.app.record.alerts.ways import sound as module
from crampwatch.app.record.alerts.ways.sound import Sound
from crampwatch.app.record.alerts.ways.tone import HIGH_HZ, LOUDNESS, LOW_HZ, RATE_HZ
from crampwatch.recording.errors import CrampwatchError

pytestmark = pytest.mark.system
PATIENCE_S = 30.0


@pytest.fixture
def server(monkeypatch):
    """Start PulseAudio with a sink that nobody but a test hears."""
    program = shutil.which("pulseaudio")
    if program is None:
        pytest.fail("needs sudo apt-get install pulseaudio pulseaudio-utils")
    # the path of a socket must be short
    with tempfile.TemporaryDirectory() as folder:
        for name in ("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH"):
            monkeypatch.setenv(name, folder)
        monkeypatch.setenv("PULSE_SERVER", f"unix:{folder}/socket")
        process = subprocess.Popen(
            [program, "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
             "-L", "module-null-sink sink_name=ears", "-L",
             f"module-native-protocol-unix socket={folder}/socket auth-anonymous=1"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + PATIENCE_S
        while not Path(folder, "socket").exists() and time.monotonic() < until:
            assert process.poll() is None, "pulseaudio ended"
        monkeypatch.setattr(module, "PLAYERS", (("paplay",),))
        yield process
        process.kill()
        process.wait()


def test_an_alert_is_heard(server, tmp_path) -> None:
    heard = tmp_path / "heard.raw"
    ears = subprocess.Popen(
        ["parec", "-d", "ears.monitor", f"--rate={RATE_HZ}", "--channels=1",
         "--format=s16le", "--latency-msec=50", str(heard)]
    )  # fmt: skip
    until = time.monotonic() + PATIENCE_S
    while not (heard.exists() and heard.stat().st_size) and time.monotonic() < until:
        assert ears.poll() is None
    sound = Sound()
    sound.open()
    sound.tell(alert(level=Level.WARNING))
    sound.close()
    ears.terminate()
    ears.wait()
    samples = np.fromfile(heard, "<i2") / 32768.0
    power = np.abs(np.fft.rfft(samples))
    found_hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    for tone_hz in (LOW_HZ, HIGH_HZ):
        near = np.abs(found_hz - tone_hz) < 60
        assert found_hz[near][np.argmax(power[near])] == pytest.approx(tone_hz, abs=3)
    assert np.abs(samples).max() == pytest.approx(LOUDNESS[Level.WARNING], abs=0.05)


def test_a_sound_server_that_has_died_is_one_line(server) -> None:
    sound = Sound()
    sound.open()
    server.kill()
    server.wait()
    with pytest.raises(CrampwatchError, match=r"no sound: paplay: .*refused"):
        sound.tell(alert())
    sound.close()
