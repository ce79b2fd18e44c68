"""What the rules know about languages, by code. A language that is not listed is judged by no script and no words."""

from dataclasses import dataclass
from typing import Final

from seqline.cleaning.wordlists import ACCENTS, AMBIGUOUS, FAMILIAR_WORDS, FUNCTION_WORDS

DENSE: Final = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts written without spaces, as the inside of a regular-expression class: each character counts as a word."""


@dataclass(frozen=True)
class Language:
    """A language as the rules see it.

    ``scripts`` are the Unicode scripts of its letters, as the inside of a regular-expression class (empty: unknown).
    """

    code: str
    scripts: str
    function_words: frozenset[str]
    """Words that speak for this language."""
    accents: str
    """Latin letters beyond a–z that it writes, lower case; other ones speak against it."""

    familiar_words: frozenset[str]
    """Common words of this language, the function words among them; other languages may use them too."""

    @property
    def base(self) -> str:
        """The code without a script: ``zh`` for ``zh_Hant``."""
        return self.code.split("_")[0]

    @property
    def is_dense(self) -> bool:
        """Whether it is written without spaces between words."""
        return self.scripts != "" and self.scripts in DENSE

    @property
    def is_latin(self) -> bool:
        """Whether it is written in Latin letters."""
        return self.scripts == r"\p{Latin}"

    @property
    def other_scripts(self) -> str:
        """Scripts that share sentences with its own in another language: they, not the Han, tell which one it is."""
        return _OTHER_SCRIPTS.get(self.base, "")

    @property
    def strange_letters(self) -> str:
        """Lower-case Latin letters that it does not write, as the inside of a class; empty where words cannot tell."""
        return rf"[\p{{Latin}}&&\p{{Ll}}]--[a-z{self.accents}]" if self.is_latin and self.function_words else ""


def language(code: str) -> Language:
    """What is known about a language code such as ``en``, ``zh`` or ``sr_Latn``."""
    base, _, script = code.partition("_")
    scripts = _SCRIPT_CODES.get(script) or _SCRIPTS.get(base, "")
    own = _function_words(base) - AMBIGUOUS
    familiar = own | frozenset(FAMILIAR_WORDS.get(base, "").split())
    return Language(code, scripts, own, ACCENTS.get(base, ""), familiar)


def foreign_words(own: Language) -> frozenset[str]:
    """Function words of the other listed languages that speak against a text being in ``own``."""
    others = (_function_words(code) for code in FUNCTION_WORDS if code != own.base)
    return frozenset().union(*others) - _function_words(own.base) - AMBIGUOUS


def _function_words(base: str) -> frozenset[str]:
    return frozenset(FUNCTION_WORDS.get(base, "").split())


_OTHER_SCRIPTS: Final = {"zh": r"\p{Hiragana}\p{Katakana}\p{Hangul}", "ja": r"\p{Hangul}"}
_SCRIPT_CODES: Final = {
    "Hans": r"\p{Han}",
    "Hant": r"\p{Han}",
    "Latn": r"\p{Latin}",
    "Cyrl": r"\p{Cyrillic}",
    "Arab": r"\p{Arabic}",
}

_LATIN: Final = (
    "af ca cs cy da de en es et eu fi fr ga gl hr hu id is it lt lv ms mt nl no pl pt ro sk sl sq sv sw tr vi"
)
_SCRIPTS: Final = {
    **dict.fromkeys(_LATIN.split(), r"\p{Latin}"),
    **dict.fromkeys(("be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "uk"), r"\p{Cyrillic}"),
    **dict.fromkeys(("ar", "fa", "ps", "ug", "ur"), r"\p{Arabic}"),
    **dict.fromkeys(("hi", "mr", "ne", "sa"), r"\p{Devanagari}"),
    "zh": r"\p{Han}",
    "ja": r"\p{Han}\p{Hiragana}\p{Katakana}",
    "ko": r"\p{Hangul}",
    "th": r"\p{Thai}",
    "lo": r"\p{Lao}",
    "km": r"\p{Khmer}",
    "my": r"\p{Myanmar}",
    "el": r"\p{Greek}",
    "he": r"\p{Hebrew}",
    "hy": r"\p{Armenian}",
    "ka": r"\p{Georgian}",
    "bn": r"\p{Bengali}",
    "ta": r"\p{Tamil}",
    "te": r"\p{Telugu}",
}
