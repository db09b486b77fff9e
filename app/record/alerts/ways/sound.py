"""A sound through whatever player the computer has."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import wave
from contextlib import suppress
from pathlib import Path

from .....recording.errors import CrampwatchError
from ..alert import Alert, Level, NightStatus
from .tone import write_tone

PLAYERS: tuple[tuple[str, ...], ...] = (
    ("pw-play",), ("paplay",), ("aplay", "-q"), ("afplay",),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
)  # fmt: skip
"""Those of PipeWire, PulseAudio, ALSA and macOS, and one that many have besides."""

LONGEST_S = 8.0
"""What plays longer is cut off: the next alert waits behind it."""


class Sound:
    """Plays a tone, or a WAV file.

    Parameters
    ----------
    file
        What to play; None for a tone that is longer and louder the more it matters.
    """

    name = "sound"

    def __init__(self, file: Path | None = None) -> None:
        self._file = None if file is None else file.expanduser()
        self._players: list[tuple[str, ...]] = []
        self._tones: tempfile.TemporaryDirectory[str] | None = None

    def open(self) -> None:
        """See `Way.open`."""
        if sys.platform != "win32":
            self._players = [each for each in PLAYERS if shutil.which(each[0])]
            if not self._players:
                raise CrampwatchError(
                    f"there is no player, none of {', '.join(each[0] for each in PLAYERS)};"
                    " install one, as the package pipewire-bin, pulseaudio-utils or alsa-utils"
                )
        if self._file is not None:
            _refuse_unless_wav(self._file)
            return
        try:
            self._tones = tempfile.TemporaryDirectory(prefix="crampwatch-")
            for level in Level:
                write_tone(self._tone(level), level)
        except OSError as error:
            raise CrampwatchError(
                f"the tone cannot be written: {error.strerror or error}"
            ) from error

    def tell(self, alert: Alert) -> None:
        """See `Way.tell`."""
        file = self._file or self._tone(alert.level)
        if sys.platform == "win32":
            _play_on_windows(file)
            return
        said = ""
        for player in tuple(self._players):
            trouble = _play([*player, str(file)])
            if trouble is None:
                # the one that works is asked first from now on
                self._players.remove(player)
                self._players.insert(0, player)
                return
            said = said or f"{player[0]}: {trouble}"
        raise CrampwatchError(f"no sound: {said or 'it was not opened'}")

    def status(self, night: NightStatus) -> None:
        """See `Way.status`."""

    def close(self) -> None:
        """See `Way.close`."""
        tones, self._tones = self._tones, None
        if tones is not None:
            with suppress(OSError):
                tones.cleanup()

    def _tone(self, level: Level) -> Path:
        if self._tones is None:
            raise CrampwatchError("no sound: it was not opened")
        return Path(self._tones.name) / f"{level.value}.wav"


def _refuse_unless_wav(file: Path) -> None:
    try:
        with wave.open(str(file), "rb") as opened:
            opened.getparams()
    except OSError as error:
        raise CrampwatchError(f"cannot read {file}: {error.strerror or error}") from error
    except (wave.Error, EOFError) as error:
        raise CrampwatchError(
            f"{file} is no WAV file ({error}); turn it into one, or say sound = true for a tone"
        ) from error


def _play(command: list[str]) -> str | None:
    """Return None where it played (or was still playing), else what the player said."""
    try:
        done = subprocess.run(  # noqa: S603 - players named above, found on the PATH
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    except OSError as error:
        return str(error.strerror or error)
    if done.returncode == 0:
        return None
    words = " ".join(done.stderr.decode("utf-8", "replace").split())[:120]
    return words or f"it ended with {done.returncode}"


def _play_on_windows(file: Path) -> None:
    if sys.platform == "win32":
        import winsound

        try:
            winsound.PlaySound(str(file), winsound.SND_FILENAME | winsound.SND_NODEFAULT)
        except RuntimeError as error:
            raise CrampwatchError(f"no sound: {error}") from error
