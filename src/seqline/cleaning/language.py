"""What the rules know about languages, by code. A language that is not listed is judged by no script and no words."""

from dataclasses import dataclass
from typing import Final

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


def language(code: str) -> Language:
    """What is known about a language code such as ``en``, ``zh`` or ``sr_Latn``."""
    base, _, script = code.partition("_")
    scripts = _SCRIPT_CODES.get(script) or _SCRIPTS.get(base, "")
    return Language(code, scripts, _function_words(base) - _AMBIGUOUS, _ACCENTS.get(base, ""))


def foreign_words(own: Language) -> frozenset[str]:
    """Function words of the other listed languages that speak against a text being in ``own``."""
    others = (_function_words(code) for code in _FUNCTION_WORDS if code != own.base)
    return frozenset().union(*others) - _function_words(own.base) - _AMBIGUOUS


def _function_words(base: str) -> frozenset[str]:
    return frozenset(_FUNCTION_WORDS.get(base, "").split())


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

# Frequent words that carry grammar.
_FUNCTION_WORDS: Final = {
    "en": "the a an of to and in is are was were be been have has had do does did not it this that these those he "
    "she they we you i my your his her our their there with for on at by from as or if when where what who "
    "how why which will would can could should may must am me him them us but so than then no yes some any "
    "more very please let",
    "de": "der die das dem den des ein eine einen einem einer und ist sind nicht ich du er sie wir ihr mich mir "
    "dich dir uns mit auf für von zu zum zur bei nach aus wie wo warum wann wer was in an vor durch um bis "
    "als so war hat man haben habe hast wird werden wurde kann können möchte möchten muss auch aber oder wenn "
    "dass sich noch nur schon sehr mein meine dein keine kein bitte diese dieser dieses im am heute morgen "
    "sein seine über unter zwei mehrere alle ohne gestern",
    "fr": "le la les des du de un une est sont et ne pas je tu il elle nous vous ils elles ce cette ces mon ma mes "
    "ton ta votre vos notre nos son sa ses leur avec dans pour sur sous chez où qui que quoi quand comment "
    "pourquoi suis êtes avez avons j'ai c'est n'est voudrais peux peut être avoir fait très aussi mais aux au "
    "d'un d'une qu'il s'il en à tous quelle quel toute hier soir ici",
    "es": "el la los las un una unos unas de del y es son está están no yo tú él ella nosotros ustedes ellos que "
    "qué con para por en se me te le lo mi su sus muy pero cuando dónde cómo cuándo quién tengo tiene quiero "
    "puede hay a al esta este eso esto como más hoy aquí mañana ayer",
    "pl": "i w z na do nie jest są to się że co jak gdzie kiedy kto dlaczego ja ty on ona my wy oni mój moja twój "
    "jego jej proszę tak ale czy dla od po przed przez już bardzo mam masz ma był była być ten ta te dzisiaj "
    "jutro wczoraj",
    "it": "il lo la gli le un una uno è e sono non io tu lui lei noi voi loro che con per di del della dei delle "
    "nel nella da dal a in dove quando come perché chi mi ti ci vi questo questa ho hai abbiamo vorrei può "
    "molto anche ma oggi alle ieri al",
    "pt": "o os a as um uma de é são e não eu você ele ela nós eles que com para por em no na nos nas do da dos das "
    "se me meu minha seu sua muito mas quando onde como quem tenho tem quero pode está isso este esta hoje ao "
    "mais sei vão há às ontem amanhã",
    "nl": "de het een en is zijn niet ik jij hij zij wij jullie mij hem haar ons met op voor van in te aan naar uit "
    "bij hoe waar waarom wanneer wie wat heb heeft hebben wordt worden kan kunnen moet ook maar als dat die "
    "deze dit mijn geen graag er gisteren ochtend elke morgen",
}

_ACCENTS: Final = {
    "en": "âçèéêëïñû",  # café, façade, naïve, jalapeño, crème brûlée
    "de": "äöüß",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "es": "áéíñóúü",
    "it": "àèéìíîòóùú",
    "pt": "àáâãçéêíóôõú",
    "nl": "áèéêëíïóôöúü",
    "pl": "ąćęłńóśźż",
}

# Never taken as a sign of any language: single letters, and words that are also common words, prefixes or
# parts of names elsewhere ("die", "per cent", "non-empty", "come here", "Van Gogh", "Los Angeles").
_AMBIGUOUS_WORDS: Final = (
    "a al alle am an ao as at ces chi co com come comment da de del des die do dos du e em en er fall hat hay "
    "he her his hoe i il in io is it ja jak la las le les los ma mam man me mes met mi my na ne no non nos o "
    "of on ons op or os per po pour so sole son ta tak te ten ti to ton ty um un uno us van vi w war was we "
    "will y yo z"
)
_AMBIGUOUS: Final = frozenset(_AMBIGUOUS_WORDS.split())
