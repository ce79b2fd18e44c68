"""Numbers in words: English in British style, Chinese with 万 and 亿 and with 两 where two is counted."""

from typing import Final

_ONES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES: Final = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
_ORDINALS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_DIGITS: Final = "零一二三四五六七八九"
_PLACES: Final = ((1000, "千"), (100, "百"), (10, "十"))
_GROUPS: Final = ((10**8, "亿"), (10**4, "万"))
LIMIT: Final = 10**12


def english(number: int) -> str:
    """``three hundred and fifty``, ``twenty-five thousand``, for 0 ≤ number < 10¹²."""
    _check(number)
    parts = []
    for size, name in _SCALES:
        if number >= size:
            parts.append(f"{_below_thousand(number // size)} {name}")
            number %= size
    if number or not parts:
        joint = "and " if parts and number < 100 else ""
        parts.append(joint + _below_thousand(number))
    return " ".join(parts)


def english_ordinal(number: int) -> str:
    """``third``, ``twentieth``, ``twenty-first``."""
    words = english(number)
    last = words.replace("-", " ").split(" ")[-1]
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return words[: -len(last)] + _ORDINALS.get(last, regular)


def chinese(number: int) -> str:
    """三百五十, 两万五千, 一千零五; a leading two before 百, 千, 万, 亿 is 两, alone or before 十 it is 二."""
    _check(number)
    words = _grouped(number)
    if words.startswith("一十"):
        words = words[1:]
    return f"两{words[1:]}" if words[0] == "二" and words[1:2] in ("百", "千", "万", "亿") else words


def chinese_count(number: int) -> str:
    """The number as it stands before a measure word: 两 (本书), otherwise as :func:`chinese`."""
    return "两" if number == 2 else chinese(number)


def _check(number: int) -> None:
    if not 0 <= number < LIMIT:
        raise ValueError(f"number {number} is outside 0 … {LIMIT - 1}")


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(rest)
    head = f"{_ONES[hundreds]} hundred"
    return f"{head} and {_below_hundred(rest)}" if rest else head


def _below_hundred(number: int) -> str:
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]}-{_ONES[ones]}" if ones else _TENS[tens]


def _grouped(number: int) -> str:
    for size, name in _GROUPS:
        if number >= size:
            high, low = divmod(number, size)
            zero = "零" if 0 < low < size // 10 else ""
            return _grouped(high) + name + (zero + _grouped(low) if low else "")
    return _below_ten_thousand(number)


def _below_ten_thousand(number: int) -> str:
    for size, name in _PLACES:
        if number >= size:
            high, low = divmod(number, size)
            zero = "零" if 0 < low < size // 10 else ""
            return _DIGITS[high] + name + (zero + _below_ten_thousand(low) if low else "")
    return _DIGITS[number]
