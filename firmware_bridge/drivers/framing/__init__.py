"""Bytes to frames, and counters to running numbers: what several sensors share."""
