"""The table of many nights, looked at by several processes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from ...detection.cramps.candidates import Candidate
from ...detection.cramps.features.catalogue import FEATURES
from ...detection.settings import Settings
from ...recording.errors import CrampwatchError
from ..artefact.model import catalogue_digest, detector_settings
from ..nights.labelled import LabelledNight
from .labels import Label, disagreement, label_candidates, true_cramps
from .look import Seen, Task, look, recall
from .table import CrampFacts, NightFacts, Rows, Texts, TrainingTable, join


def build_table(
    nights: Sequence[LabelledNight],
    *,
    settings: Settings | None = None,
    cache: Path | None = None,
    workers: int = 1,
    progress: Callable[[float, str], None] = lambda _part, _name: None,
) -> TrainingTable:
    """Look at nights and return the table of their contractions.

    Parameters
    ----------
    nights
        Labelled nights.
    settings
        Settings of the detector.
    cache
        Folder that keeps what was seen in each night, by content; None for none.
    workers
        Processes; 1 works in this one.
    progress
        Called with the part done, from 0 to 1, and the name of the night that is finished.

    Raises
    ------
    CrampwatchError
        A recording cannot be read or scored, or the cache cannot be written.
    """
    settings = settings or Settings()
    if not nights:
        raise CrampwatchError("there is no night to learn from")
    with _folder(cache) as folder:
        tasks = [Task(n.id, n.identity, n.open, settings, folder) for n in nights]
        files: list[Path | None] = [None] * len(nights)
        for done, (number, file) in enumerate(_looked_at(tasks, workers), start=1):
            files[number] = file
            progress(done / len(nights), nights[number].id)
        tables = []
        for night, task, seen in zip(nights, tasks, files, strict=True):
            tables.append(_table(night, _recalled(seen, task), settings))
    return join(tables)


def _looked_at(tasks: Sequence[Task], workers: int) -> Iterator[tuple[int, Path]]:
    if workers <= 1 or len(tasks) == 1:
        for number, task in enumerate(tasks):
            yield number, _look(task)
        return
    pool = ProcessPoolExecutor(
        min(workers, len(tasks)), get_context("spawn"), initializer=_one_thread
    )
    waiting: dict[Future[Path], int] = {}
    try:
        left = iter(enumerate(tasks))
        for number, task in left:
            waiting[pool.submit(_look, task)] = number
            while len(waiting) >= 2 * workers:
                yield from _finished(waiting)
        while waiting:
            yield from _finished(waiting)
    except BrokenProcessPool as error:
        raise CrampwatchError(
            "a worker was killed, most likely for want of memory; take fewer --workers"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _finished(waiting: dict[Future[Path], int]) -> Iterator[tuple[int, Path]]:
    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in sorted(done, key=waiting.__getitem__):
        number = waiting.pop(future)
        yield number, future.result()


def _look(task: Task) -> Path:
    try:
        return look(task)
    except CrampwatchError as error:
        text = str(error)
        raise CrampwatchError(text if task.id in text else f"{task.id}: {text}") from error


def _recalled(file: Path | None, task: Task) -> Seen:
    """Return what was seen; look again where the cache holds something damaged."""
    if file is None:
        raise ValueError("a night was not looked at")
    try:
        return recall(file)
    except (OSError, ValueError, KeyError, TypeError):
        file.unlink(missing_ok=True)
        return recall(_look(task))


@contextmanager
def _folder(cache: Path | None) -> Iterator[Path]:
    if cache is None:
        with tempfile.TemporaryDirectory(prefix="crampwatch-") as folder:
            yield Path(folder)
        return
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CrampwatchError(f"cannot write into the cache {cache}: {reason}") from error
    yield cache


def _one_thread() -> None:
    from threadpoolctl import threadpool_limits

    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    threadpool_limits(1)


def _table(night: LabelledNight, seen: Seen, settings: Settings) -> TrainingTable:
    candidates = seen.candidates
    labels, cramps = label_candidates(candidates, night.truth)
    compared, agreed, kappa = 0, 0, None
    if night.second_opinions:
        opinions = [night.truth, *night.second_opinions.values()]
        disputed, compared, agreed, kappa = disagreement(candidates, opinions)
        labels = [
            Label(-1, "annotators disagree", label.mimic, -1) if doubt else label
            for label, doubt in zip(labels, disputed, strict=True)
        ]
    facts = NightFacts(
        id=night.id,
        person=night.person or "",
        source=night.source,
        group=night.group,
        family=night.about.get("family", ""),
        held_out=night.held_out,
        hours=round(seen.hours, 6),
        valid_hours=round(seen.valid_hours, 6),
        sensors=seen.sensors,
        format=night.about.get("format", ""),
        compared=compared,
        agreed=agreed,
        kappa=kappa,
        identity=night.identity,
        everyday=night.everyday,
    )
    found: list[CrampFacts] = true_cramps(0, cramps, labels)
    return TrainingTable(
        features=tuple(feature.name for feature in FEATURES),
        catalogue=catalogue_digest(),
        settings=dict(detector_settings(settings)),
        nights=(facts,),
        cramps=tuple(found),
        rows=_rows(candidates, labels),
    )


def _rows(candidates: Sequence[Candidate], labels: Sequence[Label]) -> Rows:
    count = len(candidates)
    names = [feature.name for feature in FEATURES]
    values = [[c.values[name] for name in names] for c in candidates]
    cuts = [np.nan if c.cut_s is None else c.cut_s for c in candidates]
    return Rows(
        night=np.zeros(count, np.int32),
        onset_s=np.array([c.onset_s for c in candidates], np.float64),
        duration_s=np.array([c.duration_s for c in candidates], np.float64),
        cut_s=np.array(cuts, np.float64),
        side=_texts([c.side for c in candidates]),
        muscle=_texts([c.muscle for c in candidates]),
        channel=_texts([c.channel for c in candidates]),
        label=np.array([label.label for label in labels], np.int8),
        left_out=_texts([label.left_out for label in labels]),
        mimic=_texts([label.mimic for label in labels]),
        cramp=np.array([label.cramp for label in labels], np.int32),
        values=np.array(values, np.float32).reshape(count, len(names)),
    )


def _texts(values: Sequence[str | None]) -> Texts:
    out = np.empty(len(values), dtype=object)
    out[:] = [value or "" for value in values]
    return out
