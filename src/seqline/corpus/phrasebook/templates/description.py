"""What things and people are like: degree, colour, comparison, the superlative, change."""

from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.grammar import phrases
from seqline.corpus.phrasebook.grammar.morphology import comparative
from seqline.corpus.phrasebook.grammar.phrases import question, statement
from seqline.corpus.phrasebook.lexicon.adjectives import ADJECTIVES, COLOURS, TRAITS, UNPLEASANT, adjectives
from seqline.corpus.phrasebook.lexicon.nouns import NOUNS, noun, nouns
from seqline.corpus.phrasebook.lexicon.people import ME, MY_RELATIVES, NAMES, OTHERS, SHE, SUBJECTS, THEY, TITLED, WE
from seqline.corpus.phrasebook.lexicon.places import CITIES, place
from seqline.corpus.phrasebook.lexicon.times import SEASONS, WEATHER
from seqline.corpus.phrasebook.words import Adjective, Noun, Phrase, listed

_DEGREES: Final = listed("""
    very 很 | too 太…了 | not 不 | really 真 | a little 有点儿 | extremely 非常 | not very 不太
""")
_DESCRIBED: Final = tuple(noun for noun in NOUNS if adjectives(noun.kind) and noun.kind != "person")
_SOLD: Final = ("book", "worn", "headwear", "footwear", "trousers", "vehicle", "device", "furniture", "instrument")
_COMPARED: Final = tuple(
    adjective
    for adjective in ADJECTIVES
    if adjective.en not in ("old", "new", "useful") and any(noun.kind in adjective.kinds for noun in _DESCRIBED)
)
_COMPARABLE: Final = tuple(noun for noun in _DESCRIBED if any(noun.kind in a.kinds for a in _COMPARED))
_PEOPLE: Final = (*NAMES, *MY_RELATIVES, *TITLED[::4])
_STAFF: Final = {
    "student": ("school", "university"), "teacher": ("school", "university"), "doctor": ("hospital",),
    "nurse": ("hospital",), "engineer": ("factory",), "worker": ("factory", "market"), "driver": ("factory", "station"),
    "cook": ("restaurant", "hotel"), "scientist": ("university", "museum"), "manager": ("bank", "supermarket"),
}  # fmt: skip
_CITY_QUALITIES: Final = tuple(
    Adjective(quality.en, quality.zh, quality.zh, ("city",))
    for quality in listed("big 大 | beautiful 漂亮 | expensive 贵 | quiet 安静 | modern 现代 | noisy 吵")
)


def is_adjective(draw: Draw) -> Phrase:
    """This coat is a little expensive."""
    item = draw.main(_DESCRIBED)
    adjective = draw.main(adjectives(item.kind))
    degrees = _DEGREES if adjective.en in UNPLEASANT else [d for d in _DEGREES if d.en not in ("too", "a little")]
    pointed = draw.any((phrases.this, phrases.that))(item)
    degree = draw.any(degrees)
    before, _, after = degree.zh.partition("…")
    return statement(f"{pointed.en} is {degree.en} {adjective.en}", f"{pointed.zh}{before}{adjective.zh}{after}")


def owned_is_coloured(draw: Draw) -> Phrase:
    """My older sister's new car is white."""
    item, colour = draw.main(nouns("worn", "headwear", "vehicle", "luggage", "furniture")), draw.main(COLOURS)
    owner = draw.any(SUBJECTS)
    adjective = draw.any((None, *(a for a in adjectives(item.kind) if a.en in ("new", "old"))))
    prefix, prefix_zh = (f"{adjective.en} ", adjective.attributive) if adjective else ("", "")
    return statement(
        f"{owner.possessive_en} {prefix}{item.en} is {colour.en}", f"{owner.zh}的{prefix_zh}{item.zh}是{colour.zh}的"
    )


def is_more_than(draw: Draw) -> Phrase:
    """This car is much faster than that one."""
    item, adjective = _compared(draw)
    degree, zh = draw.any((("", "{}"), ("much ", "{}得多"), ("a little ", "{}一点儿"), ("even ", "还{}")))
    return statement(
        f"this {item.en} is {degree}{adjective.comparative} than that one",
        f"这{item.measure}{item.zh}比那{item.measure}{zh.format(adjective.zh)}",
    )


def owned_is_more_than(draw: Draw) -> Phrase:
    """Tom's suitcase is heavier than mine."""
    item, adjective = _compared(draw, nouns("worn", "headwear", "vehicle", "device", "luggage", "furniture", "book"))
    first = draw.any((*NAMES, *MY_RELATIVES))
    mine = draw.any((("mine", "我的"), ("hers", "她的"), ("ours", "我们的"), ("theirs", "他们的"), ("yours", "你的")))
    return statement(
        f"{first.possessive_en} {item.en} is {adjective.comparative} than {mine[0]}",
        f"{first.zh}的{item.zh}比{mine[1]}{adjective.zh}",
    )


def is_not_as(draw: Draw) -> Phrase:
    """This film is not as interesting as that one."""
    item, adjective = _compared(draw)
    be, zh = draw.any((("is not as", "没有那{}那么{}"), ("is as", "和那{}一样{}")))
    return statement(
        f"this {item.en} {be} {adjective.en} as that one",
        f"这{item.measure}{item.zh}{zh.format(item.measure, adjective.zh)}",
    )


def person_is_more_than(draw: Draw) -> Phrase:
    """Anna is much busier than me."""
    first, trait = draw.any(SUBJECTS), draw.main(TRAITS)
    second = draw.main([s for s in (*_PEOPLE, ME, SHE, WE, THEY) if s.zh != first.zh])
    degree, zh = draw.any((("", "{}"), ("much ", "{}得多"), ("even ", "还{}")))
    return statement(
        f"{first.en} {first.be} {degree}{trait.comparative} than {second.object_en}",
        f"{first.zh}比{second.zh}{zh.format(trait.zh)}",
    )


def is_the_most(draw: Draw) -> Phrase:
    """This is the most interesting book that I have ever seen."""
    item = draw.main(_DESCRIBED)
    adjective = draw.main([a for a in adjectives(item.kind) if a.en not in ("old", "new")])
    subject, verb, zh = draw.any((("I", "have", "我"), ("we", "have", "我们"), ("my father", "has", "我父亲")))
    see = draw.any((("seen", "见过"), ("bought", "买过"))[: 2 if item.kind in _SOLD else 1])
    return statement(
        f"this is the {adjective.superlative} {item.en} that {subject} {verb} ever {see[0]}",
        f"这是{zh}{see[1]}的最{adjective.zh}的{item.zh}",
    )


def which_is_the_most(draw: Draw) -> Phrase:
    """Which shirt is the cheapest?"""
    item = draw.main(_DESCRIBED)
    adjective = draw.main(adjectives(item.kind))
    return question(f"which {item.en} is the {adjective.superlative}", f"哪{item.measure}{item.zh}最{adjective.zh}")


def person_is_the_most(draw: Draw) -> Phrase:
    """Lucy is the tallest student at this school."""
    person, trait = draw.any(OTHERS), draw.main([t for t in TRAITS if t.en != "busy"])
    job = draw.main([noun(en) for en in _STAFF])
    where = place(draw.any(_STAFF[job.en]))
    return statement(
        f"{person.en} is the {trait.superlative} {job.en} {where.preposition} this {where.en}",
        f"{person.zh}是这{where.measure}{where.zh}最{trait.zh}的{job.zh}",
    )


def city_is_more_than(draw: Draw) -> Phrase:
    """I think Paris is more beautiful than London."""
    first = draw.main(CITIES)
    quality, second = draw.any(_CITY_QUALITIES), draw.main_other(CITIES, first)
    subject = draw.any(SUBJECTS)
    think = "thinks" if subject.agreement == "third" else "think"
    return statement(
        f"{subject.en} {think} that {first.en} is {quality.comparative} than {second.en}",
        f"{subject.zh}觉得{first.zh}比{second.zh}{quality.zh}",
    )


def more_and_more(draw: Draw) -> Phrase:
    """Tokyo is becoming more and more modern."""
    city, quality = draw.main(CITIES), draw.main(_CITY_QUALITIES)
    form = quality.comparative
    more = f"more and {form}" if form.startswith("more ") else f"{form} and {form}"
    return statement(f"{city.en} is becoming {more}", f"{city.zh}变得越来越{quality.zh}")


def weather(draw: Draw) -> Phrase:
    """It is colder in Moscow than in Rome in winter."""
    kind, first = draw.main(WEATHER), draw.main(CITIES)
    season = draw.any(SEASONS)
    if draw.chance(0.5):
        second = draw.other(CITIES, first)
        return statement(
            f"in {season.en}, {first.en} is {comparative(kind.en)} than {second.en}",
            f"{season.zh}，{first.zh}比{second.zh}{kind.zh}",
        )
    very, zh = draw.any((("very", "很"), ("not", "不"), ("really", "真"), ("not very", "不太")))
    return statement(f"it is {very} {kind.en} in {first.en} in {season.en}", f"{first.zh}的{season.zh}{zh}{kind.zh}")


def _compared(draw: Draw, among: tuple[Noun, ...] = _COMPARABLE) -> tuple[Noun, Adjective]:
    item = draw.main(among)
    return item, draw.main([adjective for adjective in _COMPARED if item.kind in adjective.kinds])
