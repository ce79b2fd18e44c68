"""Repairs made on every pair, also of dev and test, before any rule looks."""

import html
import re
import sys
import unicodedata
from functools import cache
from typing import Final

import polars as pl

from seqline.cleaning import typography
from seqline.cleaning.encoding import wrong_decoding
from seqline.cleaning.language import Language
from seqline.cleaning.repair import Repair, repaired
from seqline.cleaning.sketch import Sketch, following, holding, seen, table
from seqline.cleaning.sparse import apply_where, change_at, change_where
from seqline.cleaning.utf8 import Texts
from seqline.params.cleaning import Normalise

_ENTITY: Final = r"&(?:#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);"
_INVISIBLE: Final = r"\u00AD\u200B\u2060\uFEFF"
_BLANK: Final = r"\s\p{Z}\p{Cc}"
_UNTIDY: Final = rf"[{_INVISIBLE}]|[[{_BLANK}]--[ ]]|  |^ | $"
_FULL_WIDTH: Final = {",": "，", ".": "。", "?": "？", "!": "！", ":": "：", ";": "；"}

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
_HALF_WIDTH_NEAR_HAN: Final = r"[\p{Han}”’）》」]\s?[,.?!:;(]|\([^()]*\p{Han}"
# A mark beside another mark is left alone: "是??", "等等...", "文件,，".
_MARK: Final = re.compile(rf"(?<=[{_HAN}”’）》」])\s?([,?!:;]|\.(?=\s|$))(?![,.?!:;，。？！：；])\s?")
_AFTER_HAN: Final = re.compile(rf"(?<=[{_HAN}])\s?\(\s?([^()]*?)\s?\)(?:\s(?=[{_HAN}]))?")
_AROUND_HAN: Final = re.compile(rf"(?<![\w\]])\(\s?([^()]*[{_HAN}][^()]*?)\s?\)")


def normalised(side: str, language: Language, steps: Normalise) -> pl.Expr:
    """The column of one side with every step that is switched on applied to it."""
    wanted = repairs(side, language, steps)
    sketches = table(tuple(sketch for repair in wanted for sketch in repair.sketches))

    def batch(texts: pl.Series) -> pl.Series:
        untidy = pl.Series(seen(Texts.of(texts), sketches) != 0)
        return change_at(texts, untidy, lambda some: repaired(some, wanted))

    return pl.col(side).map_batches(batch, pl.String, is_elementwise=True)


def repairs(side: str, language: Language, steps: Normalise) -> list[Repair]:
    """The steps that are switched on.

    In this order nothing that a later step makes is work for an earlier one, so that normalising twice is normalising
    once (entities apart: ``&amp;lt;``).
    """
    chinese = language.base == "zh"
    style = steps.source_quotes if side == "source" else steps.target_quotes
    wanted: list[Repair] = []
    if steps.encoding_damage:
        wanted.append(wrong_decoding())
    if steps.html_entities:
        wanted.append(entities())
    if steps.ascii_letters:
        wanted.append(typography.ascii_letters())
    if steps.white_space:
        wanted.append(single_spaces())
    if steps.unicode_nfc:
        wanted.append(composed())
    if style is not None:
        wanted.append(typography.quotes(style))
    if steps.chinese_punctuation and chinese:
        wanted.append(chinese_punctuation())
    if steps.ellipses:
        wanted.append(typography.ellipses(chinese=chinese))
    if steps.chinese_spaces and chinese:
        wanted.append(typography.no_spaces_in_chinese())
    return wanted


def entities() -> Repair:
    """``Tom &amp; Jerry`` becomes ``Tom & Jerry``; an escaped line end becomes a space, since a pair is one line."""
    return Repair(
        lambda text: change_where(text, _ENTITY, lambda line: html.unescape(line).replace("\n", " ")),
        (Sketch("&", "#0-9A-Za-z", ";"),),
    )


def composed() -> Repair:
    """Unicode's composed form, NFC: ``e`` and a combining accent become ``é``."""
    inside = _not_surely_composed()
    return Repair(
        lambda text: apply_where(text, f"[{inside}]", lambda texts: texts.str.normalize("NFC")), (holding(inside),)
    )


def single_spaces() -> Repair:
    """Every run of white space and control characters becomes one space; invisible characters go.

    ``a\\u3000b\\tc\\u2028d\\u200b `` becomes ``a b c d``.
    """

    def spaced(texts: pl.Series) -> pl.Series:
        return texts.str.replace_all(f"[{_INVISIBLE}]+", "").str.replace_all(f"[{_BLANK}]+", " ").str.strip_chars(" ")

    untidy = holding(rf"{_INVISIBLE}[[{_BLANK}]--[ ]]")
    return Repair(
        lambda text: apply_where(text, _UNTIDY, spaced),
        (untidy, following(" ", " "), Sketch(None, "", " "), Sketch(" ", "", None)),
    )


def chinese_punctuation() -> Repair:
    """Half-width punctuation after a Han character becomes full-width: see :func:`full_width_punctuation`."""
    return Repair(
        lambda text: change_where(text, _HALF_WIDTH_NEAR_HAN, full_width_punctuation),
        (Sketch(r"\p{Han}”’）》」", r"\s", ",.?!:;("), Sketch(r"\(", "^()", r"\p{Han}")),
    )


def full_width_punctuation(text: str) -> str:
    """Half-width punctuation after a Han character becomes full-width, as Chinese is written.

    ``你好, 世界!`` becomes ``你好，世界！``, ``函数 (默认)`` becomes ``函数（默认）``; ``print(x)`` and ``3.5`` stay.
    Nested brackets, ``((你))``, take a pass each; every pass leaves fewer half-width characters, so it ends.
    """
    before = ""
    while text != before:
        before = text
        if "(" in text:
            text = _AROUND_HAN.sub(r"（\1）", _AFTER_HAN.sub(r"（\1）", text))
        text = _MARK.sub(lambda found: _FULL_WIDTH[found.group(1)], text)
    return text


@cache
def _not_surely_composed() -> str:
    """Characters that NFC may change, alone or beside others, as the inside of a regular-expression class."""
    changed = (chr(point) for point in range(sys.maxunicode + 1) if not unicodedata.is_normalized("NFC", chr(point)))
    return rf"\p{{M}}\u1161-\u1175\u11A8-\u11C2{''.join(changed)}"
