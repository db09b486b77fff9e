"""``crampwatch train`` and ``--model``: from nights to a model that score uses and names."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import pytest

from crampwatch.app.cli import main
from crampwatch.models.artefact import files, load_model
from crampwatch.models.training import fitting
from crampwatch.sample_data.simulator import write_night

pytestmark = pytest.mark.system

ENTRIES = [
    f"sim:cramp?seed={seed}&hours=0.25&family={family}"
    for seed, family in ((1, "standard"), (2, "dry"), (3, "varied"))
]


@dataclass
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["crampwatch", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return Ran(end.value.code or 0, said.out, said.err)

    return run


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a folder with a list of three short nights and a cache of what is in them."""
    home = tmp_path_factory.mktemp("train")
    (home / "list.tsv").write_text("\n".join(["night", *ENTRIES]) + "\n", encoding="utf-8")
    return home


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Grow few trees: what is tested is the command, not the detector."""
    settings = fitting.FittingSettings(trees=8, bags=1, edges=15)
    defaults = fitting.fit.__defaults__
    assert defaults is None
    real = fitting.fit
    rooms = ("train", "folds", "judgement")
    for place in (sys.modules[f"crampwatch.models.training.{name}"] for name in rooms):
        monkeypatch.setattr(place, "fit", lambda k, t, s, _: real(k, t, s, settings))


@pytest.fixture
def trained(run, home):
    """Return the model of the list; looked at once, learned from each time."""
    out = home / "m.skops"
    ran = run("train", home / "list.tsv", "--out", out, "--cache", home / "cache",
              "--table", home / "t.parquet")  # fmt: skip
    assert ran.code == 0, ran.err
    return out


def test_train_writes_a_model_a_card_and_a_page(run, home, trained):
    assert load_model(trained).evidence == "simulated"
    card = trained.with_suffix(".md").read_text("utf-8")
    page = trained.with_suffix(".html").read_text("utf-8")
    assert card.startswith("# Model card: m.skops")
    for text in (card, page):
        assert "SIMULATED ONLY" in text
        assert "medical device" in text
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_table_alone_gives_the_same_bytes(run, home, trained):
    again = home / "again.skops"
    ran = run("train", home / "t.parquet", "--out", again, "--quiet")
    assert (ran.code, ran.out) == (0, "")
    assert again.read_bytes() == trained.read_bytes()


def test_json_tells_what_the_card_tells(run, home, trained):
    ran = run("train", home / "t.parquet", "--out", home / "j.skops", "--json")
    found = json.loads(ran.out)
    assert found["evidence"] == "simulated"
    assert found["data"]["nights"] == 3
    assert found["final"]["t_cramp"]["wanted"] == 0.02
    assert len(found["files"]) == 3


def test_score_and_replay_name_the_model(run, home, trained, tmp_path):
    write_night("cramp", tmp_path / "night", 4, hours=0.2)
    ran = run(
        "score", tmp_path / "night", "--out", tmp_path / "o", "--model", trained, "--json"
    )
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["model"]["name"] == "m.skops"
    origin = json.loads((tmp_path / "o" / "provenance.json").read_text("utf-8"))
    model = origin["model"]
    assert model["evidence"] == "simulated"
    assert model["probabilities"] == "score (simulated)"
    assert model["sha256"] == load_model(trained).digest
    assert 0 < model["prevalence"] < 1
    ran = run("replay", tmp_path / "night", "--speed", "max", "--model", trained)
    assert ran.code == 0, ran.err
    assert "SIMULATED ONLY" in ran.out.splitlines()[0]


def test_the_shipped_model_is_the_default_and_the_rule_can_be_asked_for(
    run, trained, tmp_path, monkeypatch
):
    write_night("rest", tmp_path / "night", 4, hours=0.05)
    monkeypatch.setattr(files, "WEIGHTS", tmp_path / "none")
    kinds = []
    for weights, more in ((tmp_path / "none", ()), (trained.parent, ()),
                          (trained.parent, ("--model", "rule"))):  # fmt: skip
        monkeypatch.setattr(files, "WEIGHTS", weights)
        monkeypatch.setattr(files, "SHIPPED", trained.name)
        ran = run("score", tmp_path / "night", "--out", tmp_path / "o", "--json", *more)
        kinds.append(json.loads(ran.out)["model"]["kind"])
    assert kinds == ["rule", "model", "rule"]


def test_a_file_that_is_no_model_is_one_line(run, tmp_path):
    write_night("rest", tmp_path / "night", 4, hours=0.05)
    (tmp_path / "m.skops").write_bytes(b"no model")
    ran = run("score", tmp_path / "night", "--out", tmp_path / "o", "--model",
              tmp_path / "m.skops")  # fmt: skip
    assert ran.code == 1
    assert ran.err.strip().splitlines()[-1].startswith("crampwatch: m.skops: no model")
    assert not (tmp_path / "o").exists()


def test_adaptation_says_what_it_did(run, home, trained, tmp_path):
    (tmp_path / "own.tsv").write_text(
        "night\nsim:cramp?seed=21&hours=0.25&person=5\nsim:cramp?seed=22&hours=0.25&person=5\n",
        encoding="utf-8",
    )
    ran = run("train", tmp_path / "own.tsv", "--out", tmp_path / "own.skops", "--adapt",
              trained, "--cache", home / "cache")  # fmt: skip
    assert ran.code == 0, ran.err
    adapted = load_model(tmp_path / "own.skops")
    if adapted.final.personal is None:
        assert "WORSE" in ran.out
        assert (tmp_path / "own.skops").read_bytes() == trained.read_bytes()
    else:
        assert "better than m.skops" in ran.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sim:cramp?seed=1&hours=0.25"], "grouped validation is impossible"),
        (["sim:rest?seed=1&hours=0.05"], "one class only"),
        (["sim:rest?family=held_out_a&hours=0.05"], "kept out of training"),
        (["sim:rest?hours=0.05", "sim:rest?hours=0.05"], "the same night"),
        (["gone"], "no such file"),
    ],
)
def test_what_cannot_be_learned_from_is_one_line(run, home, tmp_path, arguments, words):
    ran = run("train", *arguments, "--out", tmp_path / "m.skops", "--cache", home / "cache")
    assert ran.code == 1
    last = ran.err.strip().splitlines()[-1]
    assert last.startswith("crampwatch: ")
    assert words in last
    assert not (tmp_path / "m.skops").exists()


@pytest.mark.parametrize(
    ("out", "words"),
    [("model.pkl", "ends in .skops"), ("gone/m.skops", "no such folder")],
)
def test_a_place_that_cannot_be_written_is_told_before_the_work(run, tmp_path, out, words):
    ran = run("train", "sim:cramp", "--out", tmp_path / out)
    assert ran.code == 1
    assert words in ran.err


@pytest.mark.parametrize(
    "more", [("--false-alarms", "0.3", "0.02"), ("--force",), ("--workers", "0")]
)
def test_wrong_usage_is_exit_two(run, tmp_path, more):
    assert run("train", "sim:cramp", "--out", tmp_path / "m.skops", *more).code == 2
