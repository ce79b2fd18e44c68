"""Hostile and damaged corpus files: nothing runs, nothing is fetched, nothing fills the memory, nothing is lost."""

import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_writers import WRITERS, tmx

from seqline.corpus import formats
from seqline.corpus.formats import mo, xml
from seqline.errors import CorpusError

LANGUAGES = ("en", "zh")
PAIRS = [(f"line {number} of many", f"许多行的第 {number} 行") for number in range(50)]
UNIT = '<tu><tuv xml:lang="en"><seg>one</seg></tuv><tuv xml:lang="zh"><seg>{}</seg></tuv></tu>'


def read(folder: Path, data: bytes | str, suffix: str = "tmx") -> list[tuple[str, str]]:
    path = folder / f"corpus.{suffix}"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return [(row.source, row.target) for row in formats.read(path, LANGUAGES)]


def document(declarations: str, text: str) -> str:
    return f"<?xml version='1.0'?>{declarations}<tmx><body>{UNIT.format(text)}</body></tmx>"


LAUGHS = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
ENTITIES = {
    "billion laughs": (f'<!DOCTYPE tmx [<!ENTITY l0 "ha">{LAUGHS}]>', "&l9;"),
    "quadratic blow-up": (f'<!DOCTYPE tmx [<!ENTITY a "{"a" * 50_000}">]>', "&a;" * 50_000),
    "external entity": ('<!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"),
    "entity of the network": ('<!DOCTYPE tmx [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>', "&x;"),
    "parameter entity": ('<!DOCTYPE tmx [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>', "一"),
    "unparsed entity": ('<!DOCTYPE tmx [<!NOTATION n SYSTEM "n"><!ENTITY x SYSTEM "x" NDATA n>]>', "一"),
    "harmless entity": ('<!DOCTYPE tmx [<!ENTITY x "一">]>', "&x;"),
    "entity of an external document type": ('<!DOCTYPE tmx SYSTEM "file:///etc/passwd">', "&nbsp;"),
    "entity after a parameter entity": ('<!DOCTYPE tmx [%p; <!ENTITY x "一">]>', "&x;"),
}


@pytest.mark.parametrize("what", ENTITIES)
def test_entities_are_neither_declared_nor_used(tmp_path: Path, what: str) -> None:
    with pytest.raises(CorpusError, match=r"corpus\.tmx: refused near line 1: it (declares|uses) the entity"):
        read(tmp_path, document(*ENTITIES[what]))


def test_an_entity_without_a_document_type_is_not_xml(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"not XML \(undefined entity at line 1"):
        read(tmp_path, document("", "&nbsp;"))


def test_a_document_type_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "tmx14.dtd").write_text('<!ENTITY nbsp "fetched">')
    assert read(tmp_path, document('<!DOCTYPE tmx SYSTEM "tmx14.dtd">', "一")) == [("one", "一")]


GIANTS = {
    "segment": document("", "一" * 700_000),
    "record of many elements": document("", "<ph/>" * 400_000),
    "attribute": f'<tmx><body><tu x="{"x" * (3 << 20)}"/></body></tmx>',
    "tag": f"<tmx><body><{'x' * (3 << 20)}/></body></tmx>",
    "comment": f"<tmx><!--{'x' * (3 << 20)}--></tmx>",
    "instruction": f"<tmx><?x {'x' * (3 << 20)}?></tmx>",
}


@pytest.mark.parametrize("what", GIANTS)
def test_nothing_unfinished_is_held_beyond_its_bound(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml, "MAX_RECORD_BYTES", 1 << 20)
    with pytest.raises(CorpusError, match="a record, tag or comment is larger than 1 MiB"):
        read(tmp_path, GIANTS[what])


@pytest.mark.parametrize("text", ["<x>" * 10_000, f"<tmx><tu>{'<hi>' * 10_000}", f"<tmx>{'<a>' * 10_000}"])
def test_depth_is_bounded(tmp_path: Path, text: str) -> None:
    with pytest.raises(CorpusError, match=r"more than 100 deep|expected <tmx>"):
        read(tmp_path, text)


def test_names_are_bounded(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="more than 10,000 different names"):
        read(tmp_path, "<tmx>" + "".join(f"<x{number}/>" for number in range(20_000)))


@pytest.mark.parametrize("data", [b"<html><body>404</body></html>", b"<xliff/>", b"<tmx:tmx xmlns:tmx='urn:other'/>"])
def test_another_document_is_named_by_its_outermost_element(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(CorpusError, match="expected <tmx> as its outermost element, found <"):
        read(tmp_path, data)


@pytest.mark.parametrize("data", [b"", b"one\ttwo\n", b"PK\3\4", b"<tmx>\xff</tmx>", b"<tmx></tmx><tmx/>", bytes(100)])
def test_what_is_no_xml_is_called_so(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(CorpusError, match=r"corpus\.tmx: damaged, or not XML \(.+ at line 1, column \d+\)"):
        read(tmp_path, data)


@pytest.mark.parametrize("tenths", range(1, 10))
@pytest.mark.parametrize("suffix", ["tmx", "xlf", "xliff", "mo"])
def test_a_file_cut_short_anywhere_is_damaged(tmp_path: Path, suffix: str, tenths: int) -> None:
    whole = WRITERS[suffix](PAIRS)
    with pytest.raises(CorpusError, match="damaged"):
        read(tmp_path, whole[: len(whole) * tenths // 10], suffix)


@pytest.mark.parametrize("tenths", range(1, 10))
@pytest.mark.parametrize("suffix", ["jsonl", "po"])
def test_a_text_cut_short_gives_an_error_or_whole_pairs_only(tmp_path: Path, suffix: str, tenths: int) -> None:
    whole = WRITERS[suffix](PAIRS)
    cut = whole[: len(whole) * tenths // 10]
    found: list[tuple[str, str]] = []
    with suppress(CorpusError):
        found = read(tmp_path, cut, suffix)
    assert found == PAIRS[: len(found)]
    within_a_line = cut.rpartition(b"\n")[2]
    assert not found or within_a_line.strip() in (b"", whole.split(b"\n")[cut.count(b"\n")])


@pytest.mark.parametrize("suffix", WRITERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_byte_is_altered_there_are_pairs_or_one_plain_error(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, data: st.DataObject
) -> None:
    whole = bytearray(WRITERS[suffix](PAIRS[:3]))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    problem, found = "", list[tuple[str, str]]()
    try:
        found = read(tmp_path_factory.mktemp("altered"), bytes(whole), suffix)
    except CorpusError as error:
        problem = str(error)
    assert "\n" not in problem
    assert "\n" not in "".join(map("".join, found))


def test_a_string_that_was_cut_is_not_read_one_character_short(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="line 2 is no PO"):
        read(tmp_path, 'msgid "a"\nmsgstr "你好吗', "po")


def test_compiled_messages_that_share_one_long_text_are_a_bomb(tmp_path: Path) -> None:
    count, text = 1000, b"x" * 10_000 + b"\0"
    start = 28 + 8 * count
    entry = (len(text) - 1).to_bytes(4, "little") + start.to_bytes(4, "little")
    table = (28).to_bytes(4, "little")
    head = b"\xde\x12\x04\x95" + bytes(4) + count.to_bytes(4, "little") + table + table + bytes(8)
    with pytest.raises(CorpusError, match="its texts overlap"):
        read(tmp_path, head + entry * count + text, "mo")


@pytest.mark.parametrize("at", [4, 8, 12, 16, 28, 32])
def test_compiled_messages_with_wild_offsets_are_damaged(tmp_path: Path, at: int) -> None:
    data = bytearray(WRITERS["mo"](PAIRS))
    data[at : at + 4] = b"\xf0\xff\xff\x7f"
    if at == 4:  # the revision, which nobody raised since 1995
        assert read(tmp_path, bytes(data), "mo")
        return
    with pytest.raises(CorpusError, match="damaged"):
        read(tmp_path, bytes(data), "mo")


def test_compiled_messages_beyond_the_bound_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mo, "MAX_BYTES", 1000)
    with pytest.raises(CorpusError, match="which no compiled catalogue is"):
        read(tmp_path, WRITERS["mo"](PAIRS), "mo")


def test_a_message_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqline.corpus.formats.po.MAX_LINE_BYTES", 1000)
    with pytest.raises(CorpusError, match="the message at line 102 is longer"):
        read(tmp_path, 'msgid ""\n' + '"0123456789"\n' * 200, "po")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    head, _, rest = tmx([("word " * 60, "词" * 100)] * 2000).partition(b"<tu>")
    units, _, tail = rest.rpartition(b"</body>")
    with (tmp_path / "big.tmx").open("wb") as stream:
        stream.write(head)
        while stream.tell() < 20 << 20:
            stream.write(b"<tu>" + units)
        stream.write(b"</body>" + tail)
    tracemalloc.start()
    rows = sum(1 for _ in formats.read(tmp_path / "big.tmx", LANGUAGES))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows > 20_000
    assert peak_bytes < 4 << 20
