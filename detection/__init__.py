"""The signal core: quality, envelopes, movements, scoring rules, cramp candidates."""

from __future__ import annotations

from .candidates import Candidate, Judge, RuleJudge, Verdict
from .engine import Engine
from .live import LiveEngine, Playback, play
from .result import ChannelReport, NightScore, Notice, Overview
from .scoring import score_night
from .settings import Settings

__all__ = [
    "Candidate",
    "ChannelReport",
    "Engine",
    "Judge",
    "LiveEngine",
    "NightScore",
    "Notice",
    "Overview",
    "Playback",
    "RuleJudge",
    "Settings",
    "Verdict",
    "play",
    "score_night",
]
