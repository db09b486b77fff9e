"""The model card as one page that needs no network and no other file."""

from __future__ import annotations

from importlib.metadata import version

from ...models.artefact import Model
from ...models.card import Block, Grid, banner, blocks, title
from ..report.markup import Html, join, tag
from ..report.style import CSS
from ..report.words import DISCLAIMER

# the page may load nothing from anywhere, whatever a name of a night holds
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'"
)


def card_page(model: Model) -> str:
    """Return the card of a model as HTML text."""
    head = tag(
        "head",
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<link rel="icon" href="data:,">'),
        tag("title", f"{title(model)} - Crampwatch"),
        Html(f"<style>{CSS}</style>"),
    )
    top = tag(
        "header",
        tag("p", f"Crampwatch {version('crampwatch')}", class_="name"),
        tag("p", banner(model), class_="banner"),
        tag("h1", title(model)),
        tag("p", DISCLAIMER, class_="device"),
    )
    body = tag(
        "body",
        top,
        tag("main", *(_block(block) for block in blocks(model))),
        tag("footer", tag("p", DISCLAIMER, class_="soft")),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _block(block: Block) -> Html:
    inside = [tag("h2", block.title), *(tag("p", text) for text in block.text)]
    if block.grid is not None and block.grid.rows:
        inside.append(_grid(block.grid, block.title))
    return join([*inside, *(tag("p", text) for text in block.after)])


def _grid(grid: Grid, name: str) -> Html:
    rows = [
        tag(
            "tr",
            *(
                tag("td", cell or "n/a", data_label=label)
                for label, cell in zip(grid.heads, row, strict=True)
            ),
        )
        for row in grid.rows
    ]
    table = tag(
        "table",
        tag("thead", tag("tr", *(tag("th", head, scope="col") for head in grid.heads))),
        tag("tbody", *rows),
        class_="cards",
        aria_label=name,
    )
    return tag("div", table, class_="scroll", tabindex="0", role="region", aria_label=name)
