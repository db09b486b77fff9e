"""Numbers of an evaluation as people read them."""

from __future__ import annotations

from ...models.evaluation.rates import Interval, Rate, Share

NONE = ""


def percent(value: float | None) -> str:
    """Return ``93.1 %``; 100 and 0 only where it is exactly that."""
    if value is None:
        return NONE
    text = f"{100 * value:.1f}"
    if text == "100.0" and value < 1:
        text = "> 99.9"
    elif text == "0.0" and value > 0:
        text = "< 0.1"
    return f"{text.removesuffix('.0')} %"


def share(value: Share) -> str:
    """Return ``93.1 % (27 of 29)``."""
    return (
        NONE if value.value is None else f"{percent(value.value)} ({value.count} of {value.of})"
    )


def percents(interval: Interval | None) -> str:
    """Return ``78.0-98.1 %``."""
    if interval is None:
        return NONE
    low, high = (f"{100 * bound:.1f}" for bound in interval)
    return f"{low}-{high} %"


def rate(value: Rate) -> str:
    """Return ``0.013 (2)``: the rate and the count behind it."""
    return NONE if value.value is None else f"{number(value.value)} ({value.count})"


def interval(bounds: Interval | None, digits: int = 3) -> str:
    """Return ``0.01-0.05``."""
    if bounds is None:
        return NONE
    return "-".join(number(bound, digits) for bound in bounds)


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with at most `digits` after the point, never an invented 0."""
    if value is None:
        return NONE
    text = f"{value:.{digits}f}"
    if float(text) == 0 and value != 0:
        return f"{value:.1g}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def seconds(value: float | None) -> str:
    """Return ``1.3 s``."""
    return NONE if value is None else f"{round(value, 1) + 0.0:.1f} s"


def seconds_between(bounds: Interval | None) -> str:
    """Return ``1.0-1.8 s``."""
    return NONE if bounds is None else f"{bounds[0]:.1f}-{bounds[1]:.1f} s"
