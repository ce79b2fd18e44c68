"""The kinds of words that the lexicon lists: small frozen rows, each with its English and its Chinese."""

from dataclasses import dataclass
from typing import Literal

from seqline.corpus.phrasebook.grammar import morphology

Agreement = Literal["first", "third", "plural"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of English and the Chinese that renders it."""

    en: str
    zh: str


def listed(text: str) -> tuple[Phrase, ...]:
    """Phrases written as ``cup of tea 茶 | milk 牛奶``: the Chinese follows the last space of each."""
    return tuple(Phrase(*entry.strip().rsplit(" ", 1)) for entry in text.split("|"))


@dataclass(frozen=True, slots=True)
class Noun:
    """A countable noun, its measure word, and the kind that decides what can be done with it.

    What English counts through a unit is listed with it: ``cup of tea`` is 茶 counted in 杯.
    """

    en: str
    plural: str
    zh: str
    measure: str
    kind: str


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb; forms left empty follow the rule. ``objects`` are the kinds of noun that it can take."""

    en: str
    zh: str
    objects: tuple[str, ...] = ()
    irregular_past: str = ""
    irregular_participle: str = ""

    @property
    def third(self) -> str:
        """``he buys``."""
        return morphology.third_person(self.en)

    @property
    def past(self) -> str:
        """``he bought``."""
        return self.irregular_past or morphology.regular_past(self.en)

    @property
    def participle(self) -> str:
        """``he has eaten``."""
        return self.irregular_participle or self.past

    @property
    def ing(self) -> str:
        """``he is buying``."""
        return morphology.gerund(self.en)


@dataclass(frozen=True, slots=True)
class Activity:
    """Something people do, as a verb and what follows it; Chinese can split the two (游泳, 游了一个小时泳)."""

    verb: Verb
    tail: str
    tail_zh: str
    places: tuple[str, ...]

    @property
    def en(self) -> str:
        """The base form with its tail: ``play football``."""
        return f"{self.verb.en}{self.rest}"

    @property
    def rest(self) -> str:
        """What follows the English verb, with its space."""
        return f" {self.tail}" if self.tail else ""

    @property
    def zh(self) -> str:
        """The unsplit Chinese: 踢足球."""
        return self.verb.zh + self.tail_zh


@dataclass(frozen=True, slots=True)
class Adjective:
    """An adjective, the kinds of noun it suits, and how Chinese puts it before a noun (昂贵的, 新)."""

    en: str
    zh: str
    attributive: str
    kinds: tuple[str, ...]

    @property
    def comparative(self) -> str:
        """``bigger``, ``more expensive``."""
        return morphology.comparative(self.en)

    @property
    def superlative(self) -> str:
        """``biggest``, ``most expensive``."""
        return morphology.superlative(self.en)


@dataclass(frozen=True, slots=True)
class Place:
    """Where things happen. ``inside`` is what Chinese adds for being there (里), if anything."""

    en: str
    zh: str
    preposition: str
    inside: str
    measure: str
    kind: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Who does it, with the forms that English needs: agreement, object and possessive."""

    en: str
    zh: str
    agreement: Agreement = "third"
    object_form: str = ""
    possessive_form: str = ""

    @property
    def object_en(self) -> str:
        """``me``, ``him``, or the name itself."""
        return self.object_form or self.en

    @property
    def possessive_en(self) -> str:
        """``my``, ``Tom's``."""
        return self.possessive_form or f"{self.en}'s"

    @property
    def be(self) -> str:
        """The present of *to be*."""
        return {"first": "am", "third": "is", "plural": "are"}[self.agreement]

    @property
    def was(self) -> str:
        """The past of *to be*."""
        return "were" if self.agreement == "plural" else "was"

    @property
    def do(self) -> str:
        """The auxiliary of questions and negation."""
        return "does" if self.agreement == "third" else "do"

    @property
    def have(self) -> str:
        """The auxiliary of the perfect."""
        return "has" if self.agreement == "third" else "have"

    def present(self, verb: Verb) -> str:
        """The verb in the present, in agreement."""
        return verb.third if self.agreement == "third" else verb.en
