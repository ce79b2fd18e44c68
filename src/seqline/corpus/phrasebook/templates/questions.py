"""Questions: 吗 at the end, and question words that stay where the answer would stand."""

from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.grammar import calendar, clauses, phrases
from seqline.corpus.phrasebook.grammar.morphology import with_article
from seqline.corpus.phrasebook.grammar.phrases import question
from seqline.corpus.phrasebook.lexicon.nouns import DRINKS, FOODS, nouns
from seqline.corpus.phrasebook.lexicon.people import JOBS, LANGUAGES, OTHERS, SUBJECTS, YOU
from seqline.corpus.phrasebook.lexicon.places import CITIES, place
from seqline.corpus.phrasebook.lexicon.times import REGULARLY
from seqline.corpus.phrasebook.lexicon.verbs import ACTIONS, ACTIVITIES, SKILLS
from seqline.corpus.phrasebook.words import Phrase, Verb

_ASKED: Final = (YOU, YOU, YOU, *OTHERS)
_FOUND: Final = tuple(verb for verb in ACTIONS if verb.en in ("buy", "find", "lose", "see", "order", "borrow"))
_TAUGHT: Final = ("school", "university", "library", "museum", "factory")
_TRIPS: Final = (
    Verb("go to", "去", (), "went to"), Verb("leave", "离开", (), "left"), Verb("arrive in", "到"),
    Verb("come back to", "回", (), "came back to"), Verb("move to", "搬到", (), "moved to"),
)  # fmt: skip


def did_you(draw: Draw) -> Phrase:
    """Did her father buy that car last year?"""
    verb = draw.main(ACTIONS)
    thing = phrases.that(draw.main(nouns(*verb.objects)))
    subject, when = draw.any(_ASKED), clauses.when_done(draw, verb)
    return question(f"did {subject.en} {verb.en} {thing.en} {when.en}", f"{subject.zh}{when.zh}{verb.zh}{thing.zh}了吗")


def what_did(draw: Draw) -> Phrase:
    """What did Emma buy in Rome last week?"""
    verb = draw.main([verb for verb in ACTIONS if verb.en != "repair"])
    city, subject, when = draw.main(CITIES), draw.any(_ASKED), clauses.when_done(draw, verb)
    return question(
        f"what did {subject.en} {verb.en} in {city.en} {when.en}", f"{subject.zh}{when.zh}在{city.zh}{verb.zh}了什么"
    )


def where_did(draw: Draw) -> Phrase:
    """Where did you find this key?"""
    verb = draw.main(_FOUND)
    noun = draw.main(nouns(*verb.objects))
    subject = draw.any(_ASKED)
    thing = draw.any((phrases.this, phrases.that))(noun)
    return question(f"where did {subject.en} {verb.en} {thing.en}", f"{subject.zh}是在哪里{verb.zh}{thing.zh}的")


def when_will(draw: Draw) -> Phrase:
    """When will Jack move to Sydney?"""
    verb, city = draw.main(_TRIPS), draw.main(CITIES)
    subject = draw.any(_ASKED)
    if draw.chance(0.5):
        return question(f"when will {subject.en} {verb.en} {city.en}", f"{subject.zh}什么时候会{verb.zh}{city.zh}")
    return question(f"when did {subject.en} {verb.en} {city.en}", f"{subject.zh}是什么时候{verb.zh}{city.zh}的")


def why_did_not(draw: Draw) -> Phrase:
    """Why did Linda not read that letter yesterday?"""
    verb = draw.main([verb for verb in ACTIONS if verb.en not in ("lose", "see")])
    thing = phrases.that(draw.main(nouns(*verb.objects)))
    subject, when = draw.any(_ASKED), clauses.when_done(draw, verb)
    return question(
        f"why did {subject.en} not {verb.en} {thing.en} {when.en}", f"{subject.zh}{when.zh}为什么没{verb.zh}{thing.zh}"
    )


def who_does(draw: Draw) -> Phrase:
    """Who is playing chess in the garden?"""
    activity = draw.main(ACTIVITIES)
    where = clauses.place_of(draw, activity)
    if draw.chance(0.5):
        return question(f"who is {activity.verb.ing}{activity.rest} {where.en}", f"谁正{where.zh}{activity.zh}")
    when = draw.any(REGULARLY)
    return question(
        f"who {activity.verb.third}{activity.rest} {where.en} {when.en}", f"谁{when.zh}{where.zh}{activity.zh}"
    )


def who_bought(draw: Draw) -> Phrase:
    """Who washed this shirt yesterday?"""
    verb = draw.main(ACTIONS)
    thing = draw.main(nouns(*verb.objects))
    pointed, when = draw.any((phrases.this, phrases.that))(thing), clauses.when_done(draw, verb)
    return question(f"who {verb.past} {pointed.en} {when.en}", f"谁{when.zh}{verb.zh}了{pointed.zh}")


def do_you_like(draw: Draw) -> Phrase:
    """Do you like noodles and bread?"""
    subject, food = draw.any(_ASKED), draw.main((*FOODS, *DRINKS))
    verb = "吃" if food in FOODS else "喝"
    second = draw.main_other(FOODS if food in FOODS else DRINKS, food)
    if draw.chance(0.5):
        return question(
            f"{subject.do} {subject.en} prefer {food.en} or {second.en}",
            f"{subject.zh}更喜欢{verb}{food.zh}还是{second.zh}",
        )
    return question(
        f"{subject.do} {subject.en} like {food.en} and {second.en}", f"{subject.zh}喜欢{verb}{food.zh}和{second.zh}吗"
    )


def can_you(draw: Draw) -> Phrase:
    """Can his younger brother ride a horse?"""
    subject, ability = draw.main((YOU, *OTHERS)), draw.main(SKILLS)
    return question(f"can {subject.en} {ability.en}", f"{subject.zh}会{ability.zh}吗")


def where_does(draw: Draw) -> Phrase:
    """Where does Daniel play basketball at the weekend?"""
    activity, subject = draw.main(ACTIVITIES), draw.main(_ASKED)
    when = draw.any(REGULARLY)
    return question(
        f"where {subject.do} {subject.en} {activity.en} {when.en}", f"{subject.zh}{when.zh}在哪里{activity.zh}"
    )


def how_long(draw: Draw) -> Phrase:
    """How long did you study Chinese yesterday?"""
    activity, when = draw.main(ACTIVITIES), calendar.recently(draw)
    subject = draw.main(_ASKED)
    return question(
        f"how long did {subject.en} {activity.en} {when.en}",
        f"{subject.zh}{when.zh}{activity.verb.zh}了多长时间{activity.tail_zh}",
    )


def have_you_been(draw: Draw) -> Phrase:
    """Have you ever been to Vienna?"""
    subject, city = draw.main(_ASKED), draw.main(CITIES)
    if draw.chance(0.5):
        return question(f"{subject.have} {subject.en} ever been to {city.en}", f"{subject.zh}去过{city.zh}吗")
    return question(f"how many times {subject.have} {subject.en} been to {city.en}", f"{subject.zh}去过{city.zh}多少次")


def is_job(draw: Draw) -> Phrase:
    """Is my uncle a lawyer or a writer?"""
    subject, job = draw.any(OTHERS), draw.main(JOBS)
    other = draw.main_other(JOBS, job)
    return question(
        f"is {subject.en} {with_article(job.en)} or {with_article(other.en)}", f"{subject.zh}是{job.zh}还是{other.zh}"
    )


def how_many_things(draw: Draw) -> Phrase:
    """How many magazines did you buy last month?"""
    verb = draw.main(ACTIONS)
    noun = draw.main(nouns(*verb.objects))
    subject, when = draw.any(_ASKED), clauses.when_done(draw, verb)
    return question(
        f"how many {noun.plural} did {subject.en} {verb.en} {when.en}",
        f"{subject.zh}{when.zh}{verb.zh}了几{noun.measure}{noun.zh}",
    )


def tag(draw: Draw) -> Phrase:
    """Anna teaches French at that school, right?"""
    language, where = draw.main(LANGUAGES), draw.main([place(en) for en in _TAUGHT])
    subject = draw.any(SUBJECTS)
    teach = "teaches" if subject.agreement == "third" else "teach"
    return question(
        f"{subject.en} {teach} {language.en} {where.preposition} that {where.en}, right",
        f"{subject.zh}在那{where.measure}{where.zh}教{language.zh}，对吗",
    )
