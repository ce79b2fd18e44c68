"""Whatever text a reference writer puts into a file comes back: in order, in one piece, on one line."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_writers import WRITERS

from seqline.corpus import formats

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
