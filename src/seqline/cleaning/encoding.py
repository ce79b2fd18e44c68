"""Text that was decoded with the wrong encoding: repaired where that is certain, else recognised."""

import re
from typing import Final

import ftfy
import polars as pl
from ftfy.badness import badness

from seqline.cleaning.repair import Repair
from seqline.cleaning.sketch import Sketch, following
from seqline.cleaning.sparse import change_where, measure_where

_FIRST: Final = r"\u00C2-\u00F4\u0102-\u0171\u0393\u221A"
_SECOND: Final = r"\u0080-\u017E\u0192\u02C6-\u02DD\u2013-\u203A\u20AC\u2122\uFFFD"
_AS_LATIN: Final = f"[{_FIRST}][{_SECOND}]"
"""What the first two bytes of a UTF-8 character are when read as Latin-1, Windows-1250 or -1252, Mac Roman, …"""

_ASCII: Final = r"\x00-\x7F"
_BOTH: Final = "".join(
    bytes((first, second)).decode("gb18030", errors="ignore")
    for first in (*range(0xE2, 0xEA), 0xEF, 0xF0)
    for second in range(0x80, 0xC0)
)
_AS_GBK: Final = f"^[{_ASCII}]*[{_BOTH}]"
"""What the first two bytes of a Chinese character or sign are when read as GBK: the first one of such mojibake."""

BROKEN: Final = r"\uFFFD\u0080-\u009F\uE000-\uF8FF\uFFF0-\uFFFC"
"""Replacement, control and private characters, as the inside of a regular-expression class."""

_FILLERS: Final = r"锟斤拷|烫烫烫|屯屯屯|\?{4,}"


LATIN_MOJIBAKE: Final = following(_FIRST, _SECOND)


def wrong_decoding() -> Repair:
    """Undo a wrong decoding where the original is certain.

    ``cafÃ©`` becomes ``café`` and ``ä½ å¥½`` becomes ``你好`` (ftfy); ``浣犲ソ`` becomes ``你好`` (UTF-8 read as GBK).
    """
    return Repair(
        lambda text: change_where(change_where(text, _AS_LATIN, ftfy.fix_encoding), _AS_GBK, _undo_gbk),
        (LATIN_MOJIBAKE, Sketch(None, _ASCII, _BOTH)),
    )


def mojibake(text: pl.Expr) -> pl.Expr:
    """Signs of a wrong decoding beyond repair: rows of ``????``, 锟斤拷, unlikely sequences of Latin letters."""
    return measure_where(text, _FILLERS, lambda found: len(re.findall(_FILLERS, found))) + measure_where(
        text, _AS_LATIN, badness
    )


def _undo_gbk(text: str) -> str:
    """UTF-8 bytes read as GB 18030, read rightly; other text is hardly ever valid UTF-8 when written as GB 18030."""
    try:
        original = text.encode("gb18030").decode("utf-8")
    except UnicodeDecodeError:
        return text
    # Two-byte UTF-8 (Latin, Greek, …) does arise by chance: 预约 VPN would become ԤԼ VPN.
    return original if any("\u4e00" <= character <= "\u9fff" for character in original) else text
