"""Events as a pandas table, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..errors import RecordingError
from ..model import Event
from .columns import REQUIRED, STANDARD

if TYPE_CHECKING:
    import pandas as pd


def to_frame(events: Iterable[Event]) -> pd.DataFrame:
    """Return events as a table with the columns of ``events.tsv``.

    Returns
    -------
    pandas.DataFrame
        One row for each event in the order given; ``onset``, ``duration`` (float64,
        seconds) and ``probability`` (float64, NaN where there is none); texts as objects,
        None where there is none; then the columns of `Event.extra`.
    """
    import pandas as pd

    rows = list(events)
    extras = [n for n in dict.fromkeys(n for e in rows for n in e.extra) if n not in STANDARD]
    columns: dict[str, Any] = {
        "onset": pd.Series([event.onset for event in rows], dtype="float64"),
        "duration": pd.Series([event.duration for event in rows], dtype="float64"),
        "trial_type": pd.Series([event.trial_type for event in rows], dtype="object"),
        "side": pd.Series([event.side for event in rows], dtype="object"),
        "channel": pd.Series([event.channel for event in rows], dtype="object"),
        "probability": pd.Series([event.probability for event in rows], dtype="float64"),
    }
    for name in extras:
        values = pd.Series([event.extra.get(name) for event in rows], dtype="object")
        columns[name] = values if values.isna().any() else values.infer_objects()
    return pd.DataFrame(columns)


def from_frame(frame: pd.DataFrame) -> tuple[Event, ...]:
    """Return the events of a table with the columns of ``events.tsv``, sorted by onset.

    Raises
    ------
    RecordingError
        A column is missing, or a time is no finite number.
    """
    import numpy as np
    import pandas as pd

    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        raise RecordingError(f"the table of events has no column {', '.join(missing)}")
    try:
        times = frame[["onset", "duration"]].to_numpy(dtype="float64")
    except (TypeError, ValueError) as error:
        raise RecordingError("the table of events has times that are no numbers") from error
    if not np.isfinite(times).all() or (times[:, 1] < 0).any():
        row = int(np.flatnonzero(~np.isfinite(times).all(axis=1) | ~(times[:, 1] >= 0))[0])
        raise RecordingError(
            f"the table of events has no valid onset and duration in row {row}"
        )
    extras = [name for name in frame.columns if name not in STANDARD]
    events = []
    for place, record in enumerate(frame.to_dict("records")):
        cells = {name: None if pd.isna(value) else value for name, value in record.items()}
        events.append(
            Event(
                onset=float(times[place, 0]),
                duration=float(times[place, 1]),
                trial_type=str(cells["trial_type"]),
                side=cells.get("side"),
                channel=cells.get("channel"),
                probability=cells.get("probability"),
                extra={str(name): cells[name] for name in extras},
            )
        )
    return tuple(sorted(events, key=lambda event: (event.onset, event.duration)))
