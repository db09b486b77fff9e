"""The guided calibration, from the words that a sleeper hears to the score of the night."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from terminal import Terminal

from crampwatch.app.record.calibration.steps import Band, steps_for
from crampwatch.app.record.session import record_night
from crampwatch.app.record.sources import resolve
from crampwatch.detection import score_night
from crampwatch.recording.annotations.calibration import calibration_of, is_calibration
from crampwatch.recording.clock import TapMatch, find_taps, match_taps
from crampwatch.recording.journal.night import night_of
from crampwatch.recording.journal.reader import JournalReader

LEFT = "left-calf=sim:myo?scenario=cramp&hours=0.4&latency=5ms"
RIGHT = "right-calf=sim:myo?scenario=cramp&hours=0.4&latency=80ms&leg=right"
APART_S = 0.075


class Lines:
    """A view that keeps what it was told, and may act on a line."""

    def __init__(self, when: str = "", act=lambda: None) -> None:
        self.lines: list[str] = []
        self.guides: set[str] = set()
        self._when, self._act = when, act

    def say(self, text: str) -> None:
        self.lines.append(text)
        if self._when and text.startswith(self._when):
            self._act()

    def checked(self, check) -> None:
        pass

    def show(self, status) -> None:
        self.guides.add(status.guide)

    def close(self) -> None:
        pass

    def __contains__(self, words: str) -> bool:
        return any(words in line for line in self.lines)


def recorded(
    folder: Path, *devices: str, view: Lines | None = None, seconds: int = 150
) -> Lines:
    view = view or Lines()
    said = {"for": f"{seconds}s", "speed": 40, "keep_awake": False, "calibrate": True}
    record_night(resolve(said, devices, None, {}), folder, view)
    return view


def notes(folder: Path, *kinds: str):
    with closing(JournalReader(folder / "night.mcap")) as reader:
        return [note.data for note in reader.notes(kinds)]


@pytest.fixture(scope="module")
def two_legs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lines]:
    folder = tmp_path_factory.mktemp("calibrated") / "night"
    return folder, recorded(folder, LEFT, RIGHT)


def test_every_part_is_said_and_what_was_felt_is_told(two_legs) -> None:
    _, view = two_legs
    for words in (
        "a forceful push can provoke a cramp",
        "Lie as you sleep",
        "  quiet",
        "Left leg: when told, press lightly",
        "Right leg: when told, lift the toes",
        "  felt by left-calf",
        "  felt by right-calf",
        "Tap the band left-calf",
        "Knock the heels together",
        "it is set right",
        "That was all.",
    ):
        assert words in view, words


def test_parts_are_notes_of_the_journal(two_legs) -> None:
    folder, _ = two_legs
    told = notes(folder, "calibration")
    assert [each["phase"] for each in told] == [
        "whole", "rest", *["reference"] * 4, *["tap"] * 3, "whole",
    ]  # fmt: skip
    begun, done = told[0], told[-1]
    assert begun["start_s"] == done["start_s"]
    assert begun["planned"]
    assert done["outcome"] == "done"
    assert done["end_s"] <= begun["end_s"]
    acts = [(each["act"], each["side"]) for each in told if each["phase"] == "reference"]
    assert acts == [("press", "left"), ("lift", "left"), ("press", "right"), ("lift", "right")]


def test_taps_tell_the_offset_between_two_sensors(two_legs) -> None:
    folder, _ = two_legs
    (tap,) = notes(folder, "tap")
    assert (tap["first"], tap["second"]) == ("left-calf", "right-calf")
    assert tap["offset_s"] == pytest.approx(APART_S, abs=0.01)
    assert abs(tap["offset_s"] - APART_S) < 3 * tap["error_s"]


def test_the_offset_is_taken_out_when_the_night_is_read(two_legs) -> None:
    folder, _ = two_legs
    night = night_of(folder)
    calibration = calibration_of(night.events)
    felt = []
    for stream in night.of_kind("acc"):
        times, values = [], []
        for number, segment in enumerate(stream.segments):
            times.append(segment.start_s + np.arange(len(segment)) / stream.rate_hz)
            values.append(stream.physical(number, 0, len(segment)))
        at_s, acc = np.concatenate(times), np.concatenate(values)
        knocks = (at_s > calibration.end_s - 11.0) & (at_s < calibration.end_s)
        felt.append(find_taps(at_s[knocks], acc[knocks]))
    found = match_taps(*felt)
    assert isinstance(found, TapMatch)
    assert abs(found.offset_s) < 0.012


def test_nothing_in_it_is_scored(two_legs) -> None:
    folder, _ = two_legs
    night = night_of(folder)
    calibration = calibration_of(night.events)
    assert 60.0 < calibration.length_s < 90.0
    score = score_night(night)
    inside = [
        (event.trial_type, event.extra["cause"])
        for event in score.events
        if calibration.share(event.onset, event.end) > 0 and event.trial_type != "unscorable"
    ]
    assert inside == [("artifact", "calibration")]
    used = [c for c in score.channels if c.status == "ok" and c.rule is not None]
    # the EMG of this band is coarse: in a minute of rest it may not leave its zero
    assert {channel.label for channel in used} >= {"ACC L calf", "ACC R calf"}
    for channel in used:
        assert channel.valid_s == pytest.approx(
            channel.recorded_s - calibration.length_s, abs=1.5
        )


def test_without_it_the_contraction_would_have_been_scored(two_legs) -> None:
    from dataclasses import replace

    folder, _ = two_legs
    night = night_of(folder)
    bare = replace(night, events=tuple(e for e in night.events if not is_calibration(e)))
    assert {event.trial_type for event in score_night(bare).events} & {"LM", "large_movement"}


@pytest.mark.system
def test_bands_with_exchanged_names_are_said_and_changed_by_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    view = recorded(folder, f"{LEFT}&sleeper=exchanged", f"{RIGHT}&sleeper=exchanged")
    assert "felt by right-calf, not by left-calf: their names seem to be exchanged" in view
    assert "are the bands on the legs that their names say?" in view
    night = night_of(folder)
    assert any("their names may be exchanged" in note for note in night.notes)
    sides = {stream.sensor: stream.side for stream in night.streams}
    assert sides == {"left-calf": "left", "right-calf": "right"}
    assert notes(folder, "tap")


@pytest.mark.system
def test_a_sleeper_who_does_nothing_costs_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    view = recorded(folder, f"{LEFT}&sleeper=idle", f"{RIGHT}&sleeper=idle")
    assert "hardly felt" in view
    assert "no band felt it; it is left out" in view
    assert "their offset stays unknown" in view
    assert not notes(folder, "tap")
    assert any("offset unknown" in note for note in night_of(folder).notes)


def test_ctrl_c_once_skips_it_and_the_night_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    view = Lines("Left leg", lambda: os.kill(os.getpid(), signal.SIGINT))
    recorded(folder, LEFT, view=view, seconds=90)
    assert "Calibration skipped; the night goes on." in view
    assert "Ending: its time was over." in view
    whole = notes(folder, "calibration")[-1]
    assert (whole["phase"], whole["outcome"]) == ("whole", "skipped")
    assert whole["end_s"] - whole["start_s"] < 30.0
    assert night_of(folder).duration_s > 80.0


def test_ctrl_c_twice_ends_the_night(tmp_path: Path) -> None:
    folder = tmp_path / "night"

    def press() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    view = Lines("Calibration skipped", press)
    first = view.say

    def say(text: str) -> None:
        first(text)
        if text.startswith("Lie as you sleep"):
            press()

    view.say = say  # type: ignore[method-assign]
    recorded(folder, LEFT, view=view)
    assert "Ending: stopped by hand." in view


def test_a_night_that_ends_before_it_keeps_what_was_done(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    view = recorded(folder, LEFT, seconds=30)
    assert "skipped" not in view
    phases = [each["phase"] for each in notes(folder, "calibration")]
    assert (phases[:2], phases[-1]) == (["whole", "rest"], "whole")
    assert "tap" not in phases
    night = night_of(folder)
    assert calibration_of(night.events).end_s < night.duration_s + 5.0


def test_a_sensor_without_a_muscle_or_a_tap_is_asked_for_neither(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    view = recorded(folder, "left-calf=sim:chords-ble?scenario=rest&hours=0.2", seconds=80)
    assert "That was all." in view
    assert "Tap the band" not in view
    assert {each["phase"] for each in notes(folder, "calibration")} == {
        "whole", "rest", "reference",
    }  # fmt: skip


def test_a_night_is_calibrated_only_where_somebody_asked(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    said = {"for": "20s", "speed": 40, "keep_awake": False}
    view = Lines()
    record_night(resolve(said, (LEFT,), None, {}), folder, view)
    assert "Calibration" not in view
    assert not notes(folder, "calibration")


def test_it_takes_about_a_minute_and_never_asks_for_all_strength() -> None:
    bands = [Band(f"{s}-calf", s, ("GM", "TA"), emg=True, acc=True) for s in ("left", "right")]
    steps = steps_for(bands)
    assert sum(step.longest_s for step in steps if step.phase != "tap") < 60.0
    words = " ".join(step.words for step in steps)
    assert "gently" in words
    assert "maxim" not in words
    assert "hard" not in words


@pytest.mark.parametrize(
    ("muscles", "acts"),
    [
        ((), ["press"]),
        (("GM",), ["press"]),
        (("TA",), ["lift"]),
        (("GM", "-", "TA"), ["press", "lift"]),
    ],
)
def test_a_leg_is_asked_for_what_its_muscles_do(muscles, acts) -> None:
    steps = steps_for([Band("left-calf", "left", muscles, emg=True, acc=False)])
    asked = [step for step in steps if step.phase == "reference"]
    assert [step.act for step in asked] == acts
    assert sum(step.holds for step in asked) == 2


def test_a_slow_accelerometer_feels_taps_and_times_none() -> None:
    slow = [Band(f"{side}-calf", side, (), emg=True, acc=True) for side in ("left", "right")]
    assert [step.common for step in steps_for(slow) if step.phase == "tap"] == [False, False]


@pytest.mark.system
def test_sensors_with_clocks_of_their_own_are_tapped_too(tmp_path: Path) -> None:
    """Acceleration goes by the clock of its sensor, as the stored night is read."""
    common = "scenario=cramp&hours=0.4&jitter=8ms"
    folder = tmp_path / "night"
    recorded(
        folder,
        f"left-calf=sim:open-sensor?{common}&drift=40ppm&latency=10ms",
        f"right-calf=sim:open-sensor?{common}&drift=-20ppm&latency=70ms&leg=right",
    )
    (tap,) = notes(folder, "tap")
    assert tap["offset_s"] == pytest.approx(0.06, abs=0.015)


def test_a_key_skips_it_and_the_terminal_counts_down(tmp_path: Path) -> None:
    with Terminal.recording(tmp_path / "night", "--calibrate", "--speed", "5") as run:
        run.until(b"lie still: ")
        run.until(b"skips the calibration")
        run.press(b"s")
        run.until(b"Calibration skipped; the night goes on.")
        run.press(b"\x03")
        run.until(b"recorded in")
    whole = notes(tmp_path / "night", "calibration")[-1]
    assert whole["outcome"] == "skipped"


@pytest.mark.system
def test_a_person_at_a_terminal_is_asked_without_asking_for_it(tmp_path: Path) -> None:
    with Terminal(
        *("-m", "crampwatch", "record", "--device", "left-calf=sim:myo", "--no-score"),
        *("--out", str(tmp_path / "night")),
    ) as run:
        run.until(b"Lie as you sleep")
        run.press(b"\x03")
        run.until(b"Calibration skipped")
        run.press(b"\x03")
        run.until(b"recorded in")
    assert "calibrate = true" in (tmp_path / "night" / "night.toml").read_text()
