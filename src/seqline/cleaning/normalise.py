"""Repairs made on every pair, also of dev and test, before any rule looks."""

import html
import re
import sys
import unicodedata
from functools import cache
from typing import Final

import polars as pl

from seqline.cleaning import typography
from seqline.cleaning.encoding import repaired
from seqline.cleaning.language import Language
from seqline.cleaning.sparse import apply_where, change_where
from seqline.params.cleaning import Normalise

_ENTITY: Final = r"&(?:#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);"
_INVISIBLE: Final = r"[\u00AD\u200B\u2060\uFEFF]+"
_BLANK: Final = r"[\s\p{Z}\p{Cc}]+"
_UNTIDY: Final = r"[\u00AD\u200B\u2060\uFEFF]|[[\s\p{Z}\p{Cc}]--[ ]]|  |^ | $"
_FULL_WIDTH: Final = {",": "，", ".": "。", "?": "？", "!": "！", ":": "：", ";": "；"}

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
_HALF_WIDTH_NEAR_HAN: Final = r"[\p{Han}”’）》」]\s?[,.?!:;(]|\([^()]*\p{Han}"
# A mark beside another mark is left alone: "是??", "等等...", "文件,，".
_MARK: Final = re.compile(rf"(?<=[{_HAN}”’）》」])\s?([,?!:;]|\.(?=\s|$))(?![,.?!:;，。？！：；])\s?")
_AFTER_HAN: Final = re.compile(rf"(?<=[{_HAN}])\s?\(\s?([^()]*?)\s?\)(?:\s(?=[{_HAN}]))?")
_AROUND_HAN: Final = re.compile(rf"(?<![\w\]])\(\s?([^()]*[{_HAN}][^()]*?)\s?\)")


def normalised(side: str, language: Language, steps: Normalise) -> pl.Expr:
    """The column of one side with every step that is switched on applied to it.

    In this order nothing that a later step makes is work for an earlier one, so that normalising twice is normalising
    once (entities apart: ``&amp;lt;``).
    """
    text = pl.col(side)
    if steps.encoding_damage:
        text = repaired(text)
    if steps.html_entities:
        text = change_where(text, _ENTITY, _unescape)
    if steps.ascii_letters:
        text = typography.ascii_letters(text)
    if steps.white_space:
        text = single_spaces(text)
    if steps.unicode_nfc:
        text = composed(text)
    style = steps.source_quotes if side == "source" else steps.target_quotes
    if style is not None:
        text = typography.quotes(text, style)
    if steps.chinese_punctuation and language.base == "zh":
        text = change_where(text, _HALF_WIDTH_NEAR_HAN, full_width_punctuation)
    if steps.ellipses:
        text = typography.ellipses(text, chinese=language.base == "zh")
    if steps.chinese_spaces and language.base == "zh":
        text = typography.no_spaces_in_chinese(text)
    return text


def composed(text: pl.Expr) -> pl.Expr:
    """Unicode's composed form, NFC: ``e`` and a combining accent become ``é``."""
    return apply_where(text, f"[{_not_surely_composed()}]", lambda texts: texts.str.normalize("NFC"))


def single_spaces(text: pl.Expr) -> pl.Expr:
    """Every run of white space and control characters becomes one space; invisible characters go.

    ``a\\u3000b\\tc\\u2028d\\u200b `` becomes ``a b c d``.
    """

    def spaced(texts: pl.Series) -> pl.Series:
        return texts.str.replace_all(_INVISIBLE, "").str.replace_all(_BLANK, " ").str.strip_chars(" ")

    return apply_where(text, _UNTIDY, spaced)


def full_width_punctuation(text: str) -> str:
    """Half-width punctuation after a Han character becomes full-width, as Chinese is written.

    ``你好, 世界!`` becomes ``你好，世界！``, ``函数 (默认)`` becomes ``函数（默认）``; ``print(x)`` and ``3.5`` stay.
    Nested brackets, ``((你))``, take a pass each; every pass leaves fewer half-width characters, so it ends.
    """
    before = ""
    while text != before:
        before = text
        text = _AFTER_HAN.sub(r"（\1）", text)
        text = _AROUND_HAN.sub(r"（\1）", text)
        text = _MARK.sub(lambda found: _FULL_WIDTH[found.group(1)], text)
    return text


@cache
def _not_surely_composed() -> str:
    """Characters that NFC may change, alone or beside others, as the inside of a regular-expression class."""
    changed = (chr(point) for point in range(sys.maxunicode + 1) if not unicodedata.is_normalized("NFC", chr(point)))
    return rf"\p{{M}}\u1161-\u1175\u11A8-\u11C2{''.join(changed)}"


def _unescape(text: str) -> str:
    """``Tom &amp; Jerry`` becomes ``Tom & Jerry``; an escaped line end becomes a space, since a pair is one line."""
    return html.unescape(text).replace("\n", " ")
