"""Text that was decoded with the wrong encoding: repaired where that is certain, else recognised."""

import re
from functools import cache
from typing import Final

import ftfy
import polars as pl
from ftfy.badness import badness

from seqline.cleaning.sparse import change_where, measure_where

# Beyond ASCII, and neither Han nor common punctuation: only such text can be Latin mojibake.
_LATIN_SUSPECT: Final = r"[\u0080-\u024F\u2018-\u203A\u20AC\u2122\u0192\u02C6\u02DC]"
BROKEN: Final = r"\uFFFD\u0080-\u009F\uE000-\uF8FF\uFFF0-\uFFFC"
"""Replacement, control and private characters, as the inside of a regular-expression class."""

_FILLERS: Final = r"锟斤拷|烫烫烫|屯屯屯|\?{4,}"


def repaired(text: pl.Expr) -> pl.Expr:
    """Undo a wrong decoding where the original is certain.

    ``cafÃ©`` becomes ``café`` and ``ä½ å¥½`` becomes ``你好`` (ftfy); ``浣犲ソ`` becomes ``你好`` (UTF-8 read as GBK).
    """
    return change_where(change_where(text, _LATIN_SUSPECT, ftfy.fix_encoding), _gbk_suspect(), _undo_gbk)


def mojibake(text: pl.Expr) -> pl.Expr:
    """Signs of a wrong decoding beyond repair: rows of ``????``, 锟斤拷, unlikely sequences of Latin letters."""
    return measure_where(text, _FILLERS, lambda found: len(re.findall(_FILLERS, found))) + measure_where(
        text, _LATIN_SUSPECT, badness
    )


@cache
def _gbk_suspect() -> str:
    """Texts whose first character beyond ASCII, written as GBK, begins a character of UTF-8."""
    starts = "".join(chr(point) for point in range(0x80, 0x10000) if _begins_utf8(chr(point)))
    return rf"^[\x00-\x7F]*[{starts}]"


def _begins_utf8(character: str) -> bool:
    try:
        first, second = character.encode("gbk")
    except (UnicodeEncodeError, ValueError):
        return False
    return 0xC2 <= first <= 0xF4 and 0x80 <= second <= 0xBF


def _undo_gbk(text: str) -> str:
    """UTF-8 bytes read as GB 18030, read rightly; other text is hardly ever valid UTF-8 when written as GB 18030."""
    try:
        original = text.encode("gb18030").decode("utf-8")
    except UnicodeDecodeError:
        return text
    # Two-byte UTF-8 (Latin, Greek, …) does arise by chance: 预约 VPN would become ԤԼ VPN.
    return original if any("\u4e00" <= character <= "\u9fff" for character in original) else text
