"""``crampwatch trend``: what it counts, what it leaves out, what it writes."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from crampwatch.app.cli.program import app

from .conftest import FIRST, cramp, facts, write_scored


def run(*arguments, code=0):
    result = CliRunner().invoke(app, ["trend", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


def numbers(*arguments):
    return json.loads(run(*arguments, "--json"))


def test_missing_short_and_disturbed_nights_are_no_nights_without_cramps(nights):
    root = nights([1, 0, None, 0])
    write_scored(root / "short", [], facts(FIRST + timedelta(days=4), hours=2))
    write_scored(root / "alert", [cramp()], facts(FIRST + timedelta(days=5), intervened=True))
    found = numbers(root)
    assert found["denominators"] == {
        "nights": 5,
        "scored": 5,
        "usable": 4,
        "with_alerts": 1,
        "counted": 3,
        "evenings_without_recording": 1,
        "least_hours": 4.0,
    }
    assert found["estimates"]["cramp_nights"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert found["estimates"]["duration_s"]["n"] == 1


def test_a_rate_goes_by_usable_hours(nights):
    found = numbers(nights([2, 0, 0, 0], hours=8.0))
    assert found["estimates"]["cramps_per_8_hours"]["value"] == pytest.approx(0.5)


def test_too_few_nights_to_say_of_a_factor(nights):
    root = nights([1, 0, 1, 0], factors=[{"stretched": bool(k % 2)} for k in range(4)])
    (factor,) = numbers(root)["factors"]
    assert factor["p"] is None
    assert factor["why_not"].startswith("too few nights to say: 4")


def test_a_factor_that_goes_with_cramps_is_told_with_its_nights_and_no_cause(nights):
    counts = [0, 1] * 10
    told = [{"stretched": k == 0, "sitting_h": 5 + n % 3} for n, k in enumerate(counts)]
    found = numbers(nights(counts, factors=told))
    factors = {each["factor"]: each for each in found["factors"]}
    assert factors["stretched"]["p_corrected"] < 0.01
    assert factors["stretched"]["nights_with_cramps"] == 10
    assert factors["sitting_h"]["p_corrected"] >= factors["sitting_h"]["p"] > 0.05
    assert found["factors_tested"] == 2
    assert "need not cause" in found["no_cause"]


def test_medicines_and_supplements_are_not_compared(nights):
    told = [{"supplements": ["magnesium"], "medicines": ["statin"]}] * 20
    assert numbers(nights([0, 1] * 10, factors=told))["factors"] == []


def test_one_night_is_enough_for_a_page(nights, tmp_path):
    root = nights([1])
    run(root, "--out", tmp_path / "t.html", "--summary", tmp_path / "s.html")
    page = (tmp_path / "t.html").read_text("utf-8")
    assert "Cramp-like contractions in 1 of 1 night<" in page
    assert "not a medical device" in page
    assert not re.search(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//', page)


def test_nights_without_any_score_have_a_page_too(tmp_path):
    (tmp_path / "n").mkdir()
    (tmp_path / "n" / "night.mcap").write_bytes(b"")
    run(tmp_path, "--out", tmp_path / "t.html", "--summary", tmp_path / "s.html")
    assert "No night can be counted yet" in (tmp_path / "t.html").read_text("utf-8")


def test_what_a_folder_is_called_runs_nowhere(tmp_path):
    name = "<img src=x onerror=alert(1)>"
    write_scored(tmp_path / "anna" / name, [cramp()])
    run(tmp_path, "--out", tmp_path / "t.html", "--summary", tmp_path / "s.html")
    for page in ("t.html", "s.html"):
        assert "<img" not in (tmp_path / page).read_text("utf-8")


def test_the_table_has_a_row_for_each_night(nights, tmp_path):
    root = nights([1, 0, 2], factors=[{"stretched": True}] * 3)
    run(root, "--out", tmp_path / "t.tsv")
    rows = [row.split("\t") for row in (tmp_path / "t.tsv").read_text("utf-8").splitlines()]
    assert len({len(row) for row in rows}) == 1
    table = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert [row["cramps"] for row in table] == ["1", "0", "2"]
    assert table[0]["factor_stretched"] == "true"


def test_nights_of_two_persons_are_not_mixed(nights):
    nights([1], root="anna")
    root = nights([0], root="ben").parent
    assert "--one-person" in run(root, code=1)
    assert numbers(root, "--person", "anna")["denominators"]["nights"] == 1
    assert "no night of" in run(root, "--person", "eve", code=1)


def test_a_broken_night_costs_none_of_the_others(nights):
    root = nights([1, 0])
    (root / "night-000" / "summary.json").write_text("{")
    found = numbers(root)
    assert found["denominators"]["counted"] == 1
    assert "not JSON" in found["nights"][-1]["problem"]


@pytest.mark.parametrize("name", ["t.pdf", "t"])
def test_a_file_of_an_unknown_kind_is_refused(nights, tmp_path, name):
    assert "name it" in run(nights([1]), "--out", tmp_path / name, code=1)
    assert not (tmp_path / name).exists()


def test_four_hundred_nights(nights):
    assert numbers(nights([0, 0, 0, 0, 1] * 80))["denominators"]["counted"] == 400
