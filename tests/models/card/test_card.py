"""The card says first what the evidence is, and never more than was measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crampwatch.models.card import as_markdown, banner, blocks
from crampwatch.models.training import adapt, train


@pytest.fixture(scope="module")
def card(model):
    return as_markdown(model)


def test_evidence_comes_first(card):
    third = card.splitlines()[2]
    assert third.startswith("**SIMULATED ONLY")
    assert "nothing about people" in third


@pytest.mark.parametrize(
    ("evidence", "words"),
    [("proxy", "REAL PROXY"), ("real", "REAL NIGHTS"), ("mixed", "MIXED")],
)
def test_each_class_of_evidence_has_its_words(model, evidence, words):
    assert banner(replace(model, evidence=evidence)).startswith(words)


def test_the_card_tells_all_that_it_must(card):
    for words in (
        "Not a medical device",
        "upper bound",
        "Calibration",
        "assume that 14.3 % of the sustained contractions",
        "What it goes by",
        "Would more persons help?",
        "Limits, and what is not known",
        "How to make it again",
        "--seed 1 --false-alarms 0.02 0.2",
    ):
        assert words in card


def test_without_validation_it_gives_no_figures(tables, settings):
    model = train(tables(persons=1), settings(validation=False)).model
    card = as_markdown(model)
    assert "NOT VALIDATED" in banner(model)
    assert "false alarms" not in {block.title.lower() for block in blocks(model)}
    assert "upper bound" not in card
    assert "--no-validation" in card


def test_what_a_name_holds_is_text_and_nothing_else(model):
    nasty = "<script>alert(1)</script>|`x`"
    data = {**model.about["data"], "sensors": {nasty: 1}}
    card = as_markdown(replace(model, about={**model.about, "data": data}))
    assert "<script>" not in card
    assert "\\<script\\>" in card


def test_annotators_who_disagree_are_told(model):
    two = {"nights": 2, "compared": 40, "agreed": 38, "kappa": 0.81}
    data = {**model.about["data"], "two_annotators": two}
    card = as_markdown(replace(model, about={**model.about, "data": data}))
    assert "agree on 38; Cohen's kappa 0.81" in card


def test_an_adaptation_is_told_with_what_it_did(model, tables):
    own = tables(persons=1, nights=4, seed=9)
    adaptation = adapt(replace(model, name="base.skops"), own)
    card = as_markdown(adaptation.model)
    assert "Adapted to one person" in card
    assert "base.skops" in card
    assert "those of the model it began with" in card


def test_a_worse_adaptation_says_worse(model, tables):
    adapted = adapt(model, tables(persons=1, nights=4, seed=9)).model
    facts = {**adapted.about["adaptation"], "better": False}
    worse = replace(adapted, about={**adapted.about, "adaptation": facts})
    assert "WORSE" in as_markdown(worse)


def test_numbers_that_are_not_known_are_not_invented(model):
    final = {**model.about["final"]}
    final["t_cramp"] = {**final["t_cramp"], "rate": None, "upper": None}
    card = as_markdown(replace(model, about={**model.about, "final": final}))
    (row,) = [line for line in card.splitlines() if line.startswith("| final: cramp |")]
    assert row.count("n/a") == 2
    assert np.isfinite(model.final.t_cramp)
