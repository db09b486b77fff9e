"""Whether a probability means what it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from crampwatch.models.evaluation.bootstrap import Bootstrap
from crampwatch.models.evaluation.calibration import (
    average_precision,
    calibrate,
    equal_mass_bins,
    roc_auc,
)

PAIRS = st.lists(
    st.tuples(st.sampled_from((0.0, 0.1, 0.25, 0.5, 0.9, 1.0)), st.booleans()), min_size=1
)


def test_error_and_brier_counted_by_hand():
    # two bins: (0.1, 0.2 | no, no) and (0.6, 0.9 | yes, no)
    found = calibrate(
        [0.1, 0.2, 0.6, 0.9], [False, False, True, False], [0] * 4, Bootstrap(["a"]), 2
    )
    assert found.error.value == pytest.approx((2 * 0.15 + 2 * 0.25) / 4)
    assert found.brier.value == pytest.approx((0.01 + 0.04 + 0.16 + 0.81) / 4)
    assert found.brier_of_base_rate == pytest.approx(0.25 * 0.75)
    assert [(b.low, b.high, b.true.count, b.true.of) for b in found.bins] == [
        (0.1, 0.2, 0, 2),
        (0.6, 0.9, 1, 2),
    ]
    assert found.error.bootstrap is None


def test_candidates_that_are_plainly_none_do_not_hide_the_others():
    plain, open_ones = [0.001] * 980, [0.9] * 20
    found = calibrate(
        plain + open_ones, [False] * 990 + [True] * 10, [0] * 1000, Bootstrap(["a"]), 10
    )
    assert found.error.value < 0.01
    assert found.n_open == 20
    assert found.open_error.value == pytest.approx(0.4)
    assert calibrate(plain, [False] * 980, [0] * 980, Bootstrap(["a"])).open_error is None


def test_roc_and_precision_counted_by_hand():
    p, y = np.array([0.9, 0.8, 0.7, 0.7, 0.1]), np.array([1.0, 0.0, 1.0, 0.0, 0.0])
    # of six pairs the true ones win 3 + 1.5 (one tie)
    assert roc_auc(p, y) == pytest.approx(4.5 / 6)
    assert average_precision(p, y) == pytest.approx(0.5 * 1 + 0.5 * 2 / 4)


def test_roc_and_precision_are_those_of_scikit_learn():
    rng = np.random.default_rng(7)
    y = rng.random(500) < 0.2
    p = np.round(np.clip(rng.normal(0.3 + 0.3 * y, 0.2), 0, 1), 2)
    assert roc_auc(p, y.astype(float)) == pytest.approx(metrics.roc_auc_score(y, p))
    ours = average_precision(p, y.astype(float))
    assert ours == pytest.approx(metrics.average_precision_score(y, p))


def test_honest_probabilities_have_a_small_error_and_bent_ones_a_large_one():
    rng = np.random.default_rng(11)
    p = rng.random(4000)
    y = rng.random(4000) < p
    night = rng.integers(0, 40, 4000)
    draws = Bootstrap([str(n) for n in range(40)], 300)
    honest = calibrate(p, y, night, draws)
    assert honest.error.value < 0.03
    bent = calibrate(p**3, y, night, draws)
    assert bent.error.value > 0.15
    low, high = bent.error.bootstrap
    assert low < bent.error.value < high
    low, high = honest.roc_auc.bootstrap
    assert low < honest.roc_auc.value < high


def test_equal_probabilities_stay_in_one_bin():
    p = np.array([0.0] * 95 + [0.2, 0.4, 0.6, 0.8, 1.0])
    member = equal_mass_bins(p)
    assert len(set(member[:95])) == 1
    assert member[-1] != member[0]


def test_one_class_has_no_roc():
    found = calibrate([0.1, 0.4], [False, False], [0, 1], Bootstrap(["a", "b"], 50))
    assert found.roc_auc is None
    assert found.average_precision is None


def test_equal_probabilities_win_half_their_pairs_in_every_draw():
    found = calibrate(
        [0.3] * 6, [True, False] * 3, [0, 0, 1, 1, 2, 2], Bootstrap(["a", "b", "c"], 50)
    )
    assert found.roc_auc.value == 0.5
    assert found.roc_auc.bootstrap == (0.5, 0.5)


def test_nothing_has_no_calibration():
    assert calibrate([], [], [], Bootstrap([])) is None


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(wrong):
    with pytest.raises(ValueError, match="between 0 and 1"):
        calibrate([wrong], [True], [0], Bootstrap(["a"]))


@given(PAIRS, st.integers(1, 12))
def test_bins_hold_every_candidate_once_and_in_order(pairs, bins):
    p, y = zip(*pairs, strict=True)
    found = calibrate(p, y, [0] * len(p), Bootstrap(["a"], 2), bins)
    assert sum(each.true.of for each in found.bins) == len(p)
    assert sum(each.true.count for each in found.bins) == found.positives == sum(y)
    edges = [edge for each in found.bins for edge in (each.low, each.high)]
    assert edges == sorted(edges)
    assert len(found.bins) <= bins
    assert 0 <= found.error.value <= 1
    if found.roc_auc is not None:
        assert 0 <= found.roc_auc.value <= 1
