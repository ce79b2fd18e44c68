"""TMX 1.4 (and 1.1), the exchange format of translation memories: a record is a translation unit, ``<tu>``."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from seqline.corpus.formats.inline import text_of
from seqline.corpus.formats.sides import Languages, Sides
from seqline.corpus.formats.xml import read_elements


def read(path: Path, languages: Languages) -> Iterator[tuple[int, str, str]]:
    """Yield number, source and target of every translation unit.

    Of several variants of a language the one with the very code wins, else the first. A unit without one of the
    languages keeps its number with an empty side.

    Raises:
        CorpusError: no unit has a text in one of the languages; see also
            :func:`seqline.corpus.formats.xml.read_elements`.
    """
    sides = Sides(path, languages)
    for number, unit in enumerate(read_elements(path, "tmx", {"tu"}, ()), start=1):
        yield number, *sides.pick([(variant.get("lang", ""), _segment(variant)) for variant in unit.findall("tuv")])
    sides.check()


def _segment(variant: Element) -> str:
    segment = variant.find("seg")
    return "" if segment is None else text_of(segment)
