"""Dates, clock times, moments in the past and the future, spans of time, money."""

from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.grammar import numbers
from seqline.corpus.phrasebook.grammar.morphology import plural
from seqline.corpus.phrasebook.lexicon.times import FUTURE, MONTHS, PAST, SPANS, WEEKDAYS
from seqline.corpus.phrasebook.words import Phrase, listed

_MINUTES: Final = (0, 0, 5, 10, 15, 20, 25, 30, 30, 35, 40, 45, 50)
_CURRENCIES: Final = listed("yuan 元 | dollars 美元 | euros 欧元 | pounds 英镑")
_PRICES: Final = {
    "food": (3, 5, 8, 12, 15), "meal": (12, 18, 25, 36, 48), "drink": (4, 9, 16, 22, 30),
    "book": (28, 45, 60, 86, 120), "press": (5, 10, 15, 20, 25), "reference": (52, 90, 135, 160, 240),
    "vehicle": (9000, 25000, 48000, 120000, 260000), "device": (900, 1500, 2300, 4600, 7200),
    "building": (350000, 1200000, 2500000, 8000000, 30000000),
}  # fmt: skip
_USUAL_PRICES: Final = (75, 100, 150, 200, 280, 350, 420, 500, 680, 990, 1050, 1600, 2200)


def recently(draw: Draw) -> Phrase:
    """``yesterday``, ``last Friday``, ``three days ago``: when a small thing was done."""
    pick = draw.any(range(4))
    if pick < 2:
        return draw.any(PAST[:6])
    if pick == 2:
        day = draw.any(WEEKDAYS)
        return Phrase(f"last {day.en}", f"上周{day.zh}")
    length = span(draw.any((2, 3, 4, 5)), Phrase("day", "天"))
    return Phrase(f"{length.en} ago", f"{length.zh}前")


def soon(draw: Draw) -> Phrase:
    """``tomorrow``, ``next Friday``: when a small thing will be done."""
    if draw.chance(0.6):
        return draw.any(FUTURE[:6])
    day = draw.any(WEEKDAYS)
    return Phrase(f"next {day.en}", f"下周{day.zh}")


def past_moment(draw: Draw) -> Phrase:
    """As :func:`recently`, or as far back as ``two years ago``."""
    if draw.chance(0.4):
        return recently(draw)
    if draw.chance(0.5):
        return draw.any(PAST[6:])
    length = span(draw.any((2, 3, 4, 5, 6)), draw.any(SPANS[3:]))
    return Phrase(f"{length.en} ago", f"{length.zh}前")


def future_moment(draw: Draw) -> Phrase:
    """As :func:`soon`, or as far ahead as ``in two years``."""
    if draw.chance(0.4):
        return soon(draw)
    if draw.chance(0.5):
        return draw.any(FUTURE[6:])
    length = span(draw.any((2, 3, 4, 5, 6)), draw.any(SPANS[3:]))
    return Phrase(f"in {length.en}", f"{length.zh}后")


def span(number: int, unit: Phrase) -> Phrase:
    """``two hours`` 两个小时, ``a week`` 一个星期."""
    if number == 1:
        return Phrase(f"{'an' if unit.en == 'hour' else 'a'} {unit.en}", f"一{unit.zh}")
    return Phrase(f"{numbers.english(number)} {plural(unit.en)}", numbers.chinese_count(number) + unit.zh)


def date(month: int, day: int) -> Phrase:
    """``the third of May`` 五月三日; months count from 1."""
    en = f"the {numbers.english_ordinal(day)} of {MONTHS[month - 1]}"
    return Phrase(en, f"{numbers.chinese(month)}月{numbers.chinese(day)}日")


def some_date(draw: Draw) -> Phrase:
    """A day of the year; its month is a main filler."""
    return date(draw.main_number(range(1, 13)), draw.any(range(1, 29)))


def clock(hour: int, minute: int) -> Phrase:
    """``half past seven in the evening`` 晚上七点半; ``hour`` is 6 … 22 without noon, ``minute`` a multiple of 5."""
    part_en, part_zh = _part_of_day(hour)
    short = (hour - 1) % 12 + 1
    return Phrase(f"{_clock_en(short, minute)} {part_en}", part_zh + _clock_zh(short, minute))


def some_clock(draw: Draw, hours: range) -> Phrase:
    """A time of day; the hour is a main filler."""
    return clock(draw.main_number([hour for hour in hours if hour != 12]), draw.any(_MINUTES))


def price(draw: Draw, kind: str) -> Phrase:
    """A sum that such a thing may cost."""
    amount = draw.any(_PRICES.get(kind, _USUAL_PRICES))
    return money(amount, draw.any(_CURRENCIES))


def money(amount: int, currency: Phrase) -> Phrase:
    """``three hundred and fifty yuan`` 三百五十元."""
    return Phrase(f"{numbers.english(amount)} {currency.en}", numbers.chinese_count(amount) + currency.zh)


def _part_of_day(hour: int) -> tuple[str, str]:
    if hour < 12:
        return "in the morning", "早上" if hour < 9 else "上午"
    return ("in the afternoon", "下午") if hour < 18 else ("in the evening", "晚上")


def _clock_en(hour: int, minute: int) -> str:
    if minute == 0:
        return f"{numbers.english(hour)} o'clock"
    if minute <= 30:
        return f"{_minutes_en(minute)} past {numbers.english(hour)}"
    return f"{_minutes_en(60 - minute)} to {numbers.english(hour % 12 + 1)}"


def _minutes_en(minute: int) -> str:
    return {15: "a quarter", 30: "half"}.get(minute) or numbers.english(minute)


def _clock_zh(hour: int, minute: int) -> str:
    head = f"{numbers.chinese_count(hour)}点"
    if minute == 0:
        return head
    fixed = {5: "零五分", 15: "一刻", 30: "半", 45: "三刻"}
    return head + (fixed.get(minute) or f"{numbers.chinese(minute)}分")
