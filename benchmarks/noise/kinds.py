"""Every kind of fault: a pair and the next one of its part of the corpus in, the spoilt pair out.

``None`` says that this pair cannot be spoilt so: it has no number to change, or the fault would not show.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final

from noise import chinese, encodings, foreign

Pair = tuple[str, str]
Spoil = Callable[[Random, Pair, Pair], Pair | None]
_MIN_CUT: Final = 12
_NUMBER: Final = re.compile(r"(?<![\w.])\d{1,4}(?![\w.])")
_PLACEHOLDER: Final = re.compile(r"%[sdrif](?![a-z])|%\(\w+\)[sd]|\{\w+\}|(?<!\w)\$[A-Za-z_]{2,}\b(?!\$)")


def misaligned(random: Random, pair: Pair, following: Pair) -> Pair | None:
    """The target of the next pair, unless the two sources or targets are nearly the same."""
    if _alike(pair[0].split(), following[0].split()) or _alike(pair[1], following[1]):
        return None
    return pair[0], following[1]


def truncated_source(random: Random, pair: Pair, following: Pair) -> Pair | None:
    """The first 30 to 60 per cent of the source."""
    cut = _first_part(random, pair[0])
    return cut and (cut, pair[1])


def truncated_target(random: Random, pair: Pair, following: Pair) -> Pair | None:
    """The first 30 to 60 per cent of the target."""
    cut = _first_part(random, pair[1])
    return cut and (pair[0], cut)


def copied_source(random: Random, pair: Pair, following: Pair) -> Pair | None:
    """The source stands in the place of the target."""
    return (pair[0], pair[0]) if _letters(pair[0]) >= 10 else None


def copied_target(random: Random, pair: Pair, following: Pair) -> Pair | None:
    """The target stands in the place of the source."""
    return (pair[1], pair[1]) if len(pair[1]) >= 5 else None


def half_copied(random: Random, pair: Pair, following: Pair) -> Pair | None:
    """A target of which only the beginning is translated: the source's last two thirds follow it."""
    words = pair[0].split()
    if len(words) < 6:
        return None
    return pair[0], pair[1][: len(pair[1]) // 3] + " ".join(words[len(words) // 3 :])


def not_translated(random: Random, pair: Pair, following: Pair) -> Pair | None:
    """Another line of the source language in the place of the target."""
    return (pair[0], following[0]) if _letters(following[0]) >= 10 else None


def not_translated_source(random: Random, pair: Pair, following: Pair) -> Pair | None:
    """Another line of the target language in the place of the source."""
    return (following[1], pair[1]) if len(following[1]) >= 5 else None


def duplicated(random: Random, pair: Pair, following: Pair) -> Pair | None:
    """The next pair again, exactly or but for case, white space and final punctuation."""
    source, target = following
    altered = (following, (source.upper(), target), (source.replace(" ", "  "), target), (source[:-1], target[:-1]))
    return random.choice(altered)


def number_changed(random: Random, pair: Pair, following: Pair) -> Pair | None:
    """One number of the target is another one, where both sides share a number."""
    shared = sorted(set(_NUMBER.findall(pair[0])) & set(_NUMBER.findall(pair[1])))
    if len(shared) != 1:
        return None
    other = str(int(shared[0]) + random.randint(1, 9))
    return pair[0], re.sub(rf"(?<!\d){shared[0]}(?!\d)", other, pair[1])


def placeholder_lost(random: Random, pair: Pair, following: Pair) -> Pair | None:
    """A hole such as ``%s`` or ``{name}`` that the target lacks."""
    # A backslash is TeX or code, whose braces and dollars are no holes.
    shared = [hole for hole in _PLACEHOLDER.findall(pair[0]) if hole in pair[1] and "\\" not in pair[0]]
    return (pair[0], pair[1].replace(shared[0], "", 1)) if shared else None


def kinds(german: Sequence[str], codes: Pair) -> Mapping[str, Spoil]:
    """The kinds for a pair of languages, by name; what stands after the slash is a variety of one kind."""
    both: dict[str, Spoil] = {
        "placeholder_lost": placeholder_lost,
        "number_changed": number_changed,
        "misaligned": misaligned,
        "truncated/source": truncated_source,
        "truncated/target": truncated_target,
        "copied/source": copied_source,
        "copied/target": copied_target,
        "copied/half": half_copied,
        "wrong_language/other_target": not_translated,
        "wrong_language/other_source": not_translated_source,
        "duplicated": duplicated,
    }
    european = [line for code, lines in foreign.EUROPEAN.items() if code not in codes for line in lines]
    asian = [line for lines in foreign.ASIAN.values() for line in lines]
    both |= {
        "wrong_language/european_source": lambda random, pair, following: (random.choice(european), pair[1]),
        "wrong_language/european_target": lambda random, pair, following: (pair[0], random.choice(european)),
        "wrong_language/asian_target": lambda random, pair, following: (pair[0], random.choice(asian)),
    }
    return both | (_chinese_kinds(german) if codes[1] == "zh" else {})


def _chinese_kinds(german: Sequence[str]) -> dict[str, Spoil]:
    varieties = {
        "wrong_variety/traditional": chinese.traditional,
        "wrong_variety/cantonese": chinese.cantonese,
        "wrong_variety/cantonese_hant": chinese.cantonese_traditional,
    }
    return {
        "wrong_language/german_source": lambda random, pair, following: (random.choice(german), pair[1]),
        **{name: _on_target(lambda text, random, change=change: change(text)) for name, change in varieties.items()},
        **{f"broken_encoding/{name}": _on_target(change) for name, change in encodings.KINDS.items()},
    }


def _on_target(change: Callable[[str, Random], str]) -> Spoil:
    def spoil(random: Random, pair: Pair, following: Pair) -> Pair | None:
        target = change(pair[1], random)
        return (pair[0], target) if target != pair[1] else None

    return spoil


def _first_part(random: Random, text: str) -> str | None:
    if len(text) < _MIN_CUT:
        return None
    return text[: max(1, round(len(text) * random.uniform(0.3, 0.6)))].strip()


def _alike(left: Sequence[str], right: Sequence[str]) -> bool:
    return len(set(left) & set(right)) > 0.5 * len(set(left) | set(right))


def _letters(text: str) -> int:
    return sum(letter.isalpha() for letter in text)
