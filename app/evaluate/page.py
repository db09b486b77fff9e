"""The evaluation as one page that needs no network and no other file."""

from __future__ import annotations

from importlib.metadata import version

from ...models.evaluation import Evaluation
from ..report.markup import Html, html, join, tag
from ..report.style import CSS
from ..report.words import DISCLAIMER
from .figures import figure
from .layout import Section, Table, without_empty
from .sections import headline, sections

# the page may load nothing from anywhere, whatever a name of a night holds
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'"
)
_CSS = """
h3 { margin: 1.2rem 0 .3rem; }
figure { margin: 1rem 0; }
@media (max-width: 46rem) {
  .cards td { padding-left: 9.5rem; text-indent: -9.5rem; }
  .cards td::before { width: 9.5rem; }
}
"""


def as_page(evaluation: Evaluation) -> str:
    """Return the whole evaluation as HTML text."""
    title = headline(evaluation)
    remarks = [str(remark) for remark in evaluation.model.get("remarks", ())]
    body = [
        tag(
            "header",
            tag("p", f"Crampwatch {version('crampwatch')}", class_="name"),
            tag("p", evaluation.banner, class_="banner"),
            tag("h1", title),
            *(tag("p", remark) for remark in remarks),
            tag("p", DISCLAIMER, class_="device"),
        ),
        tag("main", *(_section(section, evaluation) for section in sections(evaluation))),
        tag("footer", tag("p", DISCLAIMER, class_="soft")),
    ]
    head = tag(
        "head",
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<link rel="icon" href="data:,">'),
        tag("title", f"{title} - Crampwatch"),
        Html(f"<style>{CSS}{_CSS}</style>"),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', *body), lang='en')}\n"


def _section(section: Section, evaluation: Evaluation) -> Html:
    inside = [
        *(tag("p", paragraph) for paragraph in section.text),
        figure(section.figure, evaluation),
        *(_titled(table, section) for table in section.tables),
    ]
    if section.folded:
        return tag("details", tag("summary", section.title), *inside)
    return join([tag("h2", section.title), *inside])


def _titled(table: Table, section: Section) -> Html:
    shown = _table(without_empty(table))
    if table.name == section.title:
        return shown
    return join([tag("h3", table.name), shown])


def _table(table: Table) -> Html:
    rows = [
        tag(
            "tr",
            *(
                tag("td", html(cell) if cell else Html("&ndash;"), data_label=label)
                for label, cell in zip(table.heads, row, strict=True)
            ),
            class_="alarm" if number in table.strong else None,
        )
        for number, row in enumerate(table.rows)
    ]
    named = any(table.heads)
    head = [tag("thead", tag("tr", *(tag("th", text, scope="col") for text in table.heads)))]
    shown = tag(
        "table",
        *(head if named else ()),
        tag("tbody", join(rows)),
        class_="cards" if named else "origin",
        aria_label=table.name,
    )
    return tag(
        "div", shown, class_="scroll", tabindex="0", role="region", aria_label=table.name
    )
