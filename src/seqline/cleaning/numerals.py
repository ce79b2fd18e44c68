"""Numbers written in words, in English, German and Chinese: ``twenty-one``, ``im Juli``, ``三百五十``, ``一九八四``."""

import re
from typing import Final

_ENGLISH: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_GERMAN: Final = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn zwanzig"
)
_ORDINALS: Final = "- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_MONTH_ROWS: Final = (
    "- january february march april may june july august september october november december",
    "- januar februar märz april mai juni juli august september oktober november dezember",
    "- jan feb mar apr may jun jul aug sep oct nov dec",
)
_OTHERS: Final = {
    "once": 1, "single": 1, "twice": 2, "double": 2, "pair": 2, "couple": 2, "both": 2, "triple": 3, "dozen": 12,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
    "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "ein": 1, "eine": 1, "einen": 1, "einem": 1, "einer": 1, "beide": 2, "beiden": 2, "dreißig": 30, "vierzig": 40,
    "fünfzig": 50, "sechzig": 60, "siebzig": 70, "achtzig": 80, "neunzig": 90, "hundert": 100, "tausend": 1000,
    "millionen": 10**6, "milliarde": 10**9, "milliarden": 10**9, "noon": 12, "midnight": 0,
}  # fmt: skip


def _values(*rows: str) -> dict[str, int]:
    return {word: value for row in rows for value, word in enumerate(row.split()) if word != "-"}


_MONTHS: Final = _values(*_MONTH_ROWS)
_WORDS: Final = _values(_ENGLISH, _GERMAN, _ORDINALS) | _OTHERS
_MONTH: Final = re.compile(rf"\b(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b")
_WORD: Final = re.compile(rf"\b(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})s?\b")
_GLUE: Final = re.compile(r"[\s-]+(?:and\s+)?")
_HAN_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_HAN_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_HAN_MYRIADS: Final = {"亿": 10**8, "億": 10**8, "万": 10**4, "萬": 10**4}
_HAN_NUMBER: Final = re.compile(f"[{''.join(_HAN_DIGITS | _HAN_UNITS | _HAN_MYRIADS)}]{{1,16}}")


def months(text: str) -> set[int]:
    """The numbers of the months that a lower-case text names: ``july 4`` gives 7."""
    return {_MONTHS[name] for name in _MONTH.findall(text)}


def in_words(text: str) -> set[int]:
    """The values of all numerals that are words, each by itself and as what they make together; lower case wanted.

    ``twenty-one`` gives 20, 1 and 21; ``三百五十`` gives 350 and its digits. Too many values do no harm: they are only
    looked up, to see whether a number in digits stands in words on the other side.
    """
    found: set[int] = set()
    if not text.isascii():
        for run in _HAN_NUMBER.findall(text):
            found |= {_HAN_DIGITS[one] for one in run if one in _HAN_DIGITS}
            found |= {_chinese(run), _digit_by_digit(run)}
    last, total, end = 0, 0, -1
    for match in _WORD.finditer(text):
        value = _WORDS.get(match.group()) or _WORDS.get(match.group().removesuffix("s"), 0)
        joined = end >= 0 and _GLUE.fullmatch(text, end, match.start()) is not None
        last = (last * value if value >= 100 and last else last + value) if joined else value
        total = max(total, last)
        found |= {value, last}
        end = match.end()
    return found


def _chinese(run: str) -> int:
    for unit, value in _HAN_MYRIADS.items():
        head, found, tail = run.rpartition(unit)
        if found:
            return (_chinese(head) or 1) * value + _chinese(tail)
    total, digit = 0, 0
    for one in run:
        if one in _HAN_UNITS:
            total, digit = total + (digit or 1) * _HAN_UNITS[one], 0
        else:
            digit = _HAN_DIGITS[one]
    return total + digit


def _digit_by_digit(run: str) -> int:
    digits = [_HAN_DIGITS[one] for one in run if one in _HAN_DIGITS]
    return int("".join(map(str, digits))) if len(digits) == len(run) else 0
