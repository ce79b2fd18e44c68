"""Relative clauses: what follows the noun in English stands before it in Chinese, closed by 的."""

from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.grammar import calendar, clauses, phrases
from seqline.corpus.phrasebook.grammar.morphology import with_article
from seqline.corpus.phrasebook.grammar.phrases import question, statement
from seqline.corpus.phrasebook.lexicon.adjectives import COLOURS, UNPLEASANT, adjectives
from seqline.corpus.phrasebook.lexicon.nouns import nouns
from seqline.corpus.phrasebook.lexicon.people import JOBS, NAMES, OTHERS, PRONOUNS, SUBJECTS
from seqline.corpus.phrasebook.lexicon.places import CITIES, PLACES, place, places
from seqline.corpus.phrasebook.lexicon.verbs import ACTIONS, ACTIVITIES, GIVING
from seqline.corpus.phrasebook.words import Adjective, Noun, Phrase, Verb, listed

_OWNING: Final = tuple(verb for verb in ACTIONS if verb.en in ("buy", "read", "write", "borrow", "choose", "paint"))
_FEELINGS: Final = (
    Verb("like", "喜欢"), Verb("love", "很喜欢"), Verb("hate", "讨厌"), Verb("remember", "记得"), Verb("need", "需要"),
)  # fmt: skip
_DEGREES: Final = (("very", "很"), ("not", "不"), ("too", "太"))
_SIGHTS: Final = tuple(
    place(en) for en in ("museum", "university", "zoo", "garden", "school", "hospital", "library", "market")
)
_PERSONS: Final = listed("man 男人 | woman 女人 | boy 男孩 | girl 女孩")
_WEAR: Final = {"worn": "穿着", "trousers": "穿着", "headwear": "戴着", "gloves": "戴着", "footwear": "穿着"}
_WORKPLACES: Final = tuple(place for place in places("public", "shop") if place.en != "station")


def _described(draw: Draw, noun: Noun) -> Adjective:
    return draw.main([adjective for adjective in adjectives(noun.kind) if adjective.en not in ("new", "old")])


def bought_is_adjective(draw: Draw) -> Phrase:
    """The book that my older brother bought yesterday is very interesting."""
    verb = draw.main([verb for verb in _OWNING if verb.en != "paint"])
    noun = draw.main([n for n in nouns(*verb.objects) if len(adjectives(n.kind)) > 2])
    adjective, subject, when = _described(draw, noun), draw.any(SUBJECTS), clauses.when_done(draw, verb)
    very, degree = draw.any(_DEGREES if adjective.en in UNPLEASANT else _DEGREES[:2])
    tail = "了" if very == "too" else ""
    return statement(
        f"the {noun.en} that {subject.en} {verb.past} {when.en} is {very} {adjective.en}",
        f"{subject.zh}{when.zh}{verb.zh}的那{noun.measure}{noun.zh}{degree}{adjective.zh}{tail}",
    )


def likes_what_was_bought(draw: Draw) -> Phrase:
    """Mary likes the dress that I bought in Paris."""
    verb = draw.main(_OWNING)
    noun = draw.main(nouns(*verb.objects))
    city, liking = draw.any(CITIES), draw.any(_FEELINGS[:3])
    subject = draw.any(SUBJECTS)
    other = draw.any([s for s in NAMES if s is not subject])
    return statement(
        f"{subject.en} {subject.present(liking)} the {noun.en} that {other.en} {verb.past} in {city.en}",
        f"{subject.zh}{liking.zh}{other.zh}在{city.zh}{verb.zh}的那{noun.measure}{noun.zh}",
    )


def wearer_is(draw: Draw) -> Phrase:
    """The woman who is wearing a red hat is our teacher."""
    person, clothing = draw.any(_PERSONS[:2]), draw.main(nouns(*_WEAR))
    colour, job = draw.main(COLOURS), draw.any(JOBS)
    worn = with_article(phrases.described(clothing.en, colour))
    worn_zh = f"{_WEAR[clothing.kind]}一{clothing.measure}{colour.zh}{clothing.zh}"
    return statement(
        f"the {person.en} who is wearing {worn} is {with_article(job.en)}", f"{worn_zh}的那个{person.zh}是一名{job.zh}"
    )


def worker_at_place(draw: Draw) -> Phrase:
    """The doctor who works in that hospital speaks to us every day."""
    job, place = draw.main([job for job in JOBS if job.en != "student"]), draw.main(_WORKPLACES)
    adjective = draw.any(adjectives("person"))
    return statement(
        f"the {job.en} who works {place.preposition} that {place.en} is very {adjective.en}",
        f"在那{place.measure}{place.zh}工作的那位{job.zh}很{adjective.zh}",
    )


def knows_the_doer(draw: Draw) -> Phrase:
    """Do you know the girl who is playing the piano in the living room?"""
    activity = draw.main(ACTIVITIES)
    where, person = clauses.place_of(draw, activity), draw.any(_PERSONS)
    return question(
        f"do you know the {person.en} who is {activity.verb.ing}{activity.rest} {where.en}",
        f"你认识{where.zh}{activity.zh}的那个{person.zh}吗",
    )


def city_where(draw: Draw) -> Phrase:
    """London is the city where my father was born."""
    city = draw.main(CITIES)
    verb = draw.main(
        (Phrase("was born", "出生"), Phrase("works", "工作"), Phrase("lives", "居住"), Phrase("studied", "上学"))
    )
    subject = draw.main(OTHERS)
    return statement(f"{city.en} is the city where {subject.en} {verb.en}", f"{city.zh}是{subject.zh}{verb.zh}的城市")


def place_that_we_visited(draw: Draw) -> Phrase:
    """The museum that we visited last week is near the station."""
    first = draw.main(_SIGHTS)
    second = draw.main_other(PLACES[:18], first)
    subject, when = draw.any(PRONOUNS), calendar.past_moment(draw)
    return statement(
        f"the {first.en} that {subject.en} visited {when.en} is near the {second.en}",
        f"{subject.zh}{when.zh}参观的那{first.measure}{first.zh}在{second.zh}附近",
    )


def whoever_gave(draw: Draw) -> Phrase:
    """Where is the pen that Tom lent me?"""
    verb = draw.main(GIVING[:3])
    noun = draw.main(nouns(*verb.objects))
    giver = draw.any(OTHERS)
    return question(
        f"where is the {noun.en} that {giver.en} {verb.past} me",
        f"{giver.zh}{verb.zh}我的那{noun.measure}{noun.zh}在哪里",
    )
