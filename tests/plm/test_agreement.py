"""Matching of two scorings, checked by hand and against mir_eval and sed_eval."""

import importlib.util
import json
import sys
import types
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from crampwatch.detection.agreement import cohen_kappa, compare_scorings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import mir_eval

    # a dependency of sed_eval imports it for its examples; new setuptools have it no more
    without = importlib.util.find_spec("pkg_resources") is None
    if without:
        sys.modules["pkg_resources"] = types.ModuleType("pkg_resources")
    import sed_eval

    if without:
        del sys.modules["pkg_resources"]


def night(seed, count=300):
    """A reference, and a scorer who moves edges, misses some and adds others."""
    rng = np.random.default_rng(seed)
    onset = np.cumsum(rng.uniform(0.6, 60, count))
    reference = np.column_stack((onset, onset + rng.uniform(0.5, 8, count)))
    kept = reference[rng.random(count) < 0.85] + rng.normal(0, 0.4, (1, 2))
    kept = kept + rng.normal(0, 0.3, kept.shape)
    kept[:, 1] = np.maximum(kept[:, 1], kept[:, 0] + 0.3)
    extra = rng.uniform(0, onset[-1], 30)
    added = np.column_stack((extra, extra + rng.uniform(0.5, 3, 30)))
    other = np.vstack((kept, added))
    return reference, other[np.argsort(other[:, 0])] + 5.0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("tolerance", [0.5, 2.0])
def test_onset_matching_finds_as_many_pairs_as_mir_eval(seed, tolerance):
    reference, other = night(seed)
    pairs = mir_eval.util.match_events(reference[:, 0], other[:, 0], tolerance)
    agreement = compare_scorings(reference, other, onset_tolerance_s=tolerance)
    assert agreement.n_matched == len(pairs)
    f1, precision, recall = mir_eval.onset.f_measure(reference[:, 0], other[:, 0], tolerance)
    assert agreement.precision == pytest.approx(precision)
    assert agreement.recall == pytest.approx(recall)
    assert agreement.f1 == pytest.approx(f1)


@pytest.mark.parametrize("seed", range(5))
def test_onset_matching_scores_as_sed_eval_with_an_optimal_matching(seed):
    reference, other = night(seed, 150)
    metrics = sed_eval.sound_event.EventBasedMetrics(
        event_label_list=["LM"],
        t_collar=0.5,
        evaluate_onset=True,
        evaluate_offset=False,
        event_matching_type="optimal",
    )

    def listed(spans):
        return [
            {"event_label": "LM", "event_onset": a, "event_offset": b, "file": "night"}
            for a, b in spans
        ]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        metrics.evaluate(listed(reference), listed(other))
    scored = metrics.results_overall_metrics()["f_measure"]
    agreement = compare_scorings(reference, other, onset_tolerance_s=0.5)
    assert agreement.f1 == pytest.approx(scored["f_measure"])
    assert agreement.precision == pytest.approx(scored["precision"])
    assert agreement.recall == pytest.approx(scored["recall"])


def test_one_event_is_matched_once_only():
    agreement = compare_scorings([[0, 10]], [[0, 4], [5, 10]])
    assert agreement.n_matched == 1
    assert agreement.pairs.tolist() == [[0, 1]]


def test_a_greedy_choice_would_lose_a_pair():
    reference, other = [[0.0, 10.0], [6.0, 16.0]], [[5.0, 15.0], [13.0, 19.0]]
    agreement = compare_scorings(reference, other)
    assert agreement.pairs.tolist() == [[0, 0], [1, 1]]


@pytest.mark.parametrize(("min_iou", "matched"), [(0.2, 1), (0.5, 1), (0.6, 0)])
def test_the_overlap_limit_is_included(min_iou, matched):
    assert compare_scorings([[0, 10]], [[0, 5]], min_iou=min_iou).n_matched == matched


def test_onset_bias_and_spread_are_of_the_matched_pairs():
    agreement = compare_scorings([[0, 5], [20, 25], [90, 95]], [[0.5, 5], [21.5, 25]])
    assert agreement.onset_bias_s == pytest.approx(1.0)
    assert agreement.onset_sd_s == pytest.approx(np.std([0.5, 1.5], ddof=1))
    assert (agreement.precision, agreement.recall) == (1.0, pytest.approx(2 / 3))


def test_nothing_against_nothing_has_no_score():
    agreement = compare_scorings([], [])
    assert (agreement.precision, agreement.recall, agreement.f1) == (None, None, None)
    assert compare_scorings([[0, 1]], []).f1 == 0.0
    json.dumps(agreement.summary())


def test_kappa_is_that_of_the_textbook():
    reference, other = np.array([[0.0, 40.0]]), np.array([[20.0, 60.0]])
    # 20 of 100 both, 40 neither: observed 0.6, by chance 0.4 * 0.4 + 0.6 * 0.6 = 0.52
    assert cohen_kappa(reference, other, 100.0) == pytest.approx((0.6 - 0.52) / 0.48)
    assert cohen_kappa(reference, reference, 100.0) == pytest.approx(1.0)
    assert cohen_kappa(np.empty((0, 2)), np.empty((0, 2)), 100.0) is None


SPANS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 40)).map(lambda s: (s[0], s[0] + s[1])),
    max_size=14,
)


@given(SPANS, SPANS, st.sampled_from([0.2, 0.5]))
def test_matching_is_symmetric_and_one_to_one(reference, other, min_iou):
    there = compare_scorings(reference, other, min_iou=min_iou)
    back = compare_scorings(other, reference, min_iou=min_iou)
    assert there.n_matched == back.n_matched
    assert there.precision == back.recall
    for column in there.pairs.T:
        assert len(set(column.tolist())) == len(column)


@given(SPANS, SPANS)
def test_matching_is_as_large_as_a_maximum_bipartite_matching(reference, other):
    agreement = compare_scorings(reference, other)
    possible = np.zeros((len(reference) + 1, len(other) + 1))
    for i, (a, b) in enumerate(reference):
        for j, (c, d) in enumerate(other):
            common, union = min(b, d) - max(a, c), max(b, d) - min(a, c)
            possible[i, j] = common / union >= 0.2 - 1e-9
    best = maximum_bipartite_matching(csr_array(possible), perm_type="column")
    assert agreement.n_matched == np.sum(best >= 0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"reference": [[2, 1]], "other": []}, "ends before it begins"),
        ({"reference": [[1, 2, 3]], "other": []}, "onset and end"),
        ({"reference": [], "other": [], "min_iou": 0.0}, "min_iou"),
        ({"reference": [], "other": [], "onset_tolerance_s": -1.0}, "onset_tolerance_s"),
        ({"reference": [], "other": [], "duration_s": 0.0}, "length of the night"),
    ],
)
def test_what_cannot_be_compared_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        compare_scorings(call.pop("reference"), call.pop("other"), **call)
