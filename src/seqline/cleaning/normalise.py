"""Repairs made on every pair, also of dev and test, before any rule looks."""

import html
import re
from typing import Final

import polars as pl

from seqline.cleaning.encoding import repaired
from seqline.cleaning.language import Language
from seqline.cleaning.sparse import change_where
from seqline.params.cleaning import Normalise

_ENTITY: Final = r"&(?:#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);"
_INVISIBLE: Final = r"[\u00AD\u200B\u2060\uFEFF]+"
_BLANK: Final = r"[\s\p{Z}\p{Cc}]+"
_FULL_WIDTH: Final = {",": "，", ".": "。", "?": "？", "!": "！", ":": "：", ";": "；"}

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
_HALF_WIDTH_NEAR_HAN: Final = r"[\p{Han}”’）》」]\s?[,.?!:;(]|\([^()]*\p{Han}"
# A mark beside another mark is left alone: "是??", "等等...", "文件,，".
_MARK: Final = re.compile(rf"(?<=[{_HAN}”’）》」])\s?([,?!:;]|\.(?=\s|$))(?![,.?!:;，。？！：；])\s?")
_AFTER_HAN: Final = re.compile(rf"(?<=[{_HAN}])\s?\(\s?([^()]*?)\s?\)(?:\s(?=[{_HAN}]))?")
_AROUND_HAN: Final = re.compile(rf"(?<![\w\]])\(\s?([^()]*[{_HAN}][^()]*?)\s?\)")


def normalised(side: str, language: Language, steps: Normalise) -> pl.Expr:
    """The column of one side with every step that is switched on applied to it."""
    text = pl.col(side)
    if steps.encoding_damage:
        text = repaired(text)
    if steps.html_entities:
        text = change_where(text, _ENTITY, _unescape)
    if steps.unicode_nfc:
        text = text.str.normalize("NFC")
    if steps.white_space:
        text = single_spaces(text)
    if steps.chinese_punctuation and language.base == "zh":
        text = change_where(text, _HALF_WIDTH_NEAR_HAN, full_width_punctuation)
    return text


def single_spaces(text: pl.Expr) -> pl.Expr:
    """Every run of white space and control characters becomes one space; invisible characters go.

    ``a\\u3000b\\tc\\u2028d\\u200b `` becomes ``a b c d``.
    """
    return text.str.replace_all(_INVISIBLE, "").str.replace_all(_BLANK, " ").str.strip_chars(" ")


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


def _unescape(text: str) -> str:
    """``Tom &amp; Jerry`` becomes ``Tom & Jerry``; an escaped line end becomes a space, since a pair is one line."""
    return html.unescape(text).replace("\n", " ")
