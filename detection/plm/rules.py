"""The two rule sets, literally, and every point on which published programs disagree.

A rule set is a table. Whoever reads a point of a standard differently replaces one entry
(``dataclasses.replace(WASM2016, imi_max_inclusive=False)``) and keeps the rest; the entries
that differ from the shipped table are named in every summary.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final, Literal

TIME_TOLERANCE_S: Final = 1e-4
"""Two times closer than this are the same: less than a sample at any EMG rate, more than
what a decimal fraction loses in binary."""


@dataclass(frozen=True, slots=True)
class Rules:
    """One way to score leg movements. All times in seconds; None switches a limit off.

    Attributes
    ----------
    name
        ``wasm2016`` or ``aasm``: the standard that the table restates.
    min_duration
        Shortest leg movement, inclusive.
    min_duration_step
        Whether pieces under `min_duration` are dropped ``before`` or ``after_joining``
        pieces on one leg. Matters only with joining.
    same_leg_join
        Pieces on one leg with a gap under this are one movement (and one member).
    max_duration
        Longest movement of one leg that may be a candidate, inclusive.
    max_combined
        Longest combined movement that may be a candidate, inclusive.
    max_members
        Most pieces in a combined candidate.
    duration_slack
        Added to a duration before it meets a maximum: one sampling period for a program
        that counts the last sample too.
    combine_measure
        What `combine_gap` measures between legs: ``offset_to_onset`` or ``onset_to_onset``.
    combine_gap
        Movements nearer than this are one combined movement.
    combine_gap_inclusive
        Whether exactly `combine_gap` still combines.
    combine_scope
        ``any_leg`` (whatever is near combines) or ``left_right_pairs``.
    combine_when_one_leg
        Whether pieces are combined at all where only one leg has movements.
    combine_from
        With ``onset_to_onset``: the gap is measured from the ``first_onset`` of the combined
        movement, or from ``piece_to_piece``.
    duration_judged
        Durations are judged ``per_leg``, or on the movement ``after_combining``. For
        WASM, both apply and `max_combined` is the second.
    long_movement
        A movement that is too long ``interrupts`` a series, or is ``no_movement`` at all
        and is passed over as if it were not there.
    imi_min, imi_max
        Limits of the onset-to-onset interval in a series.
    imi_max_inclusive
        Whether an interval of exactly `imi_max` counts (exactly `imi_min` always does).
    short_interval
        An interval under `imi_min` ``ends_series``, or the later movement is
        ``passed_over`` and the interval is measured to the next one.
    short_imi_can_start
        Whether a candidate that follows another movement by less than `imi_min` may be the
        first of a series.
    wake_movement
        A candidate in wake ``stays`` in the series, or is ``passed_over``. Passed over,
        wake under `imi_max` cannot break a series and longer wake always does.
    min_series
        Fewest candidates in a series.
    stage_at_boundary
        Epoch of an onset on an epoch's edge: the one that ``starts`` or the one that
        ``ends`` there.
    respiratory_around
        The respiratory window lies around the ``end`` of the event, or around the
        ``whole`` event.
    respiratory_before, respiratory_after
        Extent of that window, edges included; any overlap counts.
    respiratory_noncandidates
        When respiratory movements are set aside, one that is no candidate ``stays`` and
        goes on interrupting, or is ``removed`` too.
    arousal_margin
        A movement within this of any part of an arousal is associated with it.
    imi_from
        Where the reported interval starts: ``adjacent_candidate`` (missing after a
        non-candidate), ``previous_candidate``, or ``previous_movement``.
    """

    name: Literal["wasm2016", "aasm"]
    min_duration: float
    min_duration_step: Literal["before", "after_joining"]
    same_leg_join: float | None
    max_duration: float
    max_combined: float | None
    max_members: int | None
    duration_slack: float
    combine_measure: Literal["offset_to_onset", "onset_to_onset"]
    combine_gap: float
    combine_gap_inclusive: bool
    combine_scope: Literal["any_leg", "left_right_pairs"]
    combine_when_one_leg: bool
    combine_from: Literal["first_onset", "piece_to_piece"]
    duration_judged: Literal["per_leg", "after_combining"]
    long_movement: Literal["interrupts", "no_movement"]
    imi_min: float
    imi_max: float
    imi_max_inclusive: bool
    short_interval: Literal["ends_series", "passed_over"]
    short_imi_can_start: bool
    wake_movement: Literal["stays", "passed_over"]
    min_series: int
    stage_at_boundary: Literal["starts", "ends"]
    respiratory_around: Literal["end", "whole"]
    respiratory_before: float
    respiratory_after: float
    respiratory_noncandidates: Literal["stays", "removed"]
    arousal_margin: float
    imi_from: Literal["adjacent_candidate", "previous_candidate", "previous_movement"]


WASM2016: Final = Rules(
    name="wasm2016",
    min_duration=0.5,
    min_duration_step="after_joining",
    same_leg_join=0.5,
    max_duration=10.0,
    max_combined=15.0,
    max_members=4,
    duration_slack=0.0,
    combine_measure="offset_to_onset",
    combine_gap=0.5,
    combine_gap_inclusive=False,
    combine_scope="any_leg",
    combine_when_one_leg=True,
    combine_from="piece_to_piece",
    duration_judged="per_leg",
    long_movement="interrupts",
    imi_min=10.0,
    imi_max=90.0,
    imi_max_inclusive=True,
    short_interval="ends_series",
    short_imi_can_start=True,
    wake_movement="stays",
    min_series=4,
    stage_at_boundary="starts",
    respiratory_around="end",
    respiratory_before=2.0,
    respiratory_after=10.25,
    respiratory_noncandidates="stays",
    arousal_margin=0.5,
    imi_from="adjacent_candidate",
)
"""World Association of Sleep Medicine, 2016 (Ferri et al., Sleep Medicine 26:86-95).

Where published programs read it differently, the entry is PLMScoRe's reading."""

AASM: Final = Rules(
    name="aasm",
    min_duration=0.5,
    min_duration_step="after_joining",
    same_leg_join=0.5,
    max_duration=10.0,
    max_combined=None,
    max_members=None,
    duration_slack=0.0,
    combine_measure="onset_to_onset",
    combine_gap=5.0,
    combine_gap_inclusive=False,
    combine_scope="left_right_pairs",
    combine_when_one_leg=True,
    combine_from="first_onset",
    duration_judged="per_leg",
    long_movement="no_movement",
    imi_min=5.0,
    imi_max=90.0,
    imi_max_inclusive=True,
    short_interval="ends_series",
    short_imi_can_start=True,
    wake_movement="passed_over",
    min_series=4,
    stage_at_boundary="starts",
    respiratory_around="whole",
    respiratory_before=0.5,
    respiratory_after=0.5,
    respiratory_noncandidates="stays",
    arousal_margin=0.5,
    imi_from="previous_movement",
)
"""American Academy of Sleep Medicine, manual for the scoring of sleep, movement rules.

Open in the text, and named here: `short_interval`, `combine_from`, `wake_movement`,
`duration_judged`."""

RULE_SETS: Final = MappingProxyType({"wasm2016": WASM2016, "aasm": AASM})
"""The shipped tables by name."""


def changed_options(rules: Rules) -> dict[str, Any]:
    """Return the entries of `rules` that differ from the shipped table of its name."""
    shipped = RULE_SETS[rules.name]
    return {
        field.name: getattr(rules, field.name)
        for field in fields(rules)
        if getattr(rules, field.name) != getattr(shipped, field.name)
    }
