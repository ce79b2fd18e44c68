"""English morphology by rule, for the words of this lexicon; what is irregular stands in the lexicon."""

from typing import Final

VOWELS: Final = frozenset("aeiou")
# Spelt with a vowel but spoken with a consonant, or the other way round.
_CONSONANT_SOUND: Final = ("use", "uni", "euro", "one")
_VOWEL_SOUND: Final = ("hour", "honest")
# One-syllable (or final-stress) words that double their last consonant.
_DOUBLING: Final = frozenset({"big", "chat", "cut", "get", "hot", "put", "run", "shop", "sit", "stop", "swim", "thin"})
_SHORT_ADJECTIVES: Final = frozenset({
    "big", "busy", "cheap", "clean", "clever", "cold", "cool", "dirty", "easy", "fast", "fresh", "happy", "heavy",
    "high", "hot", "kind", "large", "light", "long", "new", "old", "pretty", "quiet", "sad", "short", "slow", "small",
    "strong", "sweet", "tall", "thick", "thin", "warm", "young", "bright", "friendly", "hungry", "noisy",
})  # fmt: skip
_IRREGULAR_COMPARISON: Final = {"good": ("better", "best"), "bad": ("worse", "worst")}
_IRREGULAR_THIRD: Final = {"have": "has", "do": "does", "go": "goes"}


def with_article(words: str) -> str:
    """``a book``, ``an apple``, ``an hour``, ``a useful map``."""
    first = words.lower()
    vowel = first[0] in VOWELS and not first.startswith(_CONSONANT_SOUND)
    return f"{'an' if vowel or first.startswith(_VOWEL_SOUND) else 'a'} {words}"


def third_person(verb: str) -> str:
    """``buys``, ``washes``, ``carries``, ``has``; only the first word of ``turn on`` changes."""
    head, space, tail = verb.partition(" ")
    if head in _IRREGULAR_THIRD:
        return _IRREGULAR_THIRD[head] + space + tail
    if _consonant_y(head):
        return f"{head[:-1]}ies{space}{tail}"
    ending = "es" if head.endswith(("s", "sh", "ch", "x", "z")) else "s"
    return f"{head}{ending}{space}{tail}"


def regular_past(verb: str) -> str:
    """``washed``, ``liked``, ``carried``, ``stopped``."""
    head, space, tail = verb.partition(" ")
    if _consonant_y(head):
        head = f"{head[:-1]}ied"
    elif head.endswith("e"):
        head = f"{head}d"
    else:
        head = f"{_doubled(head)}ed"
    return head + space + tail


def gerund(verb: str) -> str:
    """``washing``, ``writing``, ``swimming``, ``seeing``."""
    head, space, tail = verb.partition(" ")
    silent_e = head.endswith("e") and not head.endswith(("ee", "be"))
    head = f"{head[:-1] if silent_e else _doubled(head)}ing"
    return head + space + tail


def plural(noun: str) -> str:
    """``books``, ``boxes``, ``cities``."""
    if _consonant_y(noun):
        return f"{noun[:-1]}ies"
    return noun + ("es" if noun.endswith(("s", "sh", "ch", "x")) else "s")


def comparative(adjective: str) -> str:
    """``bigger``, ``busier``, ``better``, ``more expensive``."""
    if adjective in _IRREGULAR_COMPARISON:
        return _IRREGULAR_COMPARISON[adjective][0]
    return f"{_stem(adjective)}er" if adjective in _SHORT_ADJECTIVES else f"more {adjective}"


def superlative(adjective: str) -> str:
    """``biggest``, ``busiest``, ``best``, ``most expensive``."""
    if adjective in _IRREGULAR_COMPARISON:
        return _IRREGULAR_COMPARISON[adjective][1]
    return f"{_stem(adjective)}est" if adjective in _SHORT_ADJECTIVES else f"most {adjective}"


def _stem(adjective: str) -> str:
    if _consonant_y(adjective):
        return f"{adjective[:-1]}i"
    return adjective[:-1] if adjective.endswith("e") else _doubled(adjective)


def _doubled(word: str) -> str:
    return word + word[-1] if word in _DOUBLING else word


def _consonant_y(word: str) -> bool:
    return word.endswith("y") and word[-2] not in VOWELS
