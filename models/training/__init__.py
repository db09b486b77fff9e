"""From a table of labelled contractions to a calibrated detector."""

from __future__ import annotations

from .adapt import Adaptation, adapt
from .train import Training, TrainingSettings, train

__all__ = ["Adaptation", "Training", "TrainingSettings", "adapt", "train"]
