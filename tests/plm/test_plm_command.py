"""``crampwatch plm`` as its contract says."""

import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crampwatch.app.cli.program import app

DATA = Path(__file__).parents[1] / "data" / "plm"
CASES = [
    *(("wasm2016", c) for c in json.loads((DATA / "wasm2016.json").read_text())["cases"]),
    *(("aasm", c) for c in json.loads((DATA / "aasm.json").read_text())["cases"]),
]
EVENTS = "onset\tduration\ttrial_type\tside\n"


def call(*arguments):
    return CliRunner().invoke(app, ["plm", *(str(argument) for argument in arguments)])


def table(folder, name, rows, header="onset\tduration\n"):
    path = folder / name
    path.write_text(header + "".join("\t".join(map(str, row)) + "\n" for row in rows))
    return path


def marked(folder, rows):
    return table(folder, "events.tsv", rows, EVENTS)


def run(*arguments):
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def close(found, expected, tolerance):
    if found is None or expected is None:
        return found is expected
    return math.isclose(found, expected, rel_tol=0, abs_tol=tolerance)


def matches(found, expected):
    same_rows = len(found["events"]) == len(expected["events"]) and all(
        all(a[k] == b[k] for k in ("side", "clm", "plm", "series"))
        and all(close(a[k], b[k], 0.002) for k in ("onset", "duration", "imi"))
        for a, b in zip(found["events"], expected["events"], strict=True)
    )
    return (
        same_rows
        and found["counts"] == expected["counts"]
        and all(close(found["indices"][k], v, 0.006) for k, v in expected["indices"].items())
    )


@pytest.mark.parametrize(("rules", "case"), CASES, ids=[c["id"] for _, c in CASES])
def test_the_command_gives_the_vectors_answer(tmp_path, rules, case):
    given = case["input"]
    events = marked(tmp_path, [(o, d, "LM", s) for o, d, s in given["lm"]])
    stages = table(
        tmp_path,
        "hypnogram.tsv",
        [(30 * i, 30, f"sleep_{stage}") for i, stage in enumerate(given["hypnogram"])],
        "onset\tduration\ttrial_type\n",
    )
    found = run(events, "--hypnogram", stages, "--rules", rules)
    assert set(found["events"][0]) == {
        *("onset", "duration", "side", "clm", "plm", "series", "imi")
    }
    answers = case.get("expected_any") or [case["expected"]]
    assert any(matches(found, answer) for answer in answers)
    expected = case["expected_resp"]
    if expected:
        breathing = table(tmp_path, "respiratory.tsv", given["respiratory"])
        found = run(events, "--hypnogram", stages, "--rules", rules, "--respiratory", breathing)
        assert found["plm_onsets"] == expected["plm_onsets"]
        assert found["resp_onsets"] == expected["resp_onsets"]
        series = [[e["onset"], e["series"]] for e in found["events"] if e["plm"]]
        assert series == expected["series"]
        assert all(found["counts"][k] == v for k, v in expected["counts"].items())
        assert all(close(found["indices"][k], v, 0.006) for k, v in expected["indices"].items())


FOUR = [(40 + 20 * i, 1, "LM", "left") for i in range(4)]


def test_without_a_hypnogram_nothing_is_called_plms(tmp_path):
    found = run(marked(tmp_path, FOUR), "--valid-hours", 2)
    assert found["counts"]["plm"] == 4
    assert found["counts"]["plms"] is None
    assert found["indices"]["plms_per_h"] is None
    assert found["recording"]["plm_per_h"] == 2.0
    assert any("no hypnogram" in line for line in found["warnings"])
    shown = call(marked(tmp_path, FOUR), "--valid-hours", 2).stdout
    assert "PLMS" not in shown
    assert "per hour of valid recording" in shown


def test_a_cramp_breaks_a_series(tmp_path):
    rows = [*FOUR[:3], (95, 30, "cramp", "right"), (130, 1, "LM", "left")]
    found = run(marked(tmp_path, rows))
    assert found["counts"] == {"lm": 5, "clm": 4, "plm": 0, "plms": None, "plmw": None}
    assert any("cramp" in line for line in found["warnings"])


def test_stages_among_the_marks_serve_as_the_hypnogram(tmp_path):
    found = run(marked(tmp_path, [*FOUR, (0, 120, "sleep_N2", "n/a")]))
    assert found["counts"]["plms"] == 4
    assert any("stages among the marks" in line for line in found["warnings"])


def test_a_scoring_in_xml_serves_as_marks_stages_breathing_and_arousals():
    path = DATA / "files" / "nsrr.xml"
    found = run(path, "--respiratory", path, "--arousals", path)
    assert found["counts"]["lm"] == 2
    assert found["arousal_onsets"] == [61.5]
    assert found["sleep"]["sleep_s"] == 240.0


def test_marks_of_another_rule_are_not_called_plm_by_the_standard(tmp_path):
    rows = [(*row, "calf") for row in FOUR]
    path = table(tmp_path, "events.tsv", rows, EVENTS.replace("\n", "\trule\n"))
    assert any("not PLM by the standard" in line for line in run(path)["warnings"])


def test_marks_of_two_rules_are_never_one_series(tmp_path):
    rules = ["wasm2016", "calf", "wasm2016", "calf"]
    rows = [(*row, rule) for row, rule in zip(FOUR, rules, strict=True)]
    found = run(table(tmp_path, "events.tsv", rows, EVENTS.replace("\n", "\trule\n")))
    assert (found["counts"]["lm"], found["counts"]["plm"]) == (2, 0)
    assert any("2 marks by rule calf left out" in line for line in found["warnings"])


def test_a_table_without_types_is_read_as_leg_movements(tmp_path):
    path = table(
        tmp_path, "events.tsv", [(o, d, s) for o, d, _, s in FOUR], "onset\tduration\tside\n"
    )
    found = run(path)
    assert found["counts"]["plm"] == 4
    assert any("without a type" in line for line in found["warnings"])


def test_rows_of_unknown_types_are_named(tmp_path):
    found = run(marked(tmp_path, [*FOUR, (300, 1, "kick", "left")]))
    assert any("'kick' (1)" in line for line in found["warnings"])


def test_bad_rows_are_warned_of_and_never_counted(tmp_path):
    rows = [(80, 1, "LM", "left"), *FOUR[:2], (60, 1, "LM", "left"), (90, -1, "LM", "right")]
    found = run(marked(tmp_path, rows))
    assert found["counts"]["lm"] == 3
    text = " ".join(found["warnings"])
    for words in ("not in order", "repeated", "negative duration"):
        assert words in text


def test_no_row_at_all_is_an_answer_with_a_warning(tmp_path):
    found = run(marked(tmp_path, []))
    assert found["events"] == []
    assert found["counts"]["lm"] == 0
    assert any("no leg movement" in line for line in found["warnings"])


def test_an_option_changes_one_reading_and_is_shown(tmp_path):
    rows = [(90 * i, 1, "LM", "left") for i in range(4)]
    path = marked(tmp_path, rows)
    assert run(path)["counts"]["plm"] == 4
    found = run(path, "--option", "imi_max_inclusive=no")
    assert found["counts"]["plm"] == 0
    assert found["changed_options"] == {"imi_max_inclusive": False}
    assert "imi_max_inclusive" in call(path, "--option", "imi_max_inclusive=no").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--option", "nonsense=1"], "no entry of the rules"),
        (["--option", "short_interval=maybe"], "one of ends_series, passed_over"),
        (["--option", "imi_max=-3"], "it is a number"),
        (["--option", "imi_max_inclusive=maybe"], "yes or no"),
        (["--hypnogram", "missing.tsv"], "cannot read missing.tsv"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(tmp_path, arguments, words):
    result = call(marked(tmp_path, FOUR), *arguments)
    assert result.exit_code == 1
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_unknown_rules_are_wrong_usage(tmp_path):
    assert call(marked(tmp_path, FOUR), "--rules", "wasm2006").exit_code == 2
