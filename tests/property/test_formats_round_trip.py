"""Whatever text a reference writer puts into a file comes back: in order, in one piece, on one line."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_corpora import compressed
from reference_writers import WRITERS

from seqline.corpus import formats, local
from seqline.errors import CorpusError
from seqline.params.corpora import Local

HOSTILE = [
    "\r", "\n", "\r\n", "\t", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\ufeff", "\u200b", "\u202e",
    '"', "\\", "\\n", "\\\\", "'", "<", "&", "&lt;", "]]>", "<!--", "<seg>", "%s", "%(x)d", "{0}", "#~", "#, fuzzy",
    'msgid "', "𠀀", "e\u0301", "你好", "\ufffd", "\x04",
]  # fmt: skip
ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
TEXT = st.lists(st.sampled_from(HOSTILE) | ANY, min_size=1, max_size=6).map("".join)
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def one_line(text: str) -> str:
    return re.sub("[\r\n]*\n[\r\n]*", " ", text)


def xml_text(text: str) -> str:
    return NOT_IN_XML.sub("", text)


def xml_read(text: str) -> str:
    """XML reads a lone carriage return as a line feed too (1.0, section 2.11)."""
    return one_line(text.replace("\r\n", "\n").replace("\r", "\n"))


def tsv_text(text: str) -> str:
    # A byte-order mark at the start and a carriage return at the end of a line belong to the file, not to the text.
    return re.sub("[\t\n]", "", text).strip("\r\ufeff")


def mo_text(text: str) -> str:
    """NUL divides plural forms and EOT ends a context."""
    return re.sub("[\0\x04]", "", text) or "x"


Change = Callable[[str], str]
CAN_HOLD: dict[str, tuple[Change, Change]] = {
    "tsv": (tsv_text, one_line), "jsonl": (str, one_line), "po": (str, one_line), "mo": (mo_text, one_line),
    "tmx": (xml_text, xml_read), "xlf": (xml_text, xml_read), "xliff": (xml_text, xml_read),
}  # fmt: skip
"""By suffix: the text that a format can hold, and that text as its reader should give it."""


@pytest.mark.parametrize("suffix", WRITERS)
@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6, unique_by=lambda pair: pair[0]))
def test_any_text_comes_back_identical_on_one_line(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, texts: list[tuple[str, str]]
) -> None:
    holdable, as_read = CAN_HOLD[suffix]
    pairs = [*{holdable(source): holdable(target) for source, target in texts}.items()]
    path = tmp_path_factory.mktemp("written") / f"corpus.{suffix}"
    path.write_bytes(WRITERS[suffix](pairs))
    rows = list(formats.read(path, ("en", "zh")))
    expected = [(as_read(source), as_read(target)) for source, target in pairs]
    found = [(row.source, row.target) for row in rows]
    assert (sorted(found) if suffix == "mo" else found) == (sorted(expected) if suffix == "mo" else expected)
    assert [row.line for row in rows] == [*range(1, len(pairs) + 1)]
    assert not any("\n" in text for pair in found for text in pair)


@pytest.mark.parametrize("how", ["plain", "gzip", "zstd"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8), mark=st.booleans(), last_end=st.booleans())
def test_two_files_give_the_pairs_that_a_text_stream_wrote(
    tmp_path_factory: pytest.TempPathFactory,
    how: str,
    end: str,
    texts: list[tuple[str, str]],
    mark: bool,
    last_end: bool,
) -> None:
    folder = tmp_path_factory.mktemp("written")
    pairs = [(line_text(source), line_text(target)) for source, target in texts]
    for name, lines in zip(("a.en", "a.zh"), zip(*pairs, strict=True), strict=True):
        with (folder / name).open("w", encoding="utf-8-sig" if mark else "utf-8", newline=end) as stream:
            stream.write("\n".join(lines) + ("\n" if last_end or not lines[-1] else ""))
        (folder / name).write_bytes(compressed((folder / name).read_bytes(), how))
    assert rows_of_two_files(folder) == [(number, *pair) for number, pair in enumerate(pairs, 1)]


BYTES = st.lists(
    st.sampled_from([b"\r", b"\xff", b"\x80", b"\xc3", b"\xed\xa0\x80", b"\0", b"x", "你".encode()]), max_size=4
)
LINE = BYTES.map(b"".join)


@settings(max_examples=100, deadline=None)
@given(sides=st.tuples(*[st.lists(LINE, min_size=1, max_size=6)] * 2), padding=st.sampled_from([0, 9000]))
def test_whatever_bytes_two_files_hold_line_n_meets_line_n_or_the_files_are_refused(
    tmp_path_factory: pytest.TempPathFactory, sides: tuple[list[bytes], list[bytes]], padding: int
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    whole = [[*side, *[b"good"] * padding] for side in sides]
    for name, lines in zip(("a.en", "a.zh"), whole, strict=True):
        (folder / name).write_bytes(b"".join(line + b"\n" for line in lines))
    try:
        found = rows_of_two_files(folder)
    except CorpusError as error:
        assert "\n" not in str(error)  # noqa: PT017
        bad = any(b"\xff" in line or b"\x80" in line or b"\xc3" in line for side in sides for line in side)
        assert bad or len(sides[0]) != len(sides[1])
        return
    expected = [[line.removesuffix(b"\r").decode("utf-8", "replace") for line in side] for side in whole]
    assert found == [(number, *pair) for number, pair in enumerate(zip(*expected, strict=True), 1)]


@pytest.mark.parametrize("suffix", ["tmx", "xlf", "xliff"])
@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6))
def test_what_xml_cannot_hold_is_refused_and_never_shifts_another_pair(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, texts: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("written") / f"corpus.{suffix}"
    path.write_bytes(WRITERS[suffix](texts))
    try:
        found = [(row.source, row.target) for row in formats.read(path, ("en", "zh"))]
    except CorpusError as error:
        assert "damaged, or not XML" in str(error)  # noqa: PT017
        assert any(NOT_IN_XML.search(text) for pair in texts for text in pair)
        return
    assert found == [(xml_read(source), xml_read(target)) for source, target in texts]


def line_text(text: str) -> str:
    """What a line can hold: no end of a line, and no mark or carriage return that would belong to the file."""
    return text.replace("\n", "").strip("\r\ufeff")


def rows_of_two_files(folder: Path) -> list[tuple[int, str, str]]:
    corpus = Local(kind="local", name="two", split="train", source="a.en", target="a.zh")
    return [(row.line, row.source, row.target) for row in local.read(corpus, folder, ("en", "zh"))]
