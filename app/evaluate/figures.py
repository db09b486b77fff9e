"""The two drawings of an evaluation, as SVG that follows the colours of the page."""

from __future__ import annotations

from collections.abc import Mapping

from ...models.evaluation import Evaluation
from ...models.evaluation.calibration import Calibration
from ...models.evaluation.rates import Share
from ..report.markup import Html, tag

_CRAMP, _EITHER = "#d55e00", "#3d8fd1"
_LEFT, _WIDTH, _ROW = 78, 400, 44


def figure(name: str, evaluation: Evaluation) -> Html:
    """Return the drawing called `name` with its caption; nothing where there is none."""
    if name == "found":
        return _found(evaluation)
    if name == "reliability":
        return _reliability(evaluation.calibration)
    return Html("")


def _found(evaluation: Evaluation) -> Html:
    classes = evaluation.final.sensitivity.get("duration", {})
    if not classes:
        return Html("")
    parts = []
    for row, (name, one) in enumerate(classes.items()):
        middle = 22 + row * _ROW
        parts.append(_text(_LEFT - 12, middle + 5, name, anchor="end"))
        parts += _bar(one.cramp, middle - 7, _CRAMP, filled=True)
        parts += _bar(one.either, middle + 9, _EITHER, filled=False)
    bottom = 22 + len(classes) * _ROW
    parts += [
        part
        for percent in (0, 25, 50, 75, 100)
        for part in (
            _line(_across(percent / 100), 4, _across(percent / 100), bottom - 14, faint=True),
            _text(_across(percent / 100), bottom + 4, f"{percent} %", anchor="middle"),
        )
    ]
    note = (
        "Share of true contractions found, by how long they last; bars are Wilson intervals"
        " of 95 %. Filled circle: called cramp. Open square: called cramp or possible cramp."
    )
    return _drawing(parts, _WIDTH, bottom + 14, note)


def _bar(share: Share, y: float, colour: str, *, filled: bool) -> list[Html]:
    if share.value is None or share.wilson is None:
        return []
    low, high = (_across(bound) for bound in share.wilson)
    x = _across(share.value)
    bar = tag("line", x1=f"{low:.1f}", x2=f"{high:.1f}", y1=str(y), y2=str(y), stroke=colour,
              stroke_width="3", stroke_opacity="0.55")  # fmt: skip
    if filled:
        return [bar, tag("circle", cx=f"{x:.1f}", cy=str(y), r="5", fill=colour)]
    square = tag("rect", x=f"{x - 4.5:.1f}", y=f"{y - 4.5}", width="9", height="9",
                 fill="var(--paper)", stroke=colour, stroke_width="2")  # fmt: skip
    return [bar, square]


def _reliability(found: Mapping[str, Calibration]) -> Html:
    size, left = 300, 56
    shown = [(name, found[name]) for name in ("final", "causal") if name in found]
    if not shown:
        return Html("")

    def place(x: float, y: float) -> tuple[float, float]:
        return left + x * size, 14 + (1 - y) * size

    parts = [_line(*place(0, 0), *place(1, 1), faint=True)]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = place(share, 0)
        parts += [
            _line(x, y, x, 14, faint=True),
            _text(x, y + 18, f"{share:g}", anchor="middle"),
            _line(left, place(0, share)[1], left + size, place(0, share)[1], faint=True),
            _text(left - 8, place(0, share)[1] + 4, f"{share:g}", anchor="end"),
        ]
    for (_, one), colour, filled in zip(shown, (_CRAMP, _EITHER), (True, False), strict=False):
        points = []
        for each in one.bins:
            if each.true.value is None or each.true.wilson is None:
                continue
            x, y = place(each.mean, each.true.value)
            points.append(f"{x:.1f},{y:.1f}")
            low, high = (place(0, bound)[1] for bound in each.true.wilson)
            parts.append(tag("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=f"{low:.1f}",
                             y2=f"{high:.1f}", stroke=colour, stroke_width="2",
                             stroke_opacity="0.5"))  # fmt: skip
            parts.append(tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="4.5", stroke=colour,
                             stroke_width="2",
                             fill=colour if filled else "var(--paper)"))  # fmt: skip
        parts.append(
            tag(
                "polyline",
                points=" ".join(points),
                fill="none",
                stroke=colour,
                stroke_width="1.5",
                stroke_dasharray=None if filled else "5 4",
            )
        )
    note = (
        "Reliability: share of true ones against the mean probability of each bin, with Wilson"
        " intervals; on the diagonal a probability means what it says. Filled, solid: with"
        " what follows the contraction. Open, dashed: without."
    )
    return _drawing(parts, left + size + 20, size + 46, note)


def _drawing(parts: list[Html], width: int, height: int, note: str) -> Html:
    drawn = tag("svg", *parts, viewBox=f"0 0 {width} {height}", role="img", aria_label=note,
                style=f"max-width:{width}px;width:100%;height:auto")  # fmt: skip
    return tag("figure", drawn, tag("p", note, class_="soft"), class_="track")


def _across(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - 34)


def _line(x1: float, y1: float, x2: float, y2: float, *, faint: bool) -> Html:
    return tag("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}",
               stroke="var(--line)" if faint else "currentColor")  # fmt: skip


def _text(x: float, y: float, text: str, *, anchor: str) -> Html:
    return tag("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, font_size="13",
               fill="currentColor")  # fmt: skip
