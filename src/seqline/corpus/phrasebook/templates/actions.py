"""What people did, do, will do, want or must do: aspect, negation, time and place before the verb."""

from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.grammar import calendar, clauses, phrases
from seqline.corpus.phrasebook.grammar.phrases import statement
from seqline.corpus.phrasebook.lexicon.adjectives import adjectives
from seqline.corpus.phrasebook.lexicon.nouns import DRINKS, FOODS, noun, nouns
from seqline.corpus.phrasebook.lexicon.people import OTHERS, SUBJECTS
from seqline.corpus.phrasebook.lexicon.places import CITIES
from seqline.corpus.phrasebook.lexicon.times import ADVERBS, REGULARLY
from seqline.corpus.phrasebook.lexicon.verbs import ACTIONS, ACTIVITIES, COMPLETED, MANNERS, SKILLS
from seqline.corpus.phrasebook.words import Phrase, Verb, listed

_EAT: Final = Verb("eat", "吃", (), "ate", "eaten")
_DRINK: Final = Verb("drink", "喝", (), "drank", "drunk")
_WANTS: Final = (
    ("want to", "wants to", "想"), ("need to", "needs to", "需要"), ("plan to", "plans to", "打算"),
    ("hope to", "hopes to", "希望"),
)  # fmt: skip
_MODALS: Final = listed("must 必须 | should 应该 | can 可以 | should not 不应该 | does not have to 不用")


def did_something(draw: Draw) -> Phrase:
    """Tom bought two books in Paris yesterday."""
    verb = draw.main(ACTIONS)
    thing = draw.main(nouns(*verb.objects))
    where = clauses.where_done(draw, verb, thing)
    amount = phrases.some_quantity(draw, thing)
    sentence = clauses.did(draw.any(SUBJECTS), verb, amount, clauses.when_done(draw, verb), where)
    return statement(sentence.en, sentence.zh)


def did_something_described(draw: Draw) -> Phrase:
    """Last week she sold an old car."""
    verb = draw.main(ACTIONS)
    thing = draw.main(nouns(*verb.objects))
    adjective = draw.main(adjectives(thing.kind)) if adjectives(thing.kind) else None
    amount = phrases.some_quantity(draw, thing, adjective)
    subject, when = draw.any(SUBJECTS), clauses.when_done(draw, verb)
    return statement(
        f"{when.en}, {subject.en} {verb.past} {amount.en}", f"{when.zh}，{subject.zh}{verb.zh}了{amount.zh}"
    )


def did_not_do_something(draw: Draw) -> Phrase:
    """We did not sell that car last week."""
    verb = draw.main(ACTIONS)
    thing = draw.main(nouns(*verb.objects))
    sentence = clauses.did_not(draw.any(SUBJECTS), verb, phrases.that(thing), clauses.when_done(draw, verb))
    return statement(sentence.en, sentence.zh)


def will_do_something(draw: Draw) -> Phrase:
    """My dad will repair two bicycles next Friday."""
    verb = draw.main([verb for verb in ACTIONS if verb.en not in ("lose", "see", "find")])
    thing = draw.main(nouns(*verb.objects))
    amount = phrases.some_quantity(draw, thing)
    where = clauses.where_done(draw, verb, thing)
    sentence = clauses.will(draw.any(SUBJECTS), verb, amount, clauses.when_to_do(draw, verb), where)
    return statement(sentence.en, sentence.zh)


def has_already_done(draw: Draw) -> Phrase:
    """Anna has already read that novel."""
    verb = draw.main(COMPLETED)
    thing = phrases.that(draw.main(nouns(*verb.objects)))
    subject = draw.any(SUBJECTS)
    return statement(
        f"{subject.en} {subject.have} already {verb.participle} {thing.en}", f"{subject.zh}已经{verb.zh}了{thing.zh}"
    )


def has_not_done_yet(draw: Draw) -> Phrase:
    """I have not read that novel yet."""
    verb = draw.main(COMPLETED)
    thing = phrases.that(draw.main(nouns(*verb.objects)))
    subject = draw.any(SUBJECTS)
    return statement(
        f"{subject.en} {subject.have} not {verb.participle} {thing.en} yet", f"{subject.zh}还没{verb.zh}{thing.zh}"
    )


def has_been_to(draw: Draw) -> Phrase:
    """They have been to Rome three times."""
    subject, city = draw.main(SUBJECTS), draw.main(CITIES)
    times = draw.any((("once", "一"), ("twice", "两"), ("three times", "三"), ("many times", "很多")))
    return statement(
        f"{subject.en} {subject.have} been to {city.en} {times[0]}", f"{subject.zh}去过{times[1]}次{city.zh}"
    )


def has_never(draw: Draw) -> Phrase:
    """She has never eaten cheese."""
    verb, food = _taken_in(draw)
    subject = draw.main(SUBJECTS)
    return statement(
        f"{subject.en} {subject.have} never {verb.participle} {food.en}", f"{subject.zh}从来没{verb.zh}过{food.zh}"
    )


def does_regularly(draw: Draw) -> Phrase:
    """My aunt swims in the sea every weekend."""
    activity = draw.main(ACTIVITIES)
    where = clauses.place_of(draw, activity)
    sentence = clauses.does(draw.any(SUBJECTS), activity, draw.any(REGULARLY), where)
    return statement(sentence.en, sentence.zh)


def does_often(draw: Draw) -> Phrase:
    """He rarely drinks coffee at the weekend."""
    verb, food = _taken_in(draw)
    adverb, when, subject = draw.main(ADVERBS), draw.any(REGULARLY[-2:]), draw.any(SUBJECTS)
    return statement(
        f"{subject.en} {adverb.en} {subject.present(verb)} {food.en} {when.en}",
        f"{subject.zh}{when.zh}{adverb.zh}{verb.zh}{food.zh}",
    )


def is_doing_now(draw: Draw) -> Phrase:
    """The children are playing football in the park."""
    activity = draw.main(ACTIVITIES)
    sentence = clauses.is_doing(draw.any(SUBJECTS), activity, clauses.place_of(draw, activity))
    return statement(sentence.en, sentence.zh)


def did_for_hours(draw: Draw) -> Phrase:
    """Yesterday I swam for two hours."""
    activity = draw.main([activity for activity in ACTIVITIES if activity.en != "take photos"])
    length = calendar.span(draw.main_number((1, 2, 3, 4, 5)), Phrase("hour", "个小时"))
    subject, when = draw.any(SUBJECTS), calendar.recently(draw)
    return statement(
        f"{subject.en} {activity.verb.past}{activity.rest} for {length.en} {when.en}",
        f"{subject.zh}{when.zh}{activity.verb.zh}了{length.zh}{activity.tail_zh}",
    )


def wants_to_do(draw: Draw) -> Phrase:
    """Our teacher plans to write a book next year."""
    verb = draw.main([verb for verb in ACTIONS if verb.en not in ("lose", "see", "find", "receive")])
    thing = draw.main(nouns(*verb.objects))
    amount, when, subject = phrases.some_quantity(draw, thing), clauses.when_to_do(draw, verb), draw.any(SUBJECTS)
    plain, third, zh = draw.any(_WANTS)
    wants = third if subject.agreement == "third" else plain
    return statement(
        f"{subject.en} {wants} {verb.en} {amount.en} {when.en}", f"{subject.zh}{when.zh}{zh}{verb.zh}{amount.zh}"
    )


def modal(draw: Draw) -> Phrase:
    """Tom must wash this coat tomorrow."""
    verb = draw.main(
        [verb for verb in ACTIONS if verb.en in ("buy", "sell", "read", "write", "repair", "wash", "paint")]
    )
    thing = phrases.this(draw.main(nouns(*verb.objects)))
    auxiliary, subject, when = draw.any(_MODALS), draw.any(OTHERS), calendar.soon(draw)
    return statement(
        f"{subject.en} {auxiliary.en} {verb.en} {thing.en} {when.en}",
        f"{subject.zh}{when.zh}{auxiliary.zh}{verb.zh}{thing.zh}",
    )


def skill(draw: Draw) -> Phrase:
    """My older brother cannot drive a car."""
    subject, ability = draw.main(SUBJECTS), draw.main(SKILLS)
    can, zh = draw.any((("can", "会"), ("cannot", "不会")))
    return statement(f"{subject.en} {can} {ability.en}", f"{subject.zh}{zh}{ability.zh}")


def manner(draw: Draw) -> Phrase:
    """Lucy sings very beautifully."""
    verb, manners = draw.any(MANNERS)
    how_en, how_zh = draw.any(manners).split()
    subject = draw.main(OTHERS)
    draw.main((Phrase(f"{verb.en} {how_en}", ""),))
    return statement(f"{subject.en} {verb.third} very {how_en}", f"{subject.zh}{verb.zh}得{how_zh}")


def takes_neither(draw: Draw) -> Phrase:
    """He drinks neither beer nor wine."""
    verb, first = _taken_in(draw)
    second = draw.main_other(FOODS if verb is _EAT else DRINKS, first)
    subject = draw.any(SUBJECTS)
    return statement(
        f"{subject.en} {subject.present(verb)} neither {first.en} nor {second.en}",
        f"{subject.zh}既不{verb.zh}{first.zh}，也不{verb.zh}{second.zh}",
    )


def keeps_animals(draw: Draw) -> Phrase:
    """My grandmother has two cats and a dog."""
    pets = [noun(en) for en in ("cat", "dog", "bird", "rabbit", "horse", "cow", "sheep", "monkey")]
    first = draw.main(pets)
    second = draw.main_other(pets, first)
    subject = draw.any(SUBJECTS)
    one, two = phrases.some_quantity(draw, first), phrases.some_quantity(draw, second)
    return statement(f"{subject.en} {subject.have} {one.en} and {two.en}", f"{subject.zh}养了{one.zh}和{two.zh}")


def _taken_in(draw: Draw) -> tuple[Verb, Phrase]:
    verb = draw.any((_EAT, _DRINK))
    return verb, draw.main(FOODS if verb is _EAT else DRINKS)
