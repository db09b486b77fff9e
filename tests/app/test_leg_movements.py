"""Leg movements by the book, where a person meets them: the command, the page, the words."""

import json
import sys

import pytest

from crampwatch.app.cli import main
from crampwatch.app.report import report_page
from crampwatch.app.report.told import legs_told
from crampwatch.detection.movements.night_marks import NightMarks
from crampwatch.recording.annotations.hypnogram import hypnogram_from_epochs
from crampwatch.recording.model import Event
from crampwatch.sample_data import samples

SERIES = [Event(1000.0 + 30 * i, 2.0, "LM", "left", "EMG L TA", None) for i in range(12)]


@pytest.fixture
def run(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["crampwatch", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return end.value.code or 0, said.out, said.err

    return run


@pytest.fixture
def shipped():
    return next(sample.path for sample in samples() if sample.simulated)


def series(rule):
    return [
        Event(e.onset, e.duration, "LM", e.side, e.channel, None, {"rule": rule})
        for e in SERIES
    ]


def staged(tmp_path, stage="N2", count=66):
    path = tmp_path / "stages.txt"
    path.write_text("\n".join([stage] * count), "utf-8")
    return path


def test_score_takes_a_hypnogram_and_names_plms(run, shipped, tmp_path):
    stages = staged(tmp_path)
    out = tmp_path / "out"
    code, said, _ = run("score", shipped, "--out", out, "--hypnogram", stages, "--no-report")
    assert code == 0
    assert "10 periodic leg movements in sleep and 0 in wake by WASM 2016" in said
    assert "per hour of sleep" in said
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    indices = summary["leg_movements"]["by_rule"]["wasm2016"]["indices"]
    assert indices["plms_index"]["value"] == pytest.approx(10 * 3600 / (66 * 30))
    origin = json.loads((out / "provenance.json").read_text("utf-8"))
    assert origin["arguments"]["hypnogram"]["name"] == "stages.txt"
    assert len(origin["arguments"]["hypnogram"]["sha256"]) == 64


def test_score_without_a_hypnogram_says_so(run, shipped, tmp_path):
    _, said, _ = run("score", shipped, "--out", tmp_path / "out", "--no-report")
    assert "without a hypnogram there is no PLMS index" in said
    assert "10 periodic leg movements in 1 series by WASM 2016" in said


@pytest.mark.parametrize("kind", ["missing", "no stages"])
def test_a_hypnogram_that_is_none_is_one_line_and_leaves_nothing(run, shipped, tmp_path, kind):
    stages = staged(tmp_path, "dinner") if kind == "no stages" else tmp_path / "nowhere.txt"
    out = tmp_path / "out"
    code, _, said = run("score", shipped, "--out", out, "--hypnogram", stages)
    assert code == 1
    assert sum(line.startswith("crampwatch: ") for line in said.splitlines()) == 1
    assert "Traceback" not in said
    assert not out.exists()


def test_the_written_events_score_the_same_by_the_plm_command(run, shipped, tmp_path):
    run("score", shipped, "--out", tmp_path / "out", "--no-report")
    _, said, _ = run("plm", tmp_path / "out" / "events.tsv", "--json")
    again = json.loads(said)["counts"]
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert again == summary["leg_movements"]["by_rule"]["wasm2016"]["counts"]


def test_the_page_shows_counts_indices_and_intervals(made):
    score = made.legs(series("wasm2016"), "wasm2016")
    page = report_page("night.edf", made.night(), score, made.origin)
    assert "12 periodic leg movements in 1 series by WASM 2016: 1.5 per hour of valid" in page
    assert "Intervals between leg movements by wasm2016" in page


def test_a_calf_alone_is_never_headlined_as_plm(made):
    score = made.legs(series("calf"), "calf")
    page = report_page("night.edf", made.night(), score, made.origin)
    assert "No periodic limb movements by a standard" in page
    assert "not a count of periodic limb movements by a standard" in page
    assert "by WASM 2016" not in page
    assert not any(
        "PLM" in text for row in legs_told([score.legs[0]])[0].rows() for text in row
    )


def test_with_a_hypnogram_rates_are_per_hour_of_sleep(made):
    marks = NightMarks(hypnogram_from_epochs(["N2"] * 960))
    rows = legs_told(made.legs(series("wasm2016"), "wasm2016", marks).legs)[0].rows()
    rates = [meaning for number, meaning in rows if "per hour" in meaning]
    assert rates
    assert all(
        "per hour of sleep" in text or "per hour of scored wake" in text for text in rates
    )
