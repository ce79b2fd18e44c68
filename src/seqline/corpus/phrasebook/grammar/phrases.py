"""Noun phrases and finished sentences."""

from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.grammar import numbers
from seqline.corpus.phrasebook.grammar.morphology import with_article
from seqline.corpus.phrasebook.lexicon.places import HOME
from seqline.corpus.phrasebook.words import Adjective, Noun, Phrase, Place, Subject

_COUNTS: Final = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 8, 10)


def statement(en: str, zh: str) -> Phrase:
    """A sentence with its capital and its full stops."""
    return Phrase(f"{en[0].upper()}{en[1:]}.", f"{zh}。")


def question(en: str, zh: str) -> Phrase:
    """A sentence that asks."""
    return Phrase(f"{en[0].upper()}{en[1:]}?", f"{zh}？")


def exclamation(en: str, zh: str) -> Phrase:
    """A sentence that calls out."""
    return Phrase(f"{en[0].upper()}{en[1:]}!", f"{zh}！")


def counted(number: int, noun: Noun, adjective: Adjective | None = None) -> Phrase:
    """``a new book`` 一本新书, ``two cats`` 两只猫."""
    zh = numbers.chinese_count(number) + noun.measure + _attributive(adjective) + noun.zh
    if number == 1:
        return Phrase(with_article(described(noun.en, adjective)), zh)
    return Phrase(f"{numbers.english(number)} {described(noun.plural, adjective)}", zh)


def described(noun: str, adjective: Adjective | Phrase | None) -> str:
    """``new book``; what is counted in a unit keeps its adjective behind it: ``pair of new shoes``."""
    if adjective is None:
        return noun
    unit, of, stuff = noun.rpartition(" of ")
    return f"{unit}{of}{adjective.en} {stuff}"


def some_quantity(draw: Draw, noun: Noun, adjective: Adjective | None = None) -> Phrase:
    """A number of things, or ``a few``, ``many``."""
    if draw.chance(0.85):
        return counted(draw.any(_COUNTS), noun, adjective)
    en, zh = draw.any((("a few", f"几{noun.measure}"), ("many", "很多")))
    return Phrase(f"{en} {described(noun.plural, adjective)}", zh + _attributive(adjective) + noun.zh)


def this(noun: Noun) -> Phrase:
    """``this car`` 这辆汽车."""
    return Phrase(f"this {noun.en}", f"这{noun.measure}{noun.zh}")


def that(noun: Noun) -> Phrase:
    """``that car`` 那辆汽车."""
    return Phrase(f"that {noun.en}", f"那{noun.measure}{noun.zh}")


def owned(owner: Subject, noun: Noun) -> Phrase:
    """``Tom's car`` 汤姆的汽车."""
    return Phrase(f"{owner.possessive_en} {noun.en}", f"{owner.zh}的{noun.zh}")


def at(place: Place) -> Phrase:
    """``in the park`` 在公园里, ``at home`` 在家."""
    if place == HOME:
        return Phrase("at home", "在家里")
    return Phrase(f"{place.preposition} the {place.en}", f"在{place.zh}{place.inside}")


def to(place: Place) -> Phrase:
    """``to the park`` 去公园."""
    return Phrase(f"to the {place.en}", f"去{place.zh}")


def within(place: Place) -> Phrase:
    """The place as the topic of existence: ``in the park`` 公园里."""
    inside = "" if place.zh.endswith(("上", "里")) else place.inside or "里"
    return Phrase(f"{place.preposition} the {place.en}", place.zh + inside)


def spot(relation: Phrase, thing: Phrase) -> Phrase:
    """``under the bed`` 床下面."""
    return Phrase(f"{relation.en} the {thing.en}", thing.zh + relation.zh)


def _attributive(adjective: Adjective | None) -> str:
    return adjective.attributive if adjective else ""
