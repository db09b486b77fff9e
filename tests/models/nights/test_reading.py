"""Labelled nights from folders, BIDS datasets and lists; what is wrong is told in a line."""

from __future__ import annotations

import json
import pickle
import shutil

import pytest

from crampwatch.app.train.simulated import simulated_night
from crampwatch.models.nights import read_nights
from crampwatch.recording.annotations.tsv import write_events
from crampwatch.recording.errors import CrampwatchError
from crampwatch.recording.model import Event
from crampwatch.sample_data.simulator import write_night

MINUTE = 1 / 60


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return two folders of one-minute nights."""
    home = tmp_path_factory.mktemp("written")
    for seed in (1, 2):
        write_night("rest", home / f"night{seed}", seed, hours=MINUTE)
    return home


@pytest.fixture
def home(written, tmp_path):
    """Return a copy that a test may spoil."""
    return shutil.copytree(written, tmp_path / "nights")


@pytest.fixture
def real(home):
    """Return a recording that does not say that it is simulated, and its folder."""
    folder = home.parent / "mine"
    folder.mkdir()
    (edf,) = (home / "night1").glob("*.edf")
    data = bytearray(edf.read_bytes())
    for word in (b"SIMULATED", b"simulated", b"Simulated"):
        while (at := data.find(word)) >= 0:
            data[at : at + len(word)] = b"X" * len(word)
    (folder / "night.edf").write_bytes(data)
    mark(folder / "events.tsv", 20.0)
    return folder


def mark(path, onset, duration=10.0, kind="cramp"):
    write_events(path, [Event(onset, duration, kind, "left", "EMG L GM")])


def listed(home, *rows, head="night\tperson\ttruth\tannotator"):
    path = home / "list.tsv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def refusal(path):
    with pytest.raises(CrampwatchError) as error:
        read_nights(path, opener=simulated_night)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_night_folder_is_one_night(home):
    (night,) = read_nights(home / "night1")
    assert (night.id, night.person, night.group) == ("night1", "standard/seed-1", "rest")
    assert night.source == "simulated"
    assert not night.held_out
    assert night.open().duration_s == pytest.approx(60.0)


def test_a_folder_of_them_is_all_of_them(home):
    assert [night.id for night in read_nights(home)] == ["night1", "night2"]


def test_a_night_opens_in_another_process(home):
    (night,) = read_nights(home / "night1")
    assert pickle.loads(pickle.dumps(night.open))().duration_s == pytest.approx(60.0)


def test_families_kept_out_of_training_say_so(tmp_path):
    write_night("rest", tmp_path / "n", 1, hours=MINUTE, family="held_out_a", person=4)
    (night,) = read_nights(tmp_path / "n")
    assert night.held_out
    assert night.person == "held_out_a/person-4"


def test_what_says_that_it_is_simulated_is_never_real(home):
    folder = home / "night1"
    (folder / "simulation.json").unlink()
    assert read_nights(folder)[0].source == "simulated"


def test_a_recording_of_a_person_is_real(real):
    (night,) = read_nights(real)
    assert (night.source, night.person) == ("real", None)
    assert [event.trial_type for event in night.truth] == ["cramp"]


def test_a_simulated_entry_is_drawn_when_it_is_read():
    entry = "sim:rest?seed=7&family=dry&hours=0.1&person=3"
    (night,) = read_nights(entry, opener=simulated_night)
    assert (night.person, night.group) == ("dry/person-3", "rest")
    assert night.open().duration_s == pytest.approx(360.0)


@pytest.mark.parametrize(
    "entry",
    ["sim:nothing", "sim:rest?seed=x", "sim:rest?hours=nan", "sim:rest?a", "sim:rest?color=1"],
)
def test_an_entry_that_cannot_be_is_one_line(entry):
    refusal(entry)


def test_a_bids_dataset_gives_its_subjects(real, tmp_path):
    root = tmp_path / "bids"
    folder = root / "sub-01" / "ses-a" / "emg"
    folder.mkdir(parents=True)
    (root / "dataset_description.json").write_text("{}", encoding="utf-8")
    shutil.copy(real / "night.edf", folder / "sub-01_ses-a_task-sleep_emg.edf")
    assert "none of them with an _events.tsv" in refusal(root)
    mark(folder / "sub-01_ses-a_task-sleep_events.tsv", 20.0)
    mark(folder / "sub-01_ses-a_task-sleep_desc-bea_events.tsv", 30.0)
    (night,) = read_nights(root)
    assert (night.id, night.person) == ("sub-01_ses-a_task-sleep", "sub-01")
    assert night.truth[0].onset == 20.0
    assert [event.onset for event in night.second_opinions["bea"]] == [30.0]


def test_a_list_names_nights_persons_and_marks(home):
    mark(home / "mine.tsv", 5.0)
    path = listed(home, "night1\tann\tmine.tsv\t", "sim:rest?seed=9&hours=0.1\tbob\t\t")
    first, second = read_nights(path, opener=simulated_night)
    assert (first.person, first.truth[0].onset) == ("ann", 5.0)
    assert second.person == "bob"


def test_two_annotators_of_a_night_are_two_opinions(home):
    mark(home / "a.tsv", 5.0)
    mark(home / "b.tsv", 6.0)
    path = listed(home, "night1\tann\ta.tsv\tA", "night1\tann\tb.tsv\tB")
    (night,) = read_nights(path)
    assert night.annotator == "A"
    assert night.second_opinions["B"][0].onset == 6.0


def test_further_files_of_marks_in_a_folder_are_opinions_too(home):
    mark(home / "night1" / "events_bea.tsv", 6.0)
    (night,) = read_nights(home / "night1")
    assert night.second_opinions["bea"][0].onset == 6.0


def test_one_night_under_two_persons_is_refused(home):
    mark(home / "a.tsv", 5.0)
    path = listed(home, "night1\tann\ta.tsv\tA", "night1\tbob\ta.tsv\tB")
    assert "belongs to 'ann' above and to 'bob' here" in refusal(path)


def test_a_copy_under_another_person_is_refused(real):
    shutil.copy(real / "night.edf", real / "copy.edf")
    mark(real / "copy_events.tsv", 20.0)
    mark(real / "night_events.tsv", 20.0)
    path = listed(real, "night.edf\tann\t\t", "copy.edf\tbob\t\t")
    assert "the same night under two persons" in refusal(path)


def test_a_copy_of_a_night_counts_once(home):
    shutil.copytree(home / "night1", home / "night3")
    assert "are the same night" in refusal(home)


def test_a_simulated_night_and_its_file_are_the_same(home):
    path = listed(home, "night1\t\t\t", f"sim:rest?seed=1&hours={MINUTE!r}\t\t\t")
    assert "are the same night" in refusal(path)


def test_marks_outside_the_night_are_refused(home):
    mark(home / "night1" / "events.tsv", 7200.0)
    text = refusal(home)
    assert "from 7200 to 7210 s" in text
    assert "ends at 60 s" in text


def test_a_night_without_marks_is_refused(home):
    (home / "night1" / "events.tsv").unlink()
    assert "no events.tsv" in refusal(home)


def test_the_detector_does_not_learn_from_its_own_words(real):
    (real / "provenance.json").write_text('{"program": "crampwatch"}', encoding="utf-8")
    assert "written by the detector itself" in refusal(real)


def test_a_list_that_names_a_missing_file_says_which_line(home):
    path = listed(home, "night1\t\t\t", "gone\t\t\t")
    assert refusal(path).startswith("list.tsv, line 3: no such file")
    path = listed(home, "night1\t\tgone.tsv\t")
    assert "gone.tsv" in refusal(path)


@pytest.mark.parametrize(
    ("head", "row", "words"),
    [
        ("person", "ann", "names tab-separated columns"),
        ("night\tcolour", "night1\tred", "'colour' is unknown"),
        ("night\tnight", "night1\tnight1", "comes twice"),
        ("night", "night1\tx", "2 cells for 1 columns"),
        ("night\tsource", "night1\treal-ish", "none of"),
        ("night\teveryday", "night1\tmaybe", "yes or no"),
        ("night", "", "names no night"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(home, head, row, words):
    assert words in refusal(listed(home, row, head=head))


def test_a_proxy_is_claimed_in_the_list(real):
    path = listed(real, "night.edf\tproxy", head="night\tsource")
    (night,) = read_nights(path)
    assert night.source == "proxy"


def test_a_night_that_was_made_harder_is_no_everyday_night(home):
    path = listed(home, "night1\tno", "night2\tyes", head="night\teveryday")
    assert [night.everyday for night in read_nights(path)] == [False, True]


def test_a_simulated_night_cannot_be_claimed_real(home):
    path = listed(home, "night1\treal", head="night\tsource")
    assert read_nights(path)[0].source == "simulated"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"\x00" * 100])
def test_what_is_no_list_is_one_line(tmp_path, content):
    (tmp_path / "list.tsv").write_bytes(content)
    refusal(tmp_path / "list.tsv")


def test_a_recording_alone_is_not_a_labelled_night(real):
    assert "without marks" in refusal(real / "night.edf")


def test_an_empty_folder_and_no_folder_are_one_line(tmp_path):
    assert "no labelled night" in refusal(tmp_path)
    assert "no such file" in refusal(tmp_path / "gone")


@pytest.mark.parametrize("text", ["[]", "{", "3"])
def test_a_broken_simulation_file_is_one_line(home, text):
    (home / "night1" / "simulation.json").write_text(text, encoding="utf-8")
    refusal(home)


def test_strange_facts_of_a_simulation_do_no_harm(home):
    path = home / "night1" / "simulation.json"
    facts = json.loads(path.read_text())
    facts.update(hours="long", seed=[1], person={}, scenario=3, family=None)
    path.write_text(json.dumps(facts), encoding="utf-8")
    (night,) = read_nights(home / "night1")
    assert night.group == ""


def test_several_recordings_for_one_truth_are_refused(real):
    shutil.copy(real / "night.edf", real / "more.edf")
    assert "several recordings" in refusal(real)
