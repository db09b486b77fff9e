"""A trained detector in one file, and the judge it offers."""

from __future__ import annotations

from .curve import at_prevalence
from .files import load_model, save_model, shipped_model
from .judge import ModelJudge
from .model import Evidence, Model
from .scorer import Scorer

__all__ = [
    "Evidence",
    "Model",
    "ModelJudge",
    "Scorer",
    "at_prevalence",
    "load_model",
    "save_model",
    "shipped_model",
]
