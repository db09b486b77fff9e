"""The signal core: quality, envelopes, movements, scoring rules, cramp candidates."""

from __future__ import annotations

from .channels.report import ChannelReport, Overview
from .cramps.candidates import Candidate, Judge, Verdict
from .cramps.rule import RuleJudge
from .engine.final import Engine
from .engine.live import LiveEngine, Playback, play
from .engine.scoring import score_night
from .result import NightScore, Notice
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
