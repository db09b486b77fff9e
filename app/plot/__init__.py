"""Figures for papers: a night, an event, and the intervals between leg movements.

Offered as ``crampwatch.plot``; needs matplotlib (``pip install "crampwatch[plot]"``)::

    import crampwatch

    night = crampwatch.open_recording("night.edf")
    score = crampwatch.score_night(night)
    crampwatch.plot.night(night, score).savefig("night.pdf")

Every function draws on a figure or axes that it is given, else on a new one that belongs to
no window, and returns it. Times on the axes are seconds from the start of the night, as in
``events.tsv``, and are labelled with the clock where the recording tells its start.
"""

from __future__ import annotations

try:
    import matplotlib as mpl
except ImportError:
    raise ImportError("figures need matplotlib: pip install 'crampwatch[plot]'") from None
else:
    del mpl

from .event import event
from .intervals import intervals
from .night import night

__all__ = ["event", "intervals", "night"]
