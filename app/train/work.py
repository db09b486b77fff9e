"""From labelled nights to a model and its card."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...models.artefact import Model, load_model
from ...models.artefact.files import model_bytes
from ...models.card import as_markdown
from ...models.nights import LabelledNight, read_nights
from ...models.nights.read import without_doubles
from ...models.table import TrainingTable, build_table, join, read_table
from ...models.table.parquet import is_table
from ...models.training import Adaptation, TrainingSettings, adapt, train
from ...recording.errors import CrampwatchError
from ...recording.writers.beside import write_beside, write_text_beside
from .simulated import simulated_night

SUFFIX = ".skops"


@dataclass(frozen=True, slots=True)
class Request:
    """What to train on, and how.

    Attributes
    ----------
    nights
        Night folders, folders of them, BIDS datasets, lists, ``sim:`` and ``sim2:`` entries, or
        feature tables.
    out
        File of the model.
    settings
        How to train.
    workers
        Processes that look at nights.
    cache
        Folder that keeps what was seen in each night.
    base
        Model to adapt, or None.
    force
        Keep an adaptation that made it worse.
    table
        File to keep the feature table in, or None.
    """

    nights: Sequence[str]
    out: Path
    settings: TrainingSettings
    workers: int = 1
    cache: Path | None = None
    base: Path | None = None
    force: bool = False
    table: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A written model.

    Attributes
    ----------
    model
        As it was written.
    files
        The model, its card as Markdown and as a page, and maybe its table.
    warnings
        What whoever trained must know, one sentence each.
    kept_base
        Whether an adaptation made it worse, and the model is the one it began with.
    """

    model: Model
    files: tuple[Path, ...]
    warnings: tuple[str, ...]
    kept_base: bool = False


def train_model(
    request: Request,
    looking: Callable[[float], None] = lambda _: None,
    learning: Callable[[float], None] = lambda _: None,
) -> Trained:
    """Look at nights, train, and write the model and its card.

    Parameters
    ----------
    request
        What to train on, and how.
    looking, learning
        Called with the part done of each, from 0 to 1.

    Raises
    ------
    CrampwatchError
        The nights cannot be learned from, or a file cannot be written.
    """
    _refuse_out(request)
    base = None if request.base is None else load_model(request.base)
    table = find_table(request, looking)
    if request.table is not None:
        from ...models.table import write_table

        write_table(table, request.table)
    if base is None:
        training = train(table, request.settings, learning, workers=request.workers)
        model, warnings, kept = training.model, training.warnings, False
    else:
        adaptation = adapt(base, table, learning)
        kept = not (adaptation.better or request.force)
        model, warnings = (base if kept else adaptation.model), adaptation.warnings
        if kept:
            warnings = (_kept(adaptation, base),)
    files = write_model(model, request.out)
    if request.table is not None:
        files = (*files, request.table)
    return Trained(model, files, warnings, kept)


def find_table(request: Request, looking: Callable[[float], None]) -> TrainingTable:
    """Return the table of all nights and tables that are named.

    Raises
    ------
    CrampwatchError
        One cannot be read, a night comes twice, or a night is kept out of training.
    """
    tables: list[TrainingTable] = []
    nights: list[LabelledNight] = []
    for place in request.nights:
        if Path(place).is_file() and is_table(Path(place)):
            tables.append(read_table(place))
        else:
            nights += read_nights(place, opener=simulated_night)
    nights = without_doubles(nights)
    kept = [night.id for night in nights if night.held_out]
    if kept:
        more = f" and {len(kept) - 1} more" if len(kept) > 1 else ""
        raise CrampwatchError(
            f"{kept[0]}{more}: kept out of training for the final test; leave it to `evaluate`"
        )
    if nights:
        tables.append(
            build_table(
                nights,
                cache=request.cache,
                workers=request.workers,
                progress=lambda part, _name: looking(part),
            )
        )
    if not tables:
        raise CrampwatchError("there is no night to learn from")
    table = join(tables)
    names = [night.id for night in table.nights]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise CrampwatchError(f"{double}: in two of the tables or nights; it counts once")
    return table


def write_model(model: Model, out: Path) -> tuple[Path, ...]:
    """Write a model, its card as Markdown and as a page, beside each other.

    Raises
    ------
    RecordingError
        A file cannot be written.
    """
    import hashlib

    from .page import card_page

    data = model_bytes(model)
    named = replace(model, name=out.name, digest=hashlib.sha256(data).hexdigest())
    with write_beside(out) as file:
        file.write(data)
    markdown, page = out.with_suffix(".md"), out.with_suffix(".html")
    write_text_beside(markdown, as_markdown(named))
    write_text_beside(page, card_page(named))
    return out, markdown, page


def default_cache() -> Path:
    """Return the folder of this user's caches that keeps what was seen in nights."""
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(home) if home else Path.home() / ".cache") / "crampwatch" / "nights"


def _kept(adaptation: Adaptation, base: Model) -> str:
    facts = adaptation.model.about["adaptation"]["final"]
    return (
        f"the adaptation made it WORSE on held-out nights of this person (log loss"
        f" {facts['after']:.3g} instead of {facts['before']:.3g}): {base.name} is kept as it"
        " is; --force takes the adapted one nevertheless"
    )


def _refuse_out(request: Request) -> None:
    out = request.out
    if out.suffix != SUFFIX:
        raise CrampwatchError(f"{out}: name a file that ends in {SUFFIX}")
    if out.is_dir():
        raise CrampwatchError(f"{out}: a folder; name a file that ends in {SUFFIX}")
    folder = out.parent
    if not folder.is_dir():
        raise CrampwatchError(f"{folder}: no such folder for the model; make it first")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CrampwatchError(f"cannot write into {folder}: no right to; name another folder")
