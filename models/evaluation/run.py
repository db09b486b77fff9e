"""Judge many nights, one after another or over processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ...detection import Judge, RuleJudge
from ...detection.settings import Settings
from ...recording.errors import CrampwatchError
from ...recording.model import Event
from ..nights import LabelledNight
from .bootstrap import RESAMPLES
from .evaluation import Evaluation, evaluate_tallies
from .predictive import RATES
from .reduce import reduce_night
from .store import Store
from .tally import NightTally, Unusable

JudgeFactory = Callable[[], Judge]
"""Makes the detector; can be sent to another process."""

Progress = Callable[[int, int], None]

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def rule_judge() -> Judge:
    """Return the transparent rule, as a detector to compare with."""
    return RuleJudge(Settings().cramp)


def evaluate_nights(
    nights: Iterable[LabelledNight],
    judge: JudgeFactory = rule_judge,
    *,
    settings: Settings | None = None,
    live: bool = False,
    workers: int = 1,
    store: Path | None = None,
    stamp: str = "",
    unusable: Sequence[Unusable] = (),
    model: Mapping[str, Any] | None = None,
    rates: Mapping[str, float] = RATES,
    seed: int = 0,
    resamples: int = RESAMPLES,
    progress: Progress = lambda _done, _all: None,
) -> Evaluation:
    """Judge labelled nights and sum them up.

    A night is reduced to counts before the next is read. The result does not depend on the
    number of workers.

    Parameters
    ----------
    nights
        Labelled nights.
    judge
        Makes the detector.
    settings
        Settings of the engine.
    live
        Also play every night through the live engine.
    workers
        Processes; 1 for none but this one.
    store
        Folder that judged nights are kept in; those kept there before are not judged again.
    stamp
        What tells this detector from others, for the nights in `store`.
    unusable
        Nights that could not even be read.
    model
        What is judged, JSON-ready, for the result.
    rates
        Cramps per night that predictive values are stated for, by name.
    seed, resamples
        Of the bootstrap.
    progress
        Called with the number of nights done, and of all.

    Raises
    ------
    CrampwatchError
        No night could be judged, or a worker process was ended from outside.
    """
    named = list(nights)
    kept = None if store is None else Store(store, repr((stamp, settings, live)))
    found: dict[int, NightTally | Unusable] = {}
    left = []
    for number, night in enumerate(named):
        known = None if kept is None else kept.get(night)
        if known is None:
            left.append(number)
        else:
            found[number] = known
    progress(len(found), len(named))
    task = _Task(judge, settings, live)
    for number, judged in _judge(named, left, task, workers):
        found[number] = judged
        if kept is not None and isinstance(judged, NightTally):
            kept.put(named[number], judged)
        progress(len(found), len(named))
    results = [found[number] for number in range(len(named))]
    judged_nights = [each for each in results if isinstance(each, NightTally)]
    failed = [*unusable, *(each for each in results if isinstance(each, Unusable))]
    if not judged_nights:
        raise CrampwatchError(_none_left(failed))
    return evaluate_tallies(
        judged_nights, failed, model=model, rates=rates, seed=seed, resamples=resamples
    )


class _Task:
    """What is done with each night; the detector is made once in each process."""

    def __init__(self, factory: JudgeFactory, settings: Settings | None, live: bool) -> None:
        self.parts = (factory, settings, live)
        self._judge: Judge | None = None

    def __call__(self, night: LabelledNight) -> NightTally | Unusable:
        factory, settings, live = self.parts
        if self._judge is None:
            self._judge = factory()
        try:
            return reduce_night(night, self._judge, settings, live=live)
        except CrampwatchError as error:
            return Unusable(night.id, str(error))
        except MemoryError:
            return Unusable(night.id, "out of memory; take fewer workers")
        except OSError as error:
            return Unusable(night.id, error.strerror or type(error).__name__)


_TASKS: list[_Task] = []


def _prepare(factory: JudgeFactory, settings: Settings | None, live: bool) -> None:
    # Ctrl-C ends it without a word: the process that started it has one
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _TASKS.append(_Task(factory, settings, live))


def _work(night: LabelledNight) -> NightTally | Unusable:
    return _TASKS[-1](night)


def _judge(
    nights: Sequence[LabelledNight], numbers: Sequence[int], task: _Task, workers: int
) -> Iterator[tuple[int, NightTally | Unusable]]:
    """Yield position and result of each night as it is done."""
    if workers <= 1 or len(numbers) <= 1:
        for number in numbers:
            yield number, task(nights[number])
        return
    with (
        _one_thread_each(),
        ProcessPoolExecutor(
            min(workers, len(numbers)),
            mp_context=get_context("spawn"),
            initializer=_prepare,
            initargs=task.parts,
        ) as pool,
    ):
        running: dict[Future[NightTally | Unusable], int] = {
            pool.submit(_work, _portable(nights[number])): number for number in numbers
        }
        try:
            for done in as_completed(running):
                yield running[done], done.result()
        except BrokenProcessPool as error:
            raise CrampwatchError(
                "a worker process was ended from outside, for want of memory perhaps; run the"
                " same command again with fewer workers: nights that are done are kept"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _portable(night: LabelledNight) -> LabelledNight:
    """Return the night with plain mappings, which other processes can be sent."""
    return replace(
        night,
        truth=_plain(night.truth),
        about=dict(night.about),
        unmarked=_plain(night.unmarked),
        second_opinions={who: _plain(marks) for who, marks in night.second_opinions.items()},
    )


def _plain(marks: Sequence[Event]) -> tuple[Event, ...]:
    return tuple(replace(mark, extra=dict(mark.extra)) for mark in marks)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that are started now compute with one thread each."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _none_left(failed: Sequence[Unusable]) -> str:
    if not failed:
        return "no labelled night to judge"
    first = failed[0]
    return f"none of the {len(failed)} nights could be judged; {first.id}: {first.reason}"
