"""The ways by which an alert reaches a person, each a small file of its own."""

from .opening import check_ways, open_ways

__all__ = ["check_ways", "open_ways"]
