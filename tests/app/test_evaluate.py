"""``crampwatch evaluate``: what it prints, what it writes, how it fails."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import pytest
from typer.testing import CliRunner

from crampwatch.app.cli.program import app
from crampwatch.app.evaluate.markdown import as_markdown
from crampwatch.app.evaluate.numbers import number, percent, percents, seconds
from crampwatch.app.evaluate.page import as_page
from crampwatch.models.evaluation import NightTally, Unusable, evaluate_tallies
from crampwatch.models.evaluation.decide import decide
from crampwatch.models.evaluation.tally import Judged, TrueCramp
from crampwatch.recording.model import Event
from crampwatch.sample_data.simulator import write_night

pytestmark = pytest.mark.system

NIGHTS = ("sim:cramp?seed=3&hours=0.1", "sim:plm?seed=4&hours=0.1")


def run(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def night(name, person, *, source="simulated"):
    truth = [
        Event(1000.0, 30.0, "cramp", "left"),
        Event(3000.0, 20.0, "large_movement", "both", extra={"cause": "walking"}),
    ]
    found = [Event(1001.0, 30.0, "cramp", "left"), Event(3000.0, 20.0, "cramp", "left")]
    return NightTally(
        id=name,
        person=person,
        source=source,
        group="mixed",
        held_out=True,
        about={"family": "standard", "sensor": "band <b>"},
        duration_s=28800.0,
        valid_s=28000.0,
        cramps=(TrueCramp(1000.0, 30.0, "left", 0.0, {"level_uv": "20"}),),
        final=decide(truth, found),
        without_after=decide(truth, found[:1]),
        candidates=(
            Judged(30.0, None, True, 0.9, 0.8),
            Judged(20.0, None, False, 0.6, 0.2),
            Judged(30.0, 10.0, True, None, 0.7),
        ),
        remarks=("a remark | with a bar",),
    )


@pytest.fixture(scope="module")
def evaluation():
    return evaluate_tallies(
        [night("one", "anna"), night("two <script>alert(1)</script>", "ben")],
        [Unusable("three", "cannot be read\n# heading")],
        model={"name": "m_x.skops", "prevalence": 0.1, "remarks": ["Other settings."]},
        resamples=50,
    )


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    out = tmp_path_factory.mktemp("evaluation") / "out"
    return out, run(*NIGHTS, "--model", "rule", "--out", out, "--seed", 5)


def test_it_writes_three_files_and_keeps_the_nights(first):
    out, done = first
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == [
        "evaluation.html",
        "evaluation.json",
        "evaluation.md",
        "nights",
    ]
    assert len(list((out / "nights").iterdir())) == 2
    assert "SIMULATED" in done.stdout
    assert "Goals" in done.stdout


def test_the_json_file_is_what_json_prints_and_the_same_twice(first):
    out, _ = first
    before = (out / "evaluation.json").read_bytes()
    again = run(*NIGHTS, "--model", "rule", "--out", out, "--seed", 5, "--json")
    assert again.exit_code == 0
    told = json.loads(again.stdout)
    assert told.pop("files") == ["evaluation.json", "evaluation.html", "evaluation.md"]
    assert (out / "evaluation.json").read_bytes() == before
    assert told == json.loads(before)
    assert told["evidence"] == "simulated"
    assert told["nights"]["judged"] == 2
    assert told["seed"] == 5


def test_nights_that_are_kept_are_not_read_again(first):
    out, _ = first
    for file in (out / "nights").iterdir():
        held = json.loads(file.read_text())
        held["night"]["remarks"] = ["kept"]
        file.write_text(json.dumps(held))
    told = json.loads(run(*NIGHTS, "--model", "rule", "--out", out, "--json").stdout)
    assert list(told["remarks"].values()) == [["kept"], ["kept"]]


def test_written_nights_are_judged_and_broken_ones_listed(tmp_path):
    for name, seed in (("a", 3), ("b", 4)):
        write_night("cramp", tmp_path / "nights" / name, seed, hours=0.05)
    (tmp_path / "nights" / "b" / "simulated_night_cramp_seed4.edf").unlink()
    done = run(tmp_path / "nights", "--model", "rule", "--json", "--prevalence", 0.25)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["nights"]["judged"] == 1
    assert [each["id"] for each in told["unusable"]] == ["b"]
    assert {row["per_night"] for row in told["final"]["predictive"]} <= {0.25}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["sim:plm", "--model", "missing.skops"], "cannot read missing.skops"),
        (["sim:nothing_like_it", "--model", "rule"], "nothing_like_it"),
        (["sim:plm?seed=x", "--model", "rule"], "seed='x' is no number"),
        (["no_such_folder", "--model", "rule"], "no such file or folder"),
        (["sim:plm", "sim:plm", "--model", "rule"], "are the same night"),
    ],
)
def test_what_cannot_be_judged_is_told_in_one_line(arguments, line):
    done = run(*arguments)
    assert done.exit_code == 1
    (told,) = [each for each in done.stderr.splitlines() if each.startswith("crampwatch:")]
    assert line in told


def test_results_of_others_are_not_written_over(tmp_path):
    (tmp_path / "evaluation.md").write_text("mine")
    done = run(NIGHTS[0], "--model", "rule", "--out", tmp_path)
    assert done.exit_code == 1
    assert "from elsewhere" in done.stderr
    assert (tmp_path / "evaluation.md").read_text() == "mine"


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "out").write_text("")
    assert "it is a file" in run(NIGHTS[0], "--model", "rule", "--out", tmp_path / "out").stderr


@pytest.mark.parametrize("wrong", [["--workers", "0"], ["--prevalence", "0"], ["--seed", "-1"]])
def test_wrong_usage_is_wrong_usage(wrong):
    assert run("sim:plm", *wrong).exit_code == 2


def test_the_page_says_first_what_the_evidence_is(evaluation):
    page = as_page(evaluation)
    assert page.index("SIMULATED: every night") < page.index("<h1>")
    assert "Other settings." in page


def test_the_page_is_one_file_that_loads_nothing_and_runs_nothing(evaluation):
    page = as_page(evaluation)
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page)
    assert "default-src 'none'" in page
    assert "band &lt;b&gt;" in page


def test_the_drawings_are_well_formed_and_described(evaluation):
    drawings = re.findall(r"<svg.*?</svg>", as_page(evaluation), re.DOTALL)
    assert len(drawings) == 2
    for drawing in drawings:
        root = ET.fromstring(drawing)
        assert root.get("aria-label")
        assert all("nan" not in str(value) for e in root.iter() for value in e.attrib.values())


def test_every_row_of_markdown_has_as_many_cells_as_its_head(evaluation):
    text = as_markdown(evaluation)
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        lines = [re.sub(r"\\.", "", line) for line in block.splitlines()]
        assert len({line.count("|") for line in lines}) == 1
    assert "\n# heading" not in text
    assert "<script>" not in text


def test_the_figures_are_on_both_pages(evaluation):
    page, text = as_page(evaluation), as_markdown(evaluation)
    for shown in ("100 % (2 of 2)", "1 (2)", "walking"):
        assert shown in page
        assert shown in text


def test_pages_of_nights_without_anything_are_whole():
    empty = NightTally("n", None, "real", "", False, {}, 60.0, 0.0, (), decide([], []))
    evaluation = evaluate_tallies([empty], resamples=2)
    assert "No true cramp-like contraction" in as_page(evaluation)
    assert "n/a" in as_markdown(evaluation)


def test_numbers_are_never_rounded_to_a_better_one():
    assert percent(0.99999) == "> 99.9 %"
    assert percent(1.0) == "100 %"
    assert percent(0.0001) == "< 0.1 %"
    assert percent(0.0) == "0 %"
    assert percents((0.5, 1.0)) == "50.0-100.0 %"
    assert number(0.00004) == "4e-05"
    assert number(0.25) == "0.25"
    assert number(0.0) == "0"
    assert number(None) == percent(None) == seconds(None) == ""
    assert seconds(-0.01) == "0.0 s"
