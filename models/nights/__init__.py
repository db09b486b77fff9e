"""Labelled nights: what a detector learns from and is judged by."""

from __future__ import annotations

from .labelled import LabelledNight, Opener, Source
from .read import read_nights

__all__ = ["LabelledNight", "Opener", "Source", "read_nights"]
