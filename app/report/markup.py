"""HTML that cannot forget to escape: text is escaped unless it is `Html` already."""

from __future__ import annotations

from html import escape


class Html(str):
    """Text that is HTML."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str | None) -> Html:
    """Return ``<name ...>children</name>``.

    Parameters
    ----------
    name
        Name of the element.
    children
        Contents; whatever is not `Html` is escaped.
    attributes
        Values are escaped; None is left out; ``class_`` and ``aria_label`` become ``class``
        and ``aria-label``.
    """
    inside = "".join(html(child) for child in children)
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_clean(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{named}>{inside}</{name}>")


def html(text: str) -> Html:
    """Return `text` escaped, or as it is where it is `Html` already."""
    return text if isinstance(text, Html) else Html(_clean(text))


def join(parts: list[Html]) -> Html:
    """Return the parts one after another."""
    return Html("".join(parts))


def _clean(text: str) -> str:
    # a lone surrogate cannot be written as UTF-8; a control character is not HTML
    kept = "".join(
        char if char.isprintable() or char in "\n\t\xa0" else "�" for char in str(text)
    )
    return escape(kept, quote=True)
