"""The command line: ``crampwatch VERB``, one file for each family of verbs."""

from .program import main

__all__ = ["main"]
