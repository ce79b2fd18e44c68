"""gettext PO: messages as translators edit them. A record is a message; the header is none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from seqline.corpus.formats.messages import Header, Message, header, pairs, turned
from seqline.corpus.formats.sides import Languages
from seqline.corpus.lines import MAX_BAD_SHARE, MAX_LINE_BYTES, read_lines
from seqline.errors import CorpusError

_STATEMENT: Final = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr)(\[[0-9]{1,3}\])?[ \t]*)?"(.*)"')
_STRING: Final = re.compile(r'(?:[^"\\]++|\\.)*+')
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "b": "\b", "f": "\f", "a": "\a", "\\": "\\", '"': '"'}


def read(path: Path, languages: Languages) -> Iterator[tuple[int, str, str]]:
    """Yield number, source and target of every message, twice the same number where it has a plural.

    ``msgid`` is the source unless the header's ``Language`` says otherwise. A fuzzy or untranslated message has an
    empty target. Obsolete ones (``#~``) are what the file held once, and are left out like any comment.

    Raises:
        CorpusError: a line is no PO, a message lacks its ``msgstr``, or the header names another language; see also
            :func:`seqline.corpus.lines.read_lines`.
    """
    head, number, swap = Header(), 0, False
    for draft in _drafts(path):
        if draft.is_header and number == 0:
            head = header(draft.text("msgstr"))
            swap = turned(path, head, languages)
            continue
        number += 1
        for source, target in pairs(draft.message(), head):
            yield (number, target, source) if swap else (number, source, target)


@dataclass
class _Draft:
    """A message while its lines come in; ``parts`` are the pieces of text by keyword."""

    fuzzy: bool = False
    parts: dict[str, list[str]] = field(default_factory=dict)
    keyword: str = ""
    size: int = 0

    @property
    def is_complete(self) -> bool:
        return any(key.startswith("msgstr") for key in self.parts)

    @property
    def is_header(self) -> bool:
        return self.text("msgid") == "" and "msgctxt" not in self.parts

    def add(self, keyword: str, text: str) -> None:
        self.keyword = keyword
        self.size += len(text)
        self.parts.setdefault(keyword, []).append(text)

    def text(self, keyword: str) -> str:
        return "".join(self.parts.get(keyword, ()))

    def message(self) -> Message:
        forms = sorted((key for key in self.parts if key.startswith("msgstr")), key=lambda key: int(key[7:-1] or 0))
        plural = self.text("msgid_plural") if "msgid_plural" in self.parts else None
        return Message(self.text("msgid"), plural, [] if self.fuzzy else [self.text(form) for form in forms])


def _drafts(path: Path) -> Iterator[_Draft]:
    draft, line = _Draft(), 0
    for line, text in enumerate(read_lines(path, MAX_BAD_SHARE), start=1):
        statement = text.strip(" \t")
        if draft.is_complete and re.match(r"#|msgctxt|msgid\b", statement):
            yield draft
            draft = _Draft()
        if statement.startswith("#~"):
            draft.fuzzy &= bool(draft.parts)  # a flag above belongs to the obsolete message, not to the next one
        elif statement.startswith("#,"):
            draft.fuzzy |= "fuzzy" in re.split(r"[,\s]+", statement)
        elif statement and not statement.startswith("#"):
            _add(path, line, draft, statement)
    if draft.is_complete:
        yield draft
    elif draft.parts:
        raise CorpusError(f"{path}: ends at line {line} within a message that has no msgstr; fetch it again")


def _add(path: Path, line: int, draft: _Draft, statement: str) -> None:
    found = _STATEMENT.fullmatch(statement)
    if found is None or not _STRING.fullmatch(found[3]):
        raise CorpusError(f'{path}: line {line} is no PO; expected a keyword and "text" in whole quotes')
    key = (found[1] or "") + (found[2] or "")
    if key in draft.parts or not (key or draft.keyword) or (key.startswith("msgstr") and "msgid" not in draft.parts):
        raise CorpusError(f"{path}: line {line} stands out of order; expected msgid, then msgstr, once per message")
    draft.add(key or draft.keyword, _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[0]), found[3]))
    if draft.size > MAX_LINE_BYTES:
        raise CorpusError(f"{path}: the message at line {line} is longer than {MAX_LINE_BYTES >> 20} MiB")
