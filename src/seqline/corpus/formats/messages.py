"""What gettext's two formats share: messages, their plural forms, and the header that says how many there are."""

import gettext
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqline.corpus.formats.sides import Languages, means
from seqline.errors import CorpusError

_ONE, _MANY = 1, 5
"""Numbers whose forms stand for ``msgid`` and ``msgid_plural``; 5 is neither dual nor a special few."""


@dataclass(frozen=True)
class Message:
    """One entry: ``source``, perhaps its ``plural``, and a translation per plural form; none where it is fuzzy."""

    source: str
    plural: str | None
    targets: Sequence[str]


@dataclass(frozen=True)
class Header:
    """What the entry with the empty ``msgid`` says: the language, and the form for one and for many."""

    language: str = ""
    forms: tuple[int, int] = (0, -1)


def header(text: str) -> Header:
    """Read the header's ``Language`` and ``Plural-Forms``; without the latter the last form is the plural."""
    language = re.search(r"^Language:[ \t]*(\S*)", text, re.MULTILINE)
    plural = re.search(r"^Plural-Forms:.*?plural=([^;\n]+)", text, re.MULTILINE)
    return Header(language[1] if language else "", _forms(plural[1]) if plural else Header.forms)


def pairs(message: Message, head: Header) -> Iterator[tuple[str, str]]:
    """The texts of a message: ``msgid`` with the form for one, and, where there is a plural, that with one for many.

    ``%d file``/``%d files`` with the single Chinese form ``%d 个文件`` is two pairs.
    """
    yield message.source, _form(message.targets, head.forms[0])
    if message.plural is not None:
        yield message.plural, _form(message.targets, head.forms[1])


def turned(path: Path, head: Header, languages: Languages) -> bool:
    """Whether the translations are the source side, as the header's language says; without one they are the target.

    Raises:
        CorpusError: the header names neither language.
    """
    if not head.language or means(head.language, languages[1]):
        return False
    if means(head.language, languages[0]):
        return True
    expected = f"expected {languages[1]!r}; if that is meant, name the file's own codes under `languages:`"
    raise CorpusError(f"{path}: its header says that the translations are in {head.language[:40]!r}; {expected}")


def _forms(expression: str) -> tuple[int, int]:
    try:
        index = gettext.c2py(expression.strip())  # gettext's own parser of such expressions; it bounds their length
        return index(_ONE), index(_MANY)
    except (ValueError, ArithmeticError):
        return Header.forms


def _form(targets: Sequence[str], index: int) -> str:
    return "" if not targets else targets[index] if -1 <= index < len(targets) else targets[-1]
