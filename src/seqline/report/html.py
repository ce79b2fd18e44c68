"""Building HTML in which all text is escaped unless it is markup already.

>>> tag("p", "1 < 2", tag("b", "&"), class_="note")
'<p class="note">1 &lt; 2<b>&amp;</b></p>'
"""

import html
import re
from collections.abc import Iterable

# Controls, lone surrogates and non-characters are not allowed in HTML; overrides of the writing direction would reach
# beyond their sentence. Each is shown as U+FFFD.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_VOID = {"br", "meta"}


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | Markup | None


def escape(text: str) -> Markup:
    """Make any text safe inside an element or a quoted attribute."""
    return Markup(html.escape(_UNPRINTABLE.sub("\ufffd", text), quote=True))


def tag(name: str, /, *children: Child, **attributes: str | float | None) -> Markup:
    """An element. ``class_`` becomes ``class``, other ``_`` become ``-``; attributes and children None are left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Markup:
    """Markup and escaped text, one after the other."""
    return Markup(
        "".join(child if isinstance(child, Markup) else escape(child) for child in children if child is not None)
    )


def quote(text: str, limit: int = 400) -> Markup:
    """A foreign sentence: cut at ``limit`` characters, kept from turning the direction of what stands beside it."""
    shown = text if len(text) <= limit else text[:limit] + "…"
    return tag("bdi", shown, class_="text") if shown.strip() else tag("span", "(empty)", class_="faint")


def table(header: Iterable[Child], rows: Iterable[Iterable[Child]], class_: str = "") -> Markup:
    """A table that scrolls by itself where it is too wide. A child that is no ``td`` is put into one."""
    head = tag("tr", *(tag("th", cell, scope="col") for cell in header))
    body = (tag("tr", *(_cell(cell) for cell in row)) for row in rows)
    return tag("div", tag("table", tag("thead", head), tag("tbody", *body), class_=class_ or None), class_="scroll")


def number(value: float | None, digits: int = 0, unit: str = "") -> Markup:
    """A right-aligned cell with thousands separated; a dash where nothing is known."""
    shown = "–" if value is None else f"{value:,.{digits}f}{unit}"
    return tag("td", shown, class_="number")


def _cell(cell: Child) -> Child:
    return cell if isinstance(cell, Markup) and cell.startswith("<td") else tag("td", cell)
