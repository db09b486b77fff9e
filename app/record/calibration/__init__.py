"""The guided minute at the beginning of a night: rest, a gentle contraction, a tap."""
