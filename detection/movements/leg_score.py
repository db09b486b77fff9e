"""The leg movements of one basis, scored, with numbers that say what they count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..channels.report import Scope
from ..plm.indices import per_hour, periodicity_share
from ..plm.result import PlmScore

STANDARDS: Final = frozenset({"wasm2016", "aasm"})

STANDARD_NAMES: Final = {"wasm2016": "WASM 2016", "aasm": "the AASM manual"}

_DETAILS: Final = ("periodicity", "intervals", "series", "thirds", "hours", "sleep")


@dataclass(frozen=True, slots=True, eq=False)
class LegScore:
    """Leg movements of one basis.

    Attributes
    ----------
    basis
        What the movements were found by, as in the column ``rule``.
    score
        Series and indices, both legs together.
    channels, legs
        Labels of the signals and names of the legs that were scored so.
    """

    basis: Scope
    score: PlmScore
    channels: tuple[str, ...]
    legs: tuple[str, ...]

    @property
    def by_standard(self) -> bool:
        """Whether its periodic movements are PLM by a standard."""
        return self.basis in STANDARDS

    @property
    def rate(self) -> float | None:
        """Periodic movements in sleep per hour of sleep, or per hour of valid recording."""
        if self.score.hypnogram is not None:
            return self.score.indices()["plms_per_h"]
        return per_hour(self.score.counts()["plm"] or 0, self.score.valid_s or 0.0)

    def counts(self) -> dict[str, int | None]:
        """Return counts of combined movements; only a standard's have the standard's names."""
        counts = self.score.counts()
        if self.by_standard:
            return counts
        names = ("movements", "candidates", "in_series", "in_series_asleep", "in_series_awake")
        return dict(zip(names, counts.values(), strict=True))

    def indices(self) -> dict[str, Mapping[str, Any]]:
        """Return each index with ``value``, ``unit`` and ``definition``.

        Per hour of sleep where there is a hypnogram; per hour of valid recording, and named
        so, always.
        """
        return {
            name: {"value": None if value is None else round(value, 6), **_defined(unit, text)}
            for name, value, unit, text in (*self._asleep(), *self._recorded())
        }

    def summary(self) -> dict[str, Any]:
        """Return every number, ready for JSON."""
        whole = self.score.summary()
        respiratory = {"set_aside": int(self.score.set_aside.sum())}
        details = {name: whole[name] for name in _DETAILS}
        if self.by_standard:
            details |= {"respiratory": whole["respiratory"], "arousal": whole["arousal"]}
        elif self.score.respiratory_given:
            details["respiratory"] = respiratory
        return {
            "rule": self.basis,
            "by_standard": self.by_standard,
            "series_by": self.score.rules.name,
            "about": self.sentence(),
            "legs": list(self.legs),
            "channels": list(self.channels),
            "valid_s": self.score.valid_s,
            "counts": self.counts(),
            "indices": self.indices(),
            **details,
            "warnings": list(self.score.warnings),
        }

    def sentence(self) -> str:
        """Return what was found, one sentence."""
        counts, score = self.score.counts(), self.score
        number, series = counts["plm"] or 0, int(score.kept.series.max(initial=0))
        runs = f"{series} series"
        name = "plms_index" if score.hypnogram is not None else "plm_per_valid_hour"
        if not self.by_standard:
            return (
                f"{number or 'None'} of {counts['lm']} leg movements found by rule {self.basis}"
                f" come at regular intervals{f', in {runs}' if number else ''}; this is not a"
                " count of periodic limb movements by a standard."
            )
        standard = STANDARD_NAMES[self.basis]
        rate = self.indices()[name]["value"]
        shown = "no rate is known" if rate is None else f"{rate:.1f}"
        if score.hypnogram is not None:
            return (
                f"{counts['plms']} periodic leg movements in sleep and {counts['plmw']} in wake"
                f" by {standard}: {shown} PLMS per hour of sleep."
            )
        found = f"{number} periodic leg movements in {runs}"
        return (
            f"{found if number else 'No periodic leg movement'} by {standard}: {shown} per hour"
            " of valid recording, asleep or awake; without a hypnogram there is no PLMS index."
        )

    def _asleep(self) -> list[tuple[str, float | None, str, str]]:
        score = self.score
        if score.hypnogram is None:
            return []
        indices, sleep = score.indices(), "per hour of sleep"
        share = indices["periodicity_index"]
        if not self.by_standard:
            series = f"{self._who('in periodic series')} that start in sleep, {sleep}"
            return [
                ("in_series_per_hour_of_sleep", indices["plms_per_h"], "1/h", series),
                ("periodicity_index", share, "1", self._share("in sleep")),
            ]
        plm, wake = self._who("in periodic series"), "per hour of scored wake"
        plms = f"{plm} that start in sleep (PLMS), {sleep}"
        plmw = f"{plm} that start in wake (PLMW), {wake}"
        return [
            ("plms_index", indices["plms_per_h"], "1/h", plms),
            ("plmw_index", indices["plmw_per_h"], "1/h", plmw),
            (
                "lm_index",
                indices["lm_per_h"],
                "1/h",
                f"{self._who('')} that start in sleep, {sleep}",
            ),
            ("periodicity_index", share, "1", self._share("in sleep")),
        ]

    def _recorded(self) -> list[tuple[str, float | None, str, str]]:
        counts, seconds = self.score.counts(), self.score.valid_s or 0.0
        hour = "per hour of valid recording, asleep or awake"
        plm, lm = "plm_per_valid_hour", "lm_per_valid_hour"
        if not self.by_standard:
            plm, lm = "in_series_per_valid_hour", "movements_per_valid_hour"
        found = [
            (
                plm,
                per_hour(counts["plm"] or 0, seconds),
                "1/h",
                f"{self._who('in periodic series')}, {hour}",
            ),
            (lm, per_hour(counts["lm"] or 0, seconds), "1/h", f"{self._who('')}, {hour}"),
        ]
        if self.score.hypnogram is None:
            kept = self.score.candidate & ~self.score.set_aside
            share = periodicity_share(counts["plm"] or 0, int(kept.sum()))
            found.append(("periodicity_index", share, "1", self._share("of the recording")))
        return found

    def _who(self, what: str) -> str:
        if self.by_standard:
            by = f"by {STANDARD_NAMES[self.basis]}"
        else:
            by = f"by rule {self.basis}, not by a standard"
        return " ".join(part for part in ("leg movements", what, by, "(legs combined)") if part)

    def _share(self, where: str) -> str:
        return f"share of the candidate movements {where} that are in periodic series"


def overall(scores: Sequence[LegScore]) -> dict[str, Any]:
    """Return the summary of all bases, those of a standard apart from the others.

    ``standard`` names the basis whose numbers are PLM by a standard; None where no signal
    could be scored so.
    """
    standard = next((score for score in scores if score.by_standard), None)
    return {
        "standard": None if standard is None else standard.basis,
        "headline": headline(scores),
        "by_rule": {score.basis: score.summary() for score in scores},
    }


def headline(scores: Sequence[LegScore]) -> str:
    """Return the sentence that stands above all numbers of leg movements."""
    standard = next((score for score in scores if score.by_standard), None)
    if standard is not None:
        return standard.sentence()
    if not scores:
        return "No signal could be scored for leg movements."
    return (
        "No periodic limb movements by a standard: no signal fulfils its conditions"
        " (calibrated EMG of the tibialis anterior with a quiet resting level)."
    )


def _defined(unit: str, definition: str) -> dict[str, str]:
    return {"unit": unit, "definition": definition}
