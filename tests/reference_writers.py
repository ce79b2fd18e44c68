"""Corpora of every format, as other tools write them: polib, the standard library's XML and JSON."""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree as Xml

import polib

Pairs = Sequence[tuple[str, str]]
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def tsv(pairs: Pairs) -> bytes:
    return "".join(f"{source}\t{target}\n" for source, target in pairs).encode()


def jsonl(pairs: Pairs) -> bytes:
    return "".join(json.dumps({"en": source, "zh": target}) + "\n" for source, target in pairs).encode()


def tmx(pairs: Pairs, codes: tuple[str, str] = ("en", "zh"), encoding: str = "utf-8") -> bytes:
    root = Xml.Element("tmx", version="1.4")
    Xml.SubElement(root, "header", srclang=codes[0], segtype="sentence")
    body = Xml.SubElement(root, "body")
    for pair in pairs:
        unit = Xml.SubElement(body, "tu")
        for code, text in zip(codes, pair, strict=True):
            Xml.SubElement(Xml.SubElement(unit, "tuv", {LANG: code}), "seg").text = text
    return Xml.tostring(root, encoding=encoding, xml_declaration=True)


def xliff_1(pairs: Pairs) -> bytes:
    root = Xml.Element("xliff", {"version": "1.2", "xmlns": "urn:oasis:names:tc:xliff:document:1.2"})
    file = Xml.SubElement(root, "file", {"source-language": "en-US", "target-language": "zh-CN", "original": "x"})
    body = Xml.SubElement(file, "body")
    for number, (source, target) in enumerate(pairs):
        unit = Xml.SubElement(body, "trans-unit", id=str(number))
        Xml.SubElement(unit, "source").text = source
        Xml.SubElement(unit, "target", state="translated").text = target
    return Xml.tostring(root, encoding="utf-8", xml_declaration=True)


def xliff_2(pairs: Pairs) -> bytes:
    space = "urn:oasis:names:tc:xliff:document:2.0"
    root = Xml.Element("xliff", {"version": "2.1", "srcLang": "en", "trgLang": "zh-Hans", "xmlns": space})
    file = Xml.SubElement(root, "file", id="f")
    for number, (source, target) in enumerate(pairs):
        segment = Xml.SubElement(Xml.SubElement(file, "unit", id=str(number)), "segment", state="final")
        Xml.SubElement(segment, "source").text = source
        Xml.SubElement(segment, "target").text = target
    return Xml.tostring(root, encoding="utf-8", xml_declaration=True)


def catalogue(pairs: Pairs) -> polib.POFile:
    found = polib.POFile()
    found.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Language": "zh_CN"}
    found.extend(polib.POEntry(msgid=source, msgstr=target) for source, target in pairs)
    return found


def po(pairs: Pairs) -> bytes:
    return _saved(catalogue(pairs).save)


def mo(pairs: Pairs) -> bytes:
    return _saved(catalogue(pairs).save_as_mofile)


def _saved(save: Callable[[str], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        save(f"{folder}/catalogue")
        return (Path(folder) / "catalogue").read_bytes()


WRITERS: dict[str, Callable[[Pairs], bytes]] = {
    "tsv": tsv, "jsonl": jsonl, "tmx": tmx, "xlf": xliff_1, "xliff": xliff_2, "po": po, "mo": mo,
}  # fmt: skip
"""By the suffix that tells the format."""
