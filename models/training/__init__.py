"""From a table of labelled contractions to a calibrated detector."""

from __future__ import annotations

from .train import Training, TrainingSettings, train

__all__ = ["Training", "TrainingSettings", "train"]
