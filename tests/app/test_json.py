import json
from datetime import UTC, datetime

import numpy as np
import pytest

from crampwatch.app.jsontext import to_json


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float("nan"), None),
        (np.float32("inf"), None),
        (np.int64(3), 3),
        (np.bool_(True), True),
        ((1, np.array([1.5, np.nan])), [1, [1.5, None]]),
        ({1: {"a": None}}, {"1": {"a": None}}),
        ("µ\udcff", "µ?"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01 00:00:00+00:00"),
    ],
)
def test_what_json_does_not_know_is_told_plainly(value, text):
    assert json.loads(to_json(value)) == text
