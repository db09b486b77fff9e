"""From the bursts of each muscle to the leg motor events of the night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...recording.annotations.hypnogram import Hypnogram
from ...recording.model import Event
from ..channels.channel import Channel
from ..channels.report import ChannelReport
from ..plm.movements import MOVEMENT_TYPES, Movements, movements_from_arrays
from ..signal.bursts import MIN_RATE_HZ
from .arbitration import RULE_RANK
from .motor_events import (
    MotorScore,
    count_fasciculations,
    find_motor_events,
    find_myoclonus,
    joined,
    outside,
)
from .pulse import without_heartbeat
from .trains import SPREAD, find_trains


def find_leg_rhythms(
    channels: Mapping[int, Channel],
    reports: Sequence[ChannelReport],
    events: Sequence[Event],
    hypnogram: Hypnogram | None = None,
) -> MotorScore:
    """Find alternating activation, tremor, myoclonus, brief bursts and trains of a night.

    A leg is seen by one muscle, its tibialis anterior where that is recorded. Bursts that
    touch a large movement, a cramp or an artefact are fragments of it and take part in
    nothing; a brief burst inside a leg movement, or in step with a pulse, is no myoclonus.

    Parameters
    ----------
    channels, reports
        Closed pipelines by number of the signal, and one report for each signal.
    events
        What was found so far.
    hypnogram
        Stages; without them no myoclonus is named.
    """
    muscles = _one_muscle_a_leg(channels, reports)
    bursts = _bursts([(channels[number], leg) for leg, number in muscles.items()])
    bursts = outside(bursts, [e for e in events if e.trial_type not in MOVEMENT_TYPES])
    rhythms = joined(find_motor_events(bursts, max_spread=SPREAD)[0])
    moving = [e for e in events if e.trial_type in MOVEMENT_TYPES]
    free, pulse = without_heartbeat(outside(bursts, (*rhythms, *moving)))
    myoclonus = find_myoclonus(free, hypnogram)
    pulse = {leg: pulse[leg] for leg in muscles}
    rates = {
        leg: count_fasciculations(free, reports[number].valid_s - 60.0 * pulse[leg])[leg]
        for leg, number in muscles.items()
    }
    found = sorted((*rhythms, *myoclonus.events), key=lambda event: event.onset)
    return MotorScore(
        tuple(muscles), tuple(found), myoclonus, rates, pulse, find_trains(bursts)
    )


def _bursts(muscles: Sequence[tuple[Channel, str]]) -> Movements:
    onset: list[float] = []
    duration: list[float] = []
    side: list[str | None] = []
    for channel, leg in muscles:
        starts = np.array(channel.segment_starts)
        hops = np.array([(n, b.first, b.last) for n, b in channel.bursts]).reshape(-1, 3)
        hops = hops[hops[:, 2] > hops[:, 1]]
        hop_s = channel.grid.hop_s
        onset += (starts[hops[:, 0].astype(int)] + hops[:, 1] * hop_s).tolist()
        duration += ((hops[:, 2] - hops[:, 1]) * hop_s).tolist()
        side += [leg] * len(hops)
    return movements_from_arrays(onset, duration, side)


def _one_muscle_a_leg(
    channels: Mapping[int, Channel], reports: Sequence[ChannelReport]
) -> dict[str, int]:
    """Return the number of the signal that shows each leg best."""
    able = [
        (report.side, report.placement != "TA", RULE_RANK[report.rule], number)
        for number, report in enumerate(reports)
        if number in channels
        and report.kind == "emg"
        and report.status == "ok"
        and report.side is not None
        and report.rule is not None
        and report.rate_hz >= MIN_RATE_HZ
    ]
    best: dict[str, int] = {}
    for side, _, _, number in sorted(able):
        best.setdefault(side, number)
    return best
