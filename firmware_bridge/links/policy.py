"""How patient a link is: every duration in one place, with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkPolicy:
    """Durations, all in seconds but for the counts.

    Attributes
    ----------
    batch_s
        Samples are decoded in batches of about this length: one packet at a time would cost
        several times as much.
    tick_s
        Longest pause between two looks at clocks and at what is due.
    open_s, search_s, write_s, close_s
        Limits for a transport that does not keep its own.
    stop_s
        Limit for saying good-bye.
    grace_s
        From the last start command to the first samples: boards boot for seconds.
    silent_s
        Without samples in a stream that ran. Radio stalls of two or three seconds catch up
        by themselves, and slow sensors send one notification in 1.5 s.
    stream_silent_s
        Without samples of one stream while others go on, until it is said.
    settled_s
        Samples for this long, and the next trouble counts as a new one.
    restart_s
        From a reset of the sensor to its samples, before it is set up again.
    suspend_s
        Sleep of the computer that is noticed.
    backoff_first_s, backoff_cap_s, backoff_jitter
        Pauses between attempts double from the first to the cap; each is longer or shorter by
        a random part, so that two sensors do not call at the same moment all night.
    search_every
        Every so many attempts in a row the sensor is searched anew.
    most_held
        Packets held while a sensor is asked for its layout.
    most_driver_errors
        Errors of a decoder in a row, without a sample between them, until the connection is
        made anew.
    """

    batch_s: float = 0.05
    tick_s: float = 0.25
    open_s: float = 60.0
    search_s: float = 30.0
    write_s: float = 10.0
    close_s: float = 10.0
    stop_s: float = 3.0
    grace_s: float = 12.0
    silent_s: float = 5.0
    stream_silent_s: float = 30.0
    settled_s: float = 10.0
    restart_s: float = 1.0
    suspend_s: float = 3.0
    backoff_first_s: float = 0.5
    backoff_cap_s: float = 30.0
    backoff_jitter: float = 0.2
    search_every: int = 3
    most_held: int = 4096
    most_driver_errors: int = 3
