"""The text of a segment without its inline markup, as TMX 1.4, XLIFF 1.2 and XLIFF 2 define it."""

from typing import Final
from xml.etree.ElementTree import Element

_CODES: Final = frozenset({"bpt", "ept", "ph", "it", "ut", "sub", "x", "bx", "ex", "sc", "ec", "sm", "em"})
"""Native code such as ``<b>`` or ``{\\b ``, with what stands in it; everything else (hi, g, pc, mrk, …) holds text."""

_LINE_BREAKS: Final = frozenset({"lb", "xlf:lb", "x-lb", "br", "x-br"})


def text_of(segment: Element) -> str:
    """What a reader would see: markup goes, what it encloses stays.

    ``Press <bpt i="1">&lt;b></bpt>OK<ept i="1">&lt;/b></ept>`` is ``Press OK``; a code that is a line break is a
    space, so that words do not grow together; ``<cp hex="0001"/>`` is the character that XML cannot write.
    """
    parts = [segment.text or ""]
    for child in segment:
        parts += (_inline(child), child.tail or "")
    return "".join(parts)


def _inline(element: Element) -> str:
    if element.tag == "cp":
        return _character(element.get("hex", ""))
    if element.tag not in _CODES:
        return text_of(element)
    kinds = {element.get(name) for name in ("type", "ctype", "subType")}
    return " " if kinds & _LINE_BREAKS else ""


def _character(digits: str) -> str:
    try:
        code = int(digits, 16)
    except ValueError:
        return "\ufffd"
    return chr(code) if 0 <= code < 0xD800 or 0xDFFF < code <= 0x10FFFF else "\ufffd"
