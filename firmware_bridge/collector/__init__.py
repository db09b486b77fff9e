"""The collector: samples from links to the journal of the night, and nothing else."""

from .collector import Collector
from .counts import Counts, SensorCount, StreamCount
from .described import Worn
from .fan import Fan
from .raw_log import RawLog
from .writing import Writing

__all__ = [
    "Collector",
    "Counts",
    "Fan",
    "RawLog",
    "SensorCount",
    "StreamCount",
    "Worn",
    "Writing",
]
