"""Clauses without their full stop: English time and place at the end, Chinese time and place before the verb."""

from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.grammar import calendar, phrases
from seqline.corpus.phrasebook.lexicon import places
from seqline.corpus.phrasebook.words import Activity, Noun, Phrase, Subject, Verb

NOWHERE: Final = Phrase("", "")
# Not said of last year or in three months.
_SMALL: Final = frozenset({"eat", "drink", "order", "wash", "choose"})
_SHOPS: Final = {
    "book": "bookshop", "press": "bookshop", "reference": "bookshop",
    "food": "market", "drink": "supermarket",
    "worn": "market", "headwear": "market", "footwear": "market", "gloves": "supermarket", "trousers": "supermarket",
}  # fmt: skip


def did(subject: Subject, verb: Verb, thing: Phrase, when: Phrase, where: Phrase = NOWHERE) -> Phrase:
    """``Tom bought a book in Paris yesterday`` 汤姆昨天在巴黎买了一本书."""
    en = words(subject.en, verb.past, thing.en, where.en, when.en)
    return Phrase(en, f"{subject.zh}{when.zh}{where.zh}{verb.zh}了{thing.zh}")


def did_not(subject: Subject, verb: Verb, thing: Phrase, when: Phrase) -> Phrase:
    """``Tom did not buy that book yesterday`` 汤姆昨天没买那本书."""
    en = words(subject.en, "did not", verb.en, thing.en, when.en)
    return Phrase(en, f"{subject.zh}{when.zh}没{verb.zh}{thing.zh}")


def will(subject: Subject, verb: Verb, thing: Phrase, when: Phrase, where: Phrase = NOWHERE) -> Phrase:
    """``Tom will buy a book in Paris tomorrow`` 汤姆明天会在巴黎买一本书."""
    en = words(subject.en, "will", verb.en, thing.en, where.en, when.en)
    return Phrase(en, f"{subject.zh}{when.zh}会{where.zh}{verb.zh}{thing.zh}")


def does(subject: Subject, activity: Activity, when: Phrase, where: Phrase = NOWHERE) -> Phrase:
    """``Tom swims in the sea every day`` 汤姆每天在海里游泳."""
    en = words(subject.en, subject.present(activity.verb) + activity.rest, where.en, when.en)
    return Phrase(en, f"{subject.zh}{when.zh}{where.zh}{activity.zh}")


def is_doing(subject: Subject, activity: Activity, where: Phrase) -> Phrase:
    """``Tom is swimming in the sea`` 汤姆正在海里游泳: 正在 takes the 在 of the place."""
    en = words(subject.en, subject.be, activity.verb.ing + activity.rest, where.en)
    return Phrase(en, f"{subject.zh}正{where.zh or '在'}{activity.zh}")


def when_done(draw: Draw, verb: Verb) -> Phrase:
    """A moment in the past that suits the verb."""
    return calendar.recently(draw) if verb.en in _SMALL else calendar.past_moment(draw)


def when_to_do(draw: Draw, verb: Verb) -> Phrase:
    """A moment in the future that suits the verb."""
    return calendar.soon(draw) if verb.en in _SMALL else calendar.future_moment(draw)


def where_done(draw: Draw, verb: Verb, noun: Noun) -> Phrase:
    """A city, a shop that sells such things, or no place at all."""
    if verb.en == "buy" and noun.kind in _SHOPS and draw.chance(0.4):
        return phrases.at(places.place(_SHOPS[noun.kind]))
    if draw.chance(0.3):
        city = draw.any(places.CITIES)
        return Phrase(f"in {city.en}", f"在{city.zh}")
    return NOWHERE


def place_of(draw: Draw, activity: Activity) -> Phrase:
    """One of the places where this is done, as part of the composition."""
    place = draw.main([places.place(en) for en in activity.places])
    return phrases.at(place)


def words(*parts: str) -> str:
    """Join what is not empty with single spaces."""
    return " ".join(part for part in parts if part)
