"""``crampwatch report``: the page of a scored night, made anew from its folder."""

import json
import os
import re
import shutil
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser

import pytest
from typer.testing import CliRunner

from crampwatch.app.cli.program import app
from crampwatch.app.report.making import earlier_ones, make_page
from crampwatch.app.report.reading import SAID_LATER, read_night
from crampwatch.app.report.words import clock, duration
from crampwatch.app.scoring import Request, score_recording, write_score
from crampwatch.recording.annotations.tsv import read_events
from crampwatch.recording.errors import RecordingError
from crampwatch.sample_data import samples

SIMULATED = next(sample for sample in samples() if sample.simulated)


class Words(HTMLParser):
    """Text and rows of tables of a page, without scripts."""

    def __init__(self, page):
        super().__init__()
        self.text, self.rows, self._in = [], [], []
        self.feed(re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL))

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 - its name is the parser's
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._in.append(tag)

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._in.pop()

    def handle_data(self, data):
        self.text.append(data)
        if self._in:
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder that holds the recording and its score."""
    folder = tmp_path_factory.mktemp("nights") / "first"
    folder.mkdir()
    recording = folder / SIMULATED.path.name
    shutil.copy(SIMULATED.path, recording)
    write_score(score_recording(Request(recording)), folder)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "night")


def run(*arguments):
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


def shown(page):
    return Words(page).text


def test_the_page_made_anew_says_what_the_first_one_said(folder):
    first = (folder / "report.html").read_text("utf-8")
    told, again = make_page(folder)
    assert told.without == ""
    assert shown(again) == shown(first)


def test_the_numbers_of_the_page_are_those_of_the_tables(folder):
    _, page = make_page(folder)
    words = Words(page)
    events = read_events(folder / "events.tsv")
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    start = datetime.fromisoformat(summary["start"])
    for event in events:
        begins, lasts = clock(start, event.onset), duration(event.duration)
        assert any(begins in row and lasts in row for row in words.rows), event
    for legs in summary["leg_movements"]["by_rule"].values():
        for index in legs["indices"].values():
            if index["unit"] == "1/h":
                assert [f"{index['value']:.1f}", index["definition"]] in words.rows
    text = " ".join(words.text)
    assert f"in {legs['series']['n']} periodic series" in text
    cramp = next(event for event in events if event.trial_type == "cramp")
    assert f"{cramp.extra['ratio']:.3g} times the resting level" in text
    for report in summary["channels"]:
        assert any(
            row[0] == report["label"] and duration(report["valid_s"]) in row
            for row in words.rows
        )


def test_a_changed_table_changes_the_page(folder):
    table = folder / "events.tsv"
    text = table.read_text("utf-8")
    table.write_text(text.replace("\tcramp\t", "\tpossible_cramp\t"), "utf-8")
    _, page = make_page(folder)
    assert "One possible cramp-like contraction" in " ".join(shown(page))


def test_a_confirmed_contraction_is_called_a_cramp(folder):
    table = folder / "events.tsv"
    head, *rows = table.read_text("utf-8").splitlines()
    said = [
        f"{row}\t{'confirmed' if chr(9) + 'cramp' + chr(9) in row else 'n/a'}" for row in rows
    ]
    table.write_text("\n".join([f"{head}\tconfirmation", *said]) + "\n", "utf-8")
    _, page = make_page(folder)
    assert "One cramp, confirmed by the sleeper, 22:53, left calf" in " ".join(shown(page))
    assert "C1: cramp (confirmed by the sleeper)" in page


def test_without_the_recording_there_are_levels_and_no_traces(folder):
    recording = folder / SIMULATED.path.name
    away = recording.rename(folder.parent / "elsewhere.edf")
    done = run(folder, "--json")
    told = json.loads(done.stdout)
    assert "no traces are drawn" in told["note"]
    page = (folder / "report_without_signals.html").read_text("utf-8")
    assert told["report"] == str(folder / "report_without_signals.html")
    assert "EMG L GM: muscle activity" in page
    assert "EMG L GM: EMG, " not in page
    done = run(folder, "--recording", away)
    assert done.exit_code == 0, done.output
    assert "EMG L GM: EMG, " in (folder / "report.html").read_text("utf-8")


def test_a_page_that_shows_the_signals_is_not_replaced_by_one_that_cannot(folder):
    page = folder / "report.html"
    first = page.read_bytes()
    (folder / SIMULATED.path.name).rename(folder.parent / "elsewhere.edf")
    done = run(folder)
    assert done.exit_code == 0, done.output
    assert f"{page} is left as it was" in " ".join(done.output.split())
    assert page.read_bytes() == first
    done = run(folder, "--out", page)
    assert done.exit_code == 0, done.output
    assert "left as it was" not in done.output
    assert page.read_bytes() != first
    again = run(folder, "--json")
    assert json.loads(again.stdout)["report"] == str(page)


def test_another_recording_is_refused_and_in_the_folder_not_drawn(folder):
    recording = folder / SIMULATED.path.name
    data = bytearray(recording.read_bytes())
    data[-1] ^= 1
    recording.write_bytes(data)
    told, page = make_page(folder)
    assert "is not the recording that was scored" in told.without
    assert "EMG L GM: EMG, " not in page
    done = run(folder, "--recording", recording)
    assert done.exit_code == 1
    assert "is not the recording that was scored" in done.output


def test_a_diary_written_after_the_score_is_not_passed_over(folder):
    (folder / "diary.json").write_text('{"cramps": []}', "utf-8")
    assert SAID_LATER in read_night(folder).warnings
    (folder / "diary.json").unlink()
    assert SAID_LATER not in read_night(folder).warnings


def test_an_older_score_without_levels_still_has_its_page(folder):
    (folder / "tracks.json").unlink()
    told, page = make_page(folder)
    assert "score the night again" in told.without
    assert "EMG L GM: EMG, " in page


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("summary.json", "{}"),
        ("summary.json", "[]"),
        ("summary.json", "{"),
        ("summary.json", "[" * 100_000),
        ("tracks.json", '{"tracks": [{"label": "x"}], "signals": 1, "stages": []}'),
        ("tracks.json", '{"tracks": 7}'),
        ("events.tsv", "onset\tduration\n"),
        ("events.tsv", ""),
    ],
)
def test_a_broken_table_is_told_in_one_line(folder, name, content):
    (folder / name).write_text(content, "utf-8")
    done = run(folder)
    assert done.exit_code == 1
    assert len(done.output.strip().splitlines()) == 1
    assert name in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("key", ["channels", "leg_movements", "duration_s", "start", "said"])
@pytest.mark.parametrize("value", [7, "x", [1], {"by_rule": 3}])
def test_no_summary_of_another_shape_makes_a_traceback(folder, key, value):
    file = folder / "summary.json"
    summary = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**summary, key: value}), "utf-8")
    if key == "duration_s" and value == 7:
        return
    with pytest.raises(RecordingError, match=r"summary\.json"):
        make_page(folder)


def test_a_folder_without_a_score_says_how_to_make_one(tmp_path):
    done = run(tmp_path)
    assert done.exit_code == 1
    assert "crampwatch score" in done.output
    assert "no such folder" in run(tmp_path / "nowhere").output


def test_a_pdf_without_a_browser_says_what_to_do(folder, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    before = (folder / "report.html").stat().st_mtime_ns
    done = run(folder, "--pdf", folder / "night.pdf")
    assert done.exit_code == 1
    assert "Chromium" in done.output
    assert not (folder / "night.pdf").exists()
    assert (folder / "report.html").stat().st_mtime_ns == before


def test_an_earlier_night_of_the_person_is_set_beside(made, folder):
    second = folder.parent / "person" / "second"
    shutil.copytree(folder, second)
    first = shutil.copytree(made, folder.parent / "person" / "first")
    file = first / "summary.json"
    summary = json.loads(file.read_text("utf-8"))
    assert summary["start"]
    file.write_text(json.dumps({**summary, "start": "1999-12-24T22:30:00"}), "utf-8")
    told, page = make_page(second)
    assert "Beside earlier nights" in page
    assert "24 Dec 1999" in page
    assert earlier_ones(first, read_night(first)) == ()
    demo = replace(told, provenance={"arguments": {"verb": "demo"}})
    assert earlier_ones(second, demo) == ()


@pytest.mark.system
def test_the_page_is_printed(folder):
    pdf = folder / "night.pdf"
    done = run(folder, "--pdf", pdf)
    assert done.exit_code == 0, done.output
    assert pdf.read_bytes().startswith(b"%PDF")
