"""XLIFF 1.2 (``<trans-unit>``) and 2.x (``<unit>``): a record is a segment."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

from seqline.corpus.formats.inline import text_of
from seqline.corpus.formats.sides import Languages, Sides, means
from seqline.corpus.formats.xml import read_elements

_UNTRANSLATED: Final = frozenset({"new", "needs-translation", "initial"})
"""States in which a target is absent, or a copy of the source that waits for its translator."""


def read(path: Path, languages: Languages) -> Iterator[tuple[int, str, str]]:
    """Yield number, source and target of every segment; alternatives and notes are left out.

    A unit of 1.2 that its ``<seg-source>`` divides gives its parts, paired by ``mid``. Source and target may stand the
    other way round than ``languages``. A segment that is not translated yet, or in other languages, keeps its number
    with an empty side.

    Raises:
        CorpusError: no segment has a text in one of the languages; see also
            :func:`seqline.corpus.formats.xml.read_elements`.
    """
    sides, number, codes = Sides(path, languages), 0, languages
    for element in read_elements(path, "xliff", {"trans-unit", "unit"}, {"xliff", "file"}):
        if element.tag in {"xliff", "file"}:
            codes = _codes(element, codes if element.tag == "file" else languages, languages)
            continue
        for texts in _trans_unit(element) if element.tag == "trans-unit" else _unit(element):
            number += 1
            yield number, *sides.pick(list(zip(codes, texts, strict=True)))
    sides.check()


def _codes(frame: Element, outer: Languages, languages: Languages) -> Languages:
    """The languages of a file's sources and targets. Version 2 names them on ``<xliff>``, 1.2 on each ``<file>``."""
    source = frame.get("srcLang") or frame.get("source-language")
    target = frame.get("trgLang") or frame.get("target-language")
    if source is None:
        return outer
    other = languages[0] if means(source, languages[1]) else languages[1]
    return source, target or other


def _trans_unit(unit: Element) -> Iterator[tuple[str, str]]:
    target = unit.find("target")
    if target is not None and target.get("state") in _UNTRANSLATED:
        target = None
    sources, targets = _parts(unit.find("seg-source")), _parts(target)
    if not sources or (target is not None and not targets):
        yield _text(unit.find("source")), _text(target)
        return
    for mid in {**sources, **targets}:
        yield sources.get(mid, ""), targets.get(mid, "")


def _unit(unit: Element) -> Iterator[tuple[str, str]]:
    for segment in unit.findall("segment"):
        target = None if segment.get("state") in _UNTRANSLATED else segment.find("target")
        yield _text(segment.find("source")), _text(target)


def _parts(element: Element | None) -> dict[str, str]:
    """The texts of ``<mrk mtype="seg">`` by ``mid``; none where a mark has no number of its own."""
    marks = [] if element is None else [mark for mark in element.iter("mrk") if mark.get("mtype") == "seg"]
    parts = {mark.get("mid", ""): text_of(mark) for mark in marks}
    return parts if len(parts) == len(marks) else {}


def _text(element: Element | None) -> str:
    return "" if element is None else text_of(element)
