"""A trial of one measure on one person: planned and sealed before its first night."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...recording.annotations.vocabulary import FACTORS
from ...recording.errors import CrampwatchError

VERSION: Final = 1
OUTCOME: Final = "cramp_nights"
OUTCOMES: Final = {
    "cramp_nights": "share of nights with a cramp-like contraction that the sleeper did not"
    " deny, with the measure less without",
    "cramps": "cramp-like contractions a night that the sleeper did not deny, with the measure"
    " less without",
}

FEWEST, MOST = 8, 366
_MOST_BYTES: Final = 1 << 20
_TAKEN: Final = re.compile(
    r"\b(?:medicin\w*|medicat\w*|drugs?|pills?|tablets?|capsules?|dos(?:e|es|age|ing)|"
    r"prescri\w*|supplements?|vitamin\w*|quinin\w*|quinidin\w*|tonic\s+water|"
    r"magnesium\w*|potassium\w*|calcium\w*|sodium\w*|electrolytes?|iron|statins?|\w{3,}statin|"
    r"diuretics?|water\s+tablets?|beta[\s-]*blockers?|naproxen|ibuprofen|paracetamol|"
    r"acetaminophen|aspirin|opioids?|codeine|diltiazem|verapamil|nifedipine|gabapentin|"
    r"pregabalin|baclofen|tizanidine|carisoprodol|orphenadrine|mexiletine|levetiracetam|"
    r"botulinum|botox|cannabi\w*|cbd|thc|melatonin|levodopa|pramipexole|ropinirole|"
    r"benzodiazepines?|\w+azepam|zolpidem|sedatives?|antihistamin\w*|hormones?|insulin|"
    r"injections?|infusions?|homeopath\w*|\d+\s*(?:mg|mcg|µg|iu))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PlannedNight:
    """One night of a plan.

    Attributes
    ----------
    evening
        Date of the evening.
    block, period
        Number of the block, and of the period in the whole trial, from 0.
    measure
        Whether the measure is to be taken.
    counted
        Whether the night counts; it does not while the period before wears off.
    """

    evening: date
    block: int
    period: int
    measure: bool
    counted: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A trial, as it was planned.

    Attributes
    ----------
    measure
        What is tried, in the person's words.
    start
        First evening.
    nights
        Number of nights.
    block
        Nights of a block: half with the measure, half without, in random order.
    period
        Nights in a row that are the same.
    wash_out
        First nights of each period that do not count.
    seed
        Of the random order.
    factor
        Question of the diary that tells whether the measure was taken, or nothing.
    least_hours
        Hours scored from which a night counts.
    """

    measure: str
    start: date
    nights: int
    block: int
    period: int
    wash_out: int
    seed: int
    factor: str = ""
    least_hours: float = 4.0

    def order(self) -> NDArray[np.bool_]:
        """Return for each period whether the measure is to be taken; the seed decides."""
        return np.asarray(self.draw(1, self.seed)[0], dtype=np.bool_)

    def draw(self, count: int, seed: int) -> NDArray[np.bool_]:
        """Return orders as the plan might have come out, shape ``(count, periods)``."""
        in_block = self.block // self.period
        half = np.arange(in_block) < in_block // 2
        blocks = self.nights // self.block
        rng = np.random.Generator(np.random.PCG64(seed))
        drawn = rng.permuted(np.broadcast_to(half, (count, blocks, in_block)), axis=2)
        return np.asarray(drawn.reshape(count, blocks * in_block))

    def calendar(self) -> tuple[PlannedNight, ...]:
        """Return every night of the plan."""
        order = self.order()
        return tuple(
            PlannedNight(
                self.start + timedelta(days=night),
                night // self.block,
                night // self.period,
                bool(order[night // self.period]),
                night % self.period >= self.wash_out,
            )
            for night in range(self.nights)
        )

    def as_json(self) -> dict[str, Any]:
        """Return what was decided beforehand, JSON-ready: all that the digest seals."""
        return {
            "version": VERSION,
            "measure": self.measure,
            "start": self.start.isoformat(),
            "nights": self.nights,
            "block": self.block,
            "period": self.period,
            "wash_out": self.wash_out,
            "seed": self.seed,
            "factor": self.factor,
            "least_hours": self.least_hours,
            "outcome": OUTCOME,
            "outcome_means": OUTCOMES[OUTCOME],
            "test": "randomisation test, two-sided, that draws the order anew as planned",
            "calendar": [
                f"{night.evening.isoformat()} {'with' if night.measure else 'without'}"
                + ("" if night.counted else " (not counted)")
                for night in self.calendar()
            ],
        }

    def digest(self) -> str:
        """Return the SHA-256 of all that was decided beforehand."""
        return _digest(self.as_json())


def plan_trial(
    measure: str,
    start: date,
    *,
    nights: int = 28,
    block: int = 4,
    period: int = 1,
    wash_out: int = 0,
    seed: int = 1,
    factor: str = "",
    least_hours: float = 4.0,
) -> Plan:
    """Return a plan.

    Raises
    ------
    CrampwatchError
        The measure is a medicine or a supplement, the numbers do not go together, or the
        diary has no such question with yes and no.
    """
    measure = " ".join("".join(c if c.isprintable() else " " for c in measure).split())[:200]
    if not measure:
        raise CrampwatchError(
            'the plan needs a measure, as in --measure "stretching before bed"'
        )
    refuse_taken(measure)
    if not FEWEST <= nights <= MOST:
        raise CrampwatchError(f"{nights} nights: a trial has {FEWEST} to {MOST}")
    if not 1 <= period <= nights or block % (2 * period) or block < 2 * period:
        raise CrampwatchError(
            f"a block of {block} nights cannot be halved into periods of {period}: make it a"
            f" multiple of {2 * max(period, 1)}"
        )
    if nights % block:
        raise CrampwatchError(f"{nights} nights are no whole number of blocks of {block}")
    if not 0 <= wash_out < period:
        raise CrampwatchError(
            f"{wash_out} nights of wash-out leave nothing of a period of {period}: make the"
            " period longer (--period)"
        )
    known = [each.name for each in FACTORS if each.kind == "yes_no"]
    if factor and factor not in known:
        raise CrampwatchError(
            f"the diary has no yes-or-no question {factor!r}; it has {', '.join(known)}"
        )
    try:
        start + timedelta(days=nights)
    except OverflowError:
        raise CrampwatchError(f"{start}: too late for {nights} nights") from None
    return Plan(measure, start, nights, block, period, wash_out, seed, factor, least_hours)


def refuse_taken(measure: str) -> None:
    """Raise where a measure is something that is taken: that is for a doctor."""
    found = _TAKEN.search(measure)
    if found is not None:
        raise CrampwatchError(
            f"no trial is planned with {found[0]!r}: medicines and supplements, begun or left"
            " off, are for a doctor"
        )


def plan_text(plan: Plan) -> str:
    """Return the plan as TOML, with its seal."""
    lines = [
        "# A trial of one measure, sealed before its first night: a changed plan is refused."
    ]
    for name, value in {**plan.as_json(), "sha256": plan.digest()}.items():
        if isinstance(value, list):
            inside = "".join(f"    {_toml(each)},\n" for each in value)
            lines.append(f"{name} = [\n{inside}]")
        else:
            lines.append(f"{name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises
    ------
    CrampwatchError
        It cannot be read, is no plan, or was changed after it was made.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise CrampwatchError(f"cannot read {path}: {error.strerror or error}") from error
    if len(data) > _MOST_BYTES:
        raise CrampwatchError(f"{path}: larger than a plan can be")
    try:
        told = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise CrampwatchError(f"{path}: not TOML ({str(error)[:80]})") from error
    if told.get("version") != VERSION:
        raise CrampwatchError(f"{path}: no plan of this version; make one with trial plan")
    try:
        plan = plan_trial(
            _of(told, "measure", str),
            date.fromisoformat(_of(told, "start", str)),
            nights=_of(told, "nights", int),
            block=_of(told, "block", int),
            period=_of(told, "period", int),
            wash_out=_of(told, "wash_out", int),
            seed=abs(_of(told, "seed", int)),
            factor=_of(told, "factor", str),
            least_hours=float(_of(told, "least_hours", float)),
        )
    except (ValueError, TypeError, KeyError, ZeroDivisionError) as error:
        raise CrampwatchError(f"{path}: no whole plan ({str(error)[:80]})") from error
    sealed = {name: value for name, value in told.items() if name != "sha256"}
    planned = plan.as_json()
    decided = ("calendar", "outcome")
    same = all(told.get(name) == planned[name] for name in decided)
    if told.get("sha256") != _digest(sealed) or not same:
        raise CrampwatchError(
            f"{path} was changed after it was planned: what it would show is not what was set"
            " out to be tested; plan a new trial"
        )
    return plan


def _of(told: Mapping[str, Any], name: str, kind: type) -> Any:
    value = told[name]
    if isinstance(value, bool) or not isinstance(value, kind):
        raise TypeError(f"{name} is {str(value)[:20]!r}")
    return value


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "")
