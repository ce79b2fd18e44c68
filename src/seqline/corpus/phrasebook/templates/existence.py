"""What is where: 有, 在, and how places lie to each other."""

from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.grammar import calendar, numbers, phrases
from seqline.corpus.phrasebook.grammar.morphology import plural, with_article
from seqline.corpus.phrasebook.grammar.phrases import question, statement
from seqline.corpus.phrasebook.lexicon.nouns import nouns
from seqline.corpus.phrasebook.lexicon.people import SUBJECTS
from seqline.corpus.phrasebook.lexicon.places import (
    BETWEEN_PLACES,
    CITIES,
    CONTAINERS,
    PLACES,
    RELATIONS,
    SUPPORTS,
    TRANSPORT,
    places,
)
from seqline.corpus.phrasebook.words import Noun, Phrase, Place

_LYING: Final = nouns("book", "press", "reference", "paper", "small", "token", "gift", "headwear")
_BUILDINGS: Final = places("public", "shop")
_OUTSIDE: Final = tuple(place for place in PLACES if place.en in ("park", "zoo", "garden"))
_PEOPLED: Final = tuple(place for place in PLACES if place.en not in ("sea", "kitchen"))
_WILD: Final = ("tiger", "elephant", "monkey", "horse", "cow", "sheep")
_COUNTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 24, 30, 36, 40, 50, 60, 100, 200)


def there_are_things(draw: Draw) -> Phrase:
    """There are three books on the table."""
    noun = draw.main(_LYING)
    where = _spot(draw)
    amount = phrases.some_quantity(draw, noun)
    return statement(f"there {_be(amount)} {amount.en} {where.en}", f"{where.zh}有{amount.zh}")


def there_is_nothing(draw: Draw) -> Phrase:
    """There are no keys in the drawer."""
    noun = draw.main(_LYING)
    where = _spot(draw)
    return statement(f"there are no {noun.plural} {where.en}", f"{where.zh}没有{noun.zh}")


def there_are_beings(draw: Draw) -> Phrase:
    """There are twenty students in the classroom."""
    noun, place = _being(draw)
    amount = phrases.counted(draw.any(_COUNTS[:10] if place.kind == "room" else _COUNTS), noun)
    where = phrases.within(place)
    return statement(f"there are {amount.en} {where.en}", f"{where.zh}有{amount.zh}")


def how_many_beings(draw: Draw) -> Phrase:
    """How many tourists are there on the beach?"""
    noun, place = _being(draw)
    where = phrases.within(place)
    return question(f"how many {noun.plural} are there {where.en}", f"{where.zh}有多少{noun.measure}{noun.zh}")


def thing_is_somewhere(draw: Draw) -> Phrase:
    """Your umbrella is not behind the sofa."""
    owner, noun = draw.any(SUBJECTS), draw.main(_LYING)
    where = _spot(draw)
    thing = phrases.owned(owner, noun)
    be, zh = draw.any((("is", "在"), ("is not", "不在"), ("was", "刚才在"), ("must be", "一定在")))
    tail = " just now" if be == "was" else ""
    return statement(f"{thing.en} {be} {where.en}{tail}", f"{thing.zh}{zh}{where.zh}")


def building_lies(draw: Draw) -> Phrase:
    """The bank is opposite the post office."""
    first = draw.main(_BUILDINGS)
    relation, second = draw.any(BETWEEN_PLACES), draw.main_other(_BUILDINGS, first)
    return statement(f"the {first.en} is {relation.en} the {second.en}", f"{first.zh}在{second.zh}{relation.zh}")


def there_is_a_building(draw: Draw) -> Phrase:
    """Is there a pharmacy near the station?"""
    first = draw.main(places("shop"))
    relation, second = draw.any(BETWEEN_PLACES), draw.main_other(_BUILDINGS, first)
    if draw.chance(0.5):
        return question(
            f"is there {with_article(first.en)} {relation.en} the {second.en}",
            f"{second.zh}{relation.zh}有{first.zh}吗",
        )
    return statement(
        f"there is {with_article(first.en)} {relation.en} the {second.en}",
        f"{second.zh}{relation.zh}有一{first.measure}{first.zh}",
    )


def city_has(draw: Draw) -> Phrase:
    """There are more than two hundred hotels in Beijing."""
    place, city = draw.main(_BUILDINGS), draw.main(CITIES)
    number = draw.any((10, 20, 30, 50, 100, 200, 300, 500))
    more, count = draw.any((("more than", "有{}多"), ("about", "大约有{}")))
    return statement(
        f"there are {more} {numbers.english(number)} {plural(place.en)} in {city.en}",
        f"{city.zh}{count.format(numbers.chinese_count(number))}{place.measure}{place.zh}",
    )


def distance(draw: Draw) -> Phrase:
    """The hotel is three kilometres from the airport."""
    first = draw.main(_BUILDINGS)
    second = draw.main_other(_BUILDINGS, first)
    unit = draw.any((Phrase("kilometres", "公里"), Phrase("metres", "米")))
    number = draw.any((2, 3, 4, 5, 8, 10, 12, 15, 20) if unit.en == "kilometres" else (50, 100, 200, 300, 500, 800))
    return statement(
        f"the {first.en} is {numbers.english(number)} {unit.en} from the {second.en}",
        f"{first.zh}离{second.zh}有{numbers.chinese_count(number)}{unit.zh}",
    )


def how_far(draw: Draw) -> Phrase:
    """How far is it from the hotel to the airport?"""
    first = draw.main(_BUILDINGS)
    second = draw.main_other(_BUILDINGS, first)
    return question(f"how far is it from the {first.en} to the {second.en}", f"从{first.zh}到{second.zh}有多远")


def takes_time(draw: Draw) -> Phrase:
    """It takes twenty minutes to get from the station to the museum by bus."""
    first = draw.main(_BUILDINGS)
    second = draw.main_other(_BUILDINGS, first)
    length = calendar.span(draw.any((5, 10, 15, 20, 25, 30, 40, 45, 50)), Phrase("minute", "分钟"))
    way = draw.any([way for way in TRANSPORT if way.en != "by train"])
    return statement(
        f"it takes {length.en} to get from the {first.en} to the {second.en} {way.en}",
        f"从{first.zh}{way.zh}到{second.zh}需要{length.zh}",
    )


def _spot(draw: Draw) -> Phrase:
    if draw.chance(0.4):
        inside = draw.main(CONTAINERS)
        return Phrase(f"in the {inside.en}", f"{inside.zh}里")
    relation = draw.any(RELATIONS)
    return phrases.spot(relation, draw.main(SUPPORTS))


def _being(draw: Draw) -> tuple[Noun, Place]:
    if draw.chance(0.3):
        where = draw.main(_OUTSIDE)
        return draw.main([n for n in nouns("animal") if (n.en in _WILD) == (where.en == "zoo")]), where
    return draw.main(nouns("person")), draw.main(_PEOPLED)


def _be(amount: Phrase) -> str:
    return "is" if amount.en.startswith(("a ", "an ")) and not amount.en.startswith("a few") else "are"
