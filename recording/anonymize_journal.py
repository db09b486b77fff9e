"""A journal without what tells whose it is; not one sample changes.

Kept are raw numbers with their running numbers, device times and arrivals, scales, legs and
muscles, and the notes that times and losses are computed from. Every text is one of a list of
words or is gone: names, addresses, serial numbers, versions, remarks, what markers say.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np

from .anonymize_notes import Cleaning, texts_of_json
from .errors import RecordingError
from .journal import JournalWriter, Note, SampleBlock
from .journal.reader import JournalReader

_MOST_UNSYNCED = 1 << 20


@dataclass(frozen=True, slots=True)
class CleanedJournal:
    """What became of a journal.

    Attributes
    ----------
    removed
        Texts that were in it and are in it no more.
    words
        Texts that are in it: listed words, new names, and nothing else.
    """

    removed: tuple[str, ...]
    words: frozenset[str]


def clean_journal(
    source: Path, target: Path, shift: timedelta, models: Mapping[str, str]
) -> CleanedJournal:
    """Write an anonymised copy of a journal.

    Parameters
    ----------
    source
        Journal, whole or damaged; what is damaged is not in the copy.
    target
        File to write; it must not exist.
    shift
        Whole days that the night is moved by. Clock times stay; the zone goes.
    models
        Title by name of the drivers that may be named.

    Raises
    ------
    RecordingError
        It cannot be read or written, or a sample changed.
    """
    reader = JournalReader(source, every_chunk=True)
    try:
        cleaning = Cleaning(reader.header, shift, models)
        writer = JournalWriter(target, cleaning.header())
        try:
            _copy(reader, writer, cleaning)
        finally:
            writer.close()
    finally:
        reader.close()
    words = frozenset(cleaning.kept)
    strange = set(journal_texts(target)) - words
    if strange:
        raise RecordingError(f"{source.name}: {min(strange)!r} would be left; nothing written")
    return CleanedJournal(tuple(cleaning.removed), words)


def journal_texts(path: Path) -> Iterator[str]:
    """Yield every text that a journal holds: of its header, its streams and its notes."""
    reader = JournalReader(path, every_chunk=True)
    try:
        header = reader.header
        yield from filter(None, (header.zone, header.program))
        yield from texts_of_json(dict(header.details))
        for stream in reader.streams.values():
            told = (stream.sensor, stream.stream, stream.unit, stream.placement, stream.driver)
            yield from filter(None, (*told, stream.title, *stream.columns, *stream.muscles))
            yield from texts_of_json(dict(stream.settings))
        for note in reader.notes():
            yield from filter(None, (note.kind, note.sensor))
            yield from texts_of_json(note.data)
    finally:
        reader.close()


def same_journal_samples(one: Path, other: Path) -> bool:
    """Return whether two journals hold the same samples with the same times, in one order."""
    return list(_digests(one)) == list(_digests(other))


def journal_start(path: Path) -> datetime:
    """Return the clock time at which a journal begins, without a zone."""
    reader = JournalReader(path)
    try:
        local_s = reader.header.wall_s + reader.header.utc_offset_s
    finally:
        reader.close()
    return datetime(1970, 1, 1) + timedelta(seconds=local_s)  # noqa: DTZ001 - clock time


def _copy(reader: JournalReader, writer: JournalWriter, cleaning: Cleaning) -> None:
    """Hand over all notes and samples, about in the order in which they came."""
    channels = {
        old: writer.open_stream(cleaning.stream(stream))
        for old, stream in reader.streams.items()
    }
    unsynced = 0
    for _, _, channel, item in heapq.merge(
        _timed_notes(reader, cleaning),
        *(_timed_blocks(reader, channel) for channel in channels),
        key=lambda each: each[:2],
    ):
        if isinstance(item, Note):
            writer.note(item)
            unsynced += 64
        else:
            writer.samples(channels[channel], item)
            unsynced += item.raw.size
        if unsynced > _MOST_UNSYNCED:
            writer.sync()
            unsynced = 0


def _timed_notes(
    reader: JournalReader, cleaning: Cleaning
) -> Iterator[tuple[float, int, int, Note | SampleBlock]]:
    at_s = -np.inf
    for old in reader.notes():
        new = cleaning.note(old)
        at_s = max(at_s, old.at_s) if np.isfinite(old.at_s) else at_s
        if new is not None:
            yield at_s, -1, -1, new


def _timed_blocks(
    reader: JournalReader, channel: int
) -> Iterator[tuple[float, int, int, Note | SampleBlock]]:
    at_s = -np.inf
    for block in reader.blocks(channel):
        known = block.arrival_s[np.isfinite(block.arrival_s)]
        at_s = max(at_s, float(known.min())) if known.size else at_s
        yield at_s, channel, channel, block


def _digests(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield a digest of each column of each stream, whatever blocks it lies in."""
    reader = JournalReader(path, every_chunk=True)
    try:
        for channel in reader.streams:
            digests = [sha256() for _ in range(6)]
            for block in reader.blocks(channel):
                columns = (
                    *(block.index, block.device_s, block.arrival_s, block.raw),
                    np.full(len(block), block.scale),
                    np.full(len(block), block.connection),
                )
                for digest, column in zip(digests, columns, strict=True):
                    digest.update(np.ascontiguousarray(column).tobytes())
            yield tuple(digest.hexdigest() for digest in digests)
    finally:
        reader.close()
