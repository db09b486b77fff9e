"""Nights judged one after another, over processes, and again after a stop."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from crampwatch.app.train.simulated import simulated_night
from crampwatch.detection import Candidate, Notice, RuleJudge, Settings, Verdict, score_night
from crampwatch.detection.cramps.features.catalogue import FEATURES
from crampwatch.models.evaluation import evaluate_nights, rule_judge
from crampwatch.models.evaluation.live import live_from
from crampwatch.models.evaluation.reduce import judged, named_without_after, reduce_night
from crampwatch.models.evaluation.store import Store
from crampwatch.models.evaluation.tally import tally_from_json
from crampwatch.models.nights import LabelledNight
from crampwatch.recording.errors import CrampwatchError
from crampwatch.recording.model import ArraySource, Event, Night, Segment, Stream
from crampwatch.recording.readers import open_recording

RATE_HZ = 250.0


def made_night(seed, cramps, minutes=10):
    """Return a calf that is silent but for steady contractions, given as (onset, length)."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(int(minutes * 60 * RATE_HZ)) / RATE_HZ
    level = np.ones_like(time_s)
    for onset, length in cramps:
        level[(time_s >= onset) & (time_s < onset + length)] = 12.0
    raw = np.round(20 * level * rng.standard_normal(time_s.size)).astype(np.int16)
    stream = Stream(
        label="EMG L GM",
        kind="emg",
        rate_hz=RATE_HZ,
        unit="uV",
        segments=(Segment(0.0, ArraySource(raw[:, None])),),
        gain=np.array([0.1]),
        offset=np.zeros(1),
        side="left",
        placement="GM",
        calibrated=True,
    )
    return Night((stream,))


def unreadable():
    raise CrampwatchError("night.edf: not an EDF file")


def labelled(seed=1, cramps=((200, 40),), opener=None, truth=None, name=None):
    marks = tuple(Event(float(a), float(b), "cramp", "left", "EMG L GM") for a, b in cramps)
    return LabelledNight(
        id=name or f"night-{seed}",
        person=f"person-{seed}",
        open=opener or partial(made_night, seed, cramps),
        truth=marks if truth is None else truth,
        source="simulated",
        group="made",
        held_out=False,
        about={"family": "made"},
        identity=f"made-{seed}-{cramps}",
    )


class Cautious:
    """Gives probabilities, and is less sure without what follows."""

    def judge(self, candidates):
        return [self._one(c) for c in candidates]

    def _one(self, candidate):
        early = candidate.cut_s is not None
        kind = "possible_cramp" if early else "cramp"
        return Verdict(kind, 0.5 if early else 0.9, "", None if early else 0.5)


def test_a_made_cramp_is_found_and_counted():
    night = reduce_night(labelled(), rule_judge())
    assert [hit.name for hit in night.final.hits] == ["cramp"]
    assert abs(night.final.hits[0].onset_error_s) < 1.0
    assert night.final.false_alarms == ()
    assert night.duration_s == 600.0
    assert night.without_after is None


def test_decisions_without_what_follows_are_those_of_a_night_that_ends_there():
    night = reduce_night(labelled(), Cautious())
    assert [hit.name for hit in night.final.hits] == ["cramp"]
    assert [hit.name for hit in night.without_after.hits] == ["possible_cramp"]
    complete = [c for c in night.candidates if c.cut_s is None and c.is_cramp]
    assert [(c.final, c.causal) for c in complete] == [(0.9, 0.5)]
    cuts = {c.cut_s: (c.final, c.causal) for c in night.candidates if c.cut_s is not None}
    assert cuts[10.0] == (None, 0.5)


def test_a_judge_that_names_as_it_did_gives_the_same_events_without_what_follows():
    score = score_night(made_night(3, ((100, 30), (300, 15))), judge=Cautious())
    named = named_without_after(score, Cautious())
    final = [e for e in score.events if e.trial_type == "cramp"]
    assert [(e.onset, e.duration, e.side) for e in named] == [
        (e.onset, e.duration, e.side) for e in final
    ]
    assert named_without_after(score, RuleJudge(Settings().cramp)) is None


def test_a_model_is_judged_by_both_of_its_estimators(model):
    cramps = ((100, 60), (250, 37), (400, 20))
    night = reduce_night(labelled(cramps=cramps), model.judge())

    def names(decision):
        return [hit and hit.name for hit in decision.hits]

    # log-odds of -2 and a tenth of the seconds, or a twentieth; a cramp from 0.8 on
    assert names(night.final) == ["cramp", "cramp", "possible_cramp"]
    assert names(night.without_after) == ["possible_cramp", "possible_cramp", None]
    for c in night.candidates:
        chance = 1 / (1 + np.exp(2 - 0.05 * c.duration_s))
        assert c.causal == pytest.approx(chance, abs=1e-6)
        assert (c.final is None) == (c.cut_s is not None)


def test_probabilities_that_the_judge_keeps_back_are_not_lost(model):
    moved = Candidate(0.0, 15.0, "left", "GM", "EMG L GM", None, _features(movement=1.0))
    still = Candidate(99.0, 15.0, "left", "GM", "EMG L GM", None, _features(movement=0.0))
    assert model.judge().judge([moved])[0].probability is None
    kept, other = judged([moved, still], model.judge(), [])
    assert kept.final == other.final
    assert kept.is_cramp is False


def _features(**known):
    values = dict.fromkeys((feature.name for feature in FEATURES), 0.0)
    return {**values, "duration_s": 15.0, **known}


def test_marks_outside_the_night_are_told_and_not_counted():
    outside = Event(9000.0, 20.0, "cramp", "left")
    one = labelled()
    night = reduce_night(replace(one, truth=(*one.truth, outside)), rule_judge())
    assert len(night.cramps) == 1
    assert night.remarks == ("1 mark lies outside the night and is not counted",)


def test_marks_of_another_night_are_refused():
    one = labelled(truth=(Event(9000.0, 20.0, "cramp", "left"),))
    with pytest.raises(CrampwatchError, match="all 1 marks lie outside the night"):
        reduce_night(one, rule_judge())


def test_more_marks_than_a_night_can_hold_are_refused():
    one = labelled(truth=(Event(9.0, 1.0, "cramp", "left"),) * 2001)
    with pytest.raises(CrampwatchError, match="2001 of them cramps, are more than a night"):
        reduce_night(one, rule_judge())


def test_the_marks_of_the_first_annotator_count_and_that_is_told():
    one = labelled()
    night = reduce_night(
        replace(one, annotator="ada", second_opinions={"bob": ()}), rule_judge()
    )
    assert len(night.cramps) == 1
    assert night.remarks == ("judged by the marks of ada; 1 more is not used",)


def test_a_night_that_cannot_be_read_is_listed_and_the_others_are_judged():
    nights = [labelled(), labelled(2, opener=unreadable, name="broken")]
    found = evaluate_nights(nights, resamples=2)
    assert found.nights["judged"] == 1
    assert [(one.id, one.reason) for one in found.unusable] == [
        ("broken", "night.edf: not an EDF file")
    ]


def test_where_none_can_be_judged_one_line_says_why():
    with pytest.raises(CrampwatchError, match=r"none of the 1 nights.*not an EDF file"):
        evaluate_nights([labelled(opener=unreadable)])
    with pytest.raises(CrampwatchError, match="no labelled night"):
        evaluate_nights([])


def test_a_night_survives_being_written_down():
    night = reduce_night(labelled(), Cautious(), live=True)
    assert night.live is not None
    assert tally_from_json(json.loads(json.dumps(night.as_json()))) == night


def test_a_stopped_run_goes_on_and_gives_the_same(tmp_path):
    nights = [labelled(1), labelled(2, ((100, 30), (400, 12)))]
    whole = evaluate_nights(nights, resamples=20).as_json()
    evaluate_nights(nights[:1], store=tmp_path, resamples=20)
    seen = []
    again = evaluate_nights(
        [replace(nights[0], open=unreadable), nights[1]],
        store=tmp_path,
        resamples=20,
        progress=lambda done, of: seen.append((done, of)),
    )
    assert again.as_json() == whole
    assert seen == [(1, 2), (2, 2)]
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"identity": "another recording"},
        {"truth": ()},
        {"person": "somebody else"},
        {"about": {"family": "other"}},
    ],
)
def test_another_night_or_another_truth_is_judged_again(tmp_path, tally, change):
    night = labelled()
    store = Store(tmp_path, "model")
    store.put(night, tally())
    assert store.get(night) == tally()
    assert store.get(replace(night, **change)) is None
    assert Store(tmp_path, "another model").get(night) is None


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"key": 1}', "[" * 100_000])
def test_a_damaged_file_is_as_good_as_none(tmp_path, tally, text):
    store = Store(tmp_path, "model")
    store.put(labelled(), tally())
    (file,) = tmp_path.iterdir()
    file.write_text(text)
    assert store.get(labelled()) is None


def test_a_damaged_night_under_the_right_key_is_judged_again(tmp_path, tally):
    store = Store(tmp_path, "model")
    store.put(labelled(), tally())
    (file,) = tmp_path.iterdir()
    held = json.loads(file.read_text())
    del held["night"]["final"]["hits"]
    file.write_text(json.dumps(held))
    assert store.get(labelled()) is None


@pytest.mark.system
def test_two_processes_give_what_one_gives(tmp_path):
    nights = [
        simulated_night("sim:cramp?seed=3&hours=0.1"),
        simulated_night("sim:plm?seed=4&hours=0.1"),
        replace(labelled(), open=partial(open_recording, tmp_path / "missing.edf")),
    ]
    one = evaluate_nights(nights, resamples=20).as_json()
    two = evaluate_nights(nights, resamples=20, workers=2).as_json()
    assert one == two
    assert two["nights"]["unusable"] == 1


def test_live_words_are_timed_from_the_onset_of_the_cramp():
    def told(onset, duration, at, *, kind="possible_cramp", ongoing=False):
        return Notice(Event(onset, duration, kind, "left"), at, ongoing)

    truth = [Event(100.0, 60.0, "cramp", "left"), Event(400.0, 30.0, "cramp", "left")]
    words = [
        told(101.0, 10.0, 112.0, ongoing=True),
        told(101.0, 59.0, 161.0, kind="cramp"),
        told(700.0, 10.0, 711.0, ongoing=True),
        told(700.0, 25.0, 726.0),
        told(900.0, 25.0, 926.0, kind="cramp"),
    ]
    live = live_from(words, truth)
    assert live.delays_s == (12.0, None)
    assert live.false_alarms == {"cramp": 1, "possible_cramp": 1}


@pytest.mark.system
def test_a_night_is_followed_live_where_that_is_asked_for():
    night = reduce_night(labelled(cramps=((200, 60),)), rule_judge(), live=True)
    (delay,) = night.live.delays_s
    assert 0 < delay < 60
