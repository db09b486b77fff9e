"""``crampwatch label`` without a browser: labels in and out, and refusals in one line."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from typer.testing import CliRunner

from crampwatch.app.cli.program import app
from crampwatch.app.label.acts import Acts
from crampwatch.app.label.bands import (
    PROPOSED,
    SLEEPER,
    YOURS,
    Lanes,
    band_columns,
    hit,
    in_sight,
    pattern_of,
)
from crampwatch.app.label.cache import Views
from crampwatch.app.label.desk import Chosen, Desk
from crampwatch.app.label.exchange import labels_in, labels_out
from crampwatch.app.label.keys import COMMANDS, TYPE_KEYS, command_of
from crampwatch.app.label.labels import TYPES, Edit, Label, Labels, Step
from crampwatch.app.label.log import LabelLog, read_log
from crampwatch.app.label.others import Others, agreement
from crampwatch.app.label.proposals import own_proposals, proposals_of
from crampwatch.app.label.pyramid import Pyramid
from crampwatch.app.label.signals import Plain
from crampwatch.app.label.sleeper_marks import marks_of
from crampwatch.app.label.tracks import Tracks, shown_streams
from crampwatch.app.label.window import SHORTEST_S, Window
from crampwatch.app.label.work import place_of, usual_annotator
from crampwatch.models.nights import read_nights
from crampwatch.recording.annotations.markers import Mark, append_mark
from crampwatch.recording.annotations.read import read_annotations
from crampwatch.recording.annotations.tsv import read_events, write_events
from crampwatch.recording.errors import RecordingError
from crampwatch.recording.model import Event
from crampwatch.sample_data import samples

NIGHT_S = 600.0


def run(*arguments):
    done = CliRunner().invoke(app, ["label", *map(str, arguments)])
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the folder of a simulated night, with the truth about it."""
    source = next(each.path for each in samples() if "simulated" in str(each.path))
    folder = tmp_path_factory.mktemp("nights") / "night"
    shutil.copytree(source if source.is_dir() else source.parent, folder)
    return folder


def test_labels_go_in_and_out_and_are_read_by_train(whole, tmp_path):
    truth = [e for e in read_events(whole / "events.tsv") if e.trial_type in TYPES]
    code, said = run(whole, "--annotator", "anna", "--import", whole / "events.tsv")
    assert code == 0, said
    assert f"{len(truth)} labels" in said
    code, said = run(whole, "--annotator", "anna", "--import", whole / "events.tsv")
    assert (code, "are labels already" in said) == (0, True)
    code, said = run(whole, "--annotator", "anna", "--export", whole)
    assert code == 0, said
    (night,) = read_nights(whole)
    assert list(night.second_opinions) == ["anna"]
    seen = [
        (e.onset, e.duration, e.trial_type, e.channel) for e in night.second_opinions["anna"]
    ]
    assert seen == [(e.onset, e.duration, e.trial_type, e.channel) for e in truth]
    # alone in a folder with its recording they are the truth
    bare = tmp_path / "bare"
    bare.mkdir()
    for file in whole.iterdir():
        if file.suffix in (".edf", ".bdf") or file.name == "events_anna.tsv":
            shutil.copy(file, bare / file.name)
    (night,) = read_nights(bare)
    assert night.annotator == "anna"
    assert len(night.truth) == len(truth)


def test_what_the_detector_wrote_beside_labels_teaches_nothing(whole, tmp_path):
    folder = tmp_path / "night"
    shutil.copytree(whole, folder)
    (folder / "simulation.json").unlink()
    (folder / "provenance.json").write_text('{"program": "crampwatch"}', "utf-8")
    write_events(folder / "events_anna.tsv", [Event(10.0, 20.0, "cramp")])
    (night,) = read_nights(folder)
    assert night.annotator == "anna"
    assert not night.second_opinions
    assert own_proposals(folder) == folder / "events.tsv"
    with pytest.raises(RecordingError, match="written by the detector"):
        labels_out(folder / "events.tsv", (), "anna", None)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--annotator", "a b"), "cannot be the name"),
        (("--annotator", "nobody", "--export", "out.tsv"), "has no labels of nobody"),
        (("--import", "missing.tsv"), "missing.tsv"),
        (("--proposals", "missing.tsv", "--no-browser"), "missing.tsv"),
    ],
)
def test_what_cannot_be_is_one_line(whole, tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    code, said = run(whole, *options)
    assert code == 1
    assert words in said
    assert "Traceback" not in said


def test_no_night_is_one_line(tmp_path):
    code, said = run(tmp_path)
    assert code == 1
    assert "no recording in this folder" in said


def test_who_labels_blind_names_no_proposals(whole):
    assert run(whole, "--blind", "--proposals", whole / "events.tsv")[0] == 2


def test_the_annotator_is_who_is_logged_in(monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "Anna Müller")
    assert usual_annotator() == "Anna-M-ller"
    monkeypatch.setattr("getpass.getuser", lambda: "夜")
    assert usual_annotator() == "me"


def test_labels_of_one_of_several_recordings_lie_beside_it(whole, tmp_path):
    recording = next(whole.glob("*.edf"))
    for name in ("one.edf", "two.edf"):
        shutil.copy(recording, tmp_path / name)
    assert place_of(tmp_path / "one.edf").logs.name == "one_labels"
    assert place_of(recording).logs == place_of(whole).logs == whole.resolve() / "labels"


def test_labels_become_edf_annotations_and_come_back(made, tmp_path):
    night = made.night([made.stream([(0.0, np.zeros(60_000))])])
    events = [
        Event(10.0, 20.0, "cramp", "left", "EMG L GM"),
        Event(50.0, 5.0, "LM", "right", "EMG R TA"),
    ]
    labels_out(tmp_path / "out.edf", events, "anna", night.start)
    edit, notes = labels_in(tmp_path / "out.edf", night, Labels())
    back = sorted(label.onset for label in edit.labels.values())
    assert back == [10.0, 50.0]
    assert {label.side for label in edit.labels.values()} == {"left", "right"}
    assert len(read_annotations(tmp_path / "out.edf").events) == 2
    assert all(isinstance(note, str) for note in notes)
    with pytest.raises(RecordingError, match="written as"):
        labels_out(tmp_path / "out.xml", events, "anna", None)


def test_marks_of_another_night_are_refused(made, tmp_path):
    night = made.night([made.stream([(0.0, np.zeros(6_000))])])
    write_events(tmp_path / "far.tsv", [Event(4000.0, 5.0, "cramp")])
    with pytest.raises(RecordingError, match="outside the night"):
        labels_in(tmp_path / "far.tsv", night, Labels())


def test_stages_and_markers_are_no_labels(made, tmp_path):
    night = made.night([made.stream([(0.0, np.zeros(60_000))])])
    rows = [Event(0.0, 30.0, "sleep_N2"), Event(3.0, 0.0, "marker"), Event(9.0, 3.0, "cramp")]
    write_events(tmp_path / "all.tsv", rows)
    edit, notes = labels_in(tmp_path / "all.tsv", night, Labels())
    assert [label.onset for label in edit.labels.values()] == [9.0]
    assert any("2 marks" in note for note in notes)


def test_agreement_is_counted_by_kind_and_leg():
    mine = [Event(10.0, 10.0, "cramp", "left"), Event(50.0, 5.0, "LM", "right")]
    theirs = [Event(12.0, 10.0, "possible_cramp", "left"), Event(50.0, 5.0, "LM", "left")]
    rows = {row.kind: row for row in agreement(mine, {"bert": theirs}, NIGHT_S)}
    assert rows["cramp-like"].n_both == 1
    assert rows["cramp"].n_both == 0
    # the other leg is another movement
    assert (rows["LM"].n_mine, rows["LM"].n_theirs, rows["LM"].n_both) == (1, 1, 0)
    assert agreement(mine, {}, NIGHT_S) == []


def test_others_are_read_again_when_they_have_done_something(tmp_path):
    step = Step("edit", Edit("mark", {"k": Label(1.0, 2.0, "cramp")}))
    others = Others(tmp_path, "anna")
    assert others.read() == {}
    with (
        LabelLog(tmp_path / "bert.jsonl", "bert") as log,
        LabelLog(tmp_path / "anna.jsonl", "anna"),
    ):
        assert others.read() == {"bert": ()}
        log.append(step)
        assert len(others.read()["bert"]) == 1
        assert others.read()["bert"] is others.read()["bert"]
    (tmp_path / "carl.jsonl").write_text("no log\n", "utf-8")
    assert set(others.read()) == {"bert"}
    assert "carl.jsonl" in others.notes[0]
    assert Others(None, "anna").read() == {}


def test_marks_of_the_sleeper_are_shown_with_their_uncertainty(made, tmp_path):
    night = made.night([made.stream([(0.0, np.zeros(60_000))])])
    night = replace(night, events=(Event(5.0, 1.0, "marker", extra={"text": "lights off"}),))
    at = datetime(2026, 1, 31, 22, 40, tzinfo=UTC)
    append_mark(tmp_path, Mark(at, 120.0, 60.0, "cramp", "left", text="ow"))
    (tmp_path / "diary.json").write_text("no diary", "utf-8")
    events, notes = marks_of(tmp_path, night)
    assert events[0].extra["text"] == "lights off"
    assert (events[1].onset, events[1].duration) == (480.0, 180.0)
    assert events[1].trial_type == "marker"
    assert any("diary.json" in note for note in notes)


def test_no_key_does_two_things():
    keys = [key for command in COMMANDS for key in command.keys] + list(TYPE_KEYS)
    assert len(keys) == len(set(keys))
    assert command_of("7") == "type:unscorable"
    assert command_of("x") is None


@pytest.fixture
def acts(made, tmp_path):
    streams = [
        made.stream([(0.0, np.zeros(60_000))], label=label)
        for label in ("EMG L GM", "EMG R TA")
    ]
    views = [Views(stream, Pyramid(Plain(stream), ()), None) for stream in streams]
    tracks = Tracks(views, NIGHT_S)
    proposed = proposals_of([Event(100.0, 20.0, "cramp", "left", "EMG L GM", 0.6)])
    with LabelLog(tmp_path / "anna.jsonl", "anna") as log:
        desk = Desk(log, NIGHT_S, proposed)
        yield Acts(desk, tracks, Lanes(tracks), Window(NIGHT_S, len(tracks)))


def test_every_command_of_the_help_does_something_or_is_the_pages(acts):
    for command in COMMANDS:
        acts.key(command.keys[0])
        known = command.name in acts._commands
        assert known or command.name in ("note", "help")


def test_a_label_is_made_by_keys_alone(acts):
    for key in ("z", "s", "m", ">", ">", "m", "3", "]", "{"):
        acts.key(key)
    ((_, label),) = acts.desk.labels.in_order()
    assert label.channel == "EMG R TA"
    assert label.trial_type == "LM"
    assert label.duration == pytest.approx(0.2 * NIGHT_S)
    assert acts.kind == "LM"
    acts.key("Delete")
    assert len(acts.desk.labels) == 0
    acts.key("u")
    assert len(acts.desk.labels) == 1
    acts.key("Escape")
    assert acts.desk.chosen is None


def test_a_click_selects_the_label_under_it_and_an_empty_place_nothing(acts):
    acts.drag(200.0, 260.0, -1.5, 1000.0)
    assert acts.desk.chosen_event().channel == "EMG R TA"
    acts.tap(400.0, -1.5, 1000.0)
    assert acts.desk.chosen is None
    acts.tap(230.0, -1.5, 1000.0)
    assert acts.desk.chosen_event().onset == 200.0
    acts.tap(110.0, -0.5, 1000.0)
    assert acts.desk.chosen.kind == "proposal"
    assert acts.window.track == 0
    acts.drag(300.0, 300.1, -0.5, 1000.0)
    assert len(acts.desk.labels) == 1


def test_a_failure_to_save_stays_in_sight_until_something_is_saved(acts):
    log = acts.desk._log
    good, log._handle = log._handle, os.open(log.path, os.O_RDONLY)
    acts.drag(200.0, 260.0, -1.5, 1000.0)
    assert "cannot write" in acts.failed
    acts.key("ArrowRight")
    assert "cannot write" in acts.failed
    os.close(log._handle)
    log._handle = good
    acts.drag(200.0, 260.0, -1.5, 1000.0)
    assert acts.failed == ""
    assert len(read_log(log.path).steps) == 1


def test_lanes_name_everyone_and_bands_never_go_by_colour_alone(acts):
    lanes = acts.lanes
    lanes.others = {"bert": (Event(5.0, 5.0, "cramp", "left", "EMG L GM"),)}
    lanes.marks = (Event(1.0, 2.0, "marker", extra={"text": "x"}),)
    assert lanes.names(acts.desk) == [YOURS, PROPOSED, "bert", SLEEPER]
    columns = band_columns(lanes.bands(acts.desk))
    assert len({len(column) for column in columns.values()}) == 1
    acts.desk.jump(1, 0.0)
    acts.desk.reject()
    bands = lanes.bands(acts.desk)
    assert "horizontal_line" in {pattern_of(band, 0.1) for band in bands}
    assert {pattern_of(band, 100.0) for band in bands} == {""}
    assert in_sight(bands, Window(NIGHT_S, 2, 4.0, 8.0)) != bands
    assert hit(lanes.bands(acts.desk), 6.0, lanes.span("bert", acts.desk)[1] - 0.1, 0.1) is None
    low, high = lanes.span(PROPOSED, acts.desk)
    found = hit(lanes.bands(acts.desk), 110.0, (low + high) / 2, 0.1)
    assert found == Chosen("proposal", acts.desk.proposals[0].key)


def test_a_window_stays_in_the_night():
    window = Window(NIGHT_S, 2)
    for _ in range(30):
        window.zoom(1)
    assert window.width_s == pytest.approx(SHORTEST_S)
    for _ in range(100):
        window.pan(4)
    window.show(590.0, 700.0)
    assert window.end_s == pytest.approx(NIGHT_S)
    window.move_cursor(50.0)
    assert window.start_s <= window.cursor_s <= window.end_s
    window.around(-5.0, -3.0)
    assert window.start_s == 0.0
    window.switch_track(-1)
    assert window.track == 1


def test_a_narrow_track_is_cut_off_at_its_row(made):
    stream = made.stream([(0.0, np.concatenate([np.zeros(1000), np.full(10, 9999)]))])
    tracks = Tracks([Views(stream, Pyramid(Plain(stream), ()), None)], 10.1)
    y = tracks.columns(Window(10.1, 1, filtered=False), 4000)["y0"]
    assert np.nanmax(y) <= 0.0
    assert np.nanmin(y) >= -1.0
    assert shown_streams(made.night([stream])) == (stream,)
