"""Two clauses joined: conditions, reasons, contrasts, times, and what people say or think."""

from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.grammar import calendar, clauses, numbers, phrases
from seqline.corpus.phrasebook.grammar.morphology import with_article
from seqline.corpus.phrasebook.grammar.phrases import statement
from seqline.corpus.phrasebook.lexicon.adjectives import FEELINGS, adjectives
from seqline.corpus.phrasebook.lexicon.nouns import DRINKS, FOODS, NOUNS, noun, nouns
from seqline.corpus.phrasebook.lexicon.people import JOBS, LANGUAGES, NAMES, OTHERS, SUBJECTS
from seqline.corpus.phrasebook.lexicon.places import CITIES, TRANSPORT, places
from seqline.corpus.phrasebook.lexicon.verbs import ACTIONS, ACTIVITIES, SKILLS
from seqline.corpus.phrasebook.words import Noun, Phrase, Subject, Verb, listed

_NAMED: Final = tuple(subject for subject in SUBJECTS if not subject.object_form)
_DREAMS: Final = tuple(noun(en) for en in ("house", "car", "plane", "ship", "piano", "bridge", "truck", "building"))
_HINDRANCES: Final = tuple(feeling for feeling in FEELINGS if feeling.en != "happy")
_CONDITIONS: Final = listed("""
    it rains tomorrow 明天下雨 | the weather is good tomorrow 明天天气好 | it snows tomorrow 明天下雪 |
    I have time tomorrow 我明天有时间 | you come tomorrow 你明天来 | the train is late tomorrow 明天火车晚点
""")
_ARRIVALS: Final = listed("""
    got home 到家 | arrived at the office 到办公室 | came back 回来 | got up 起床 | called me 给我打电话
""")
_GOALS: Final = tuple(verb for verb in ACTIONS if verb.en in ("buy", "order", "borrow", "paint", "choose"))
_ERRANDS: Final = {
    "buy": (("market", ("food", "worn")), ("supermarket", ("drink", "food")), ("bookshop", ("book", "reference"))),
    "order": (("restaurant", ("meal",)), ("café", ("drink",))),
    "borrow": (("library", ("book", "reference")), ("school", ("instrument",))),
    "paint": (("zoo", ("animal",)), ("park", ("plant",))),
    "choose": (("market", ("worn", "footwear")), ("bookshop", ("book",)), ("supermarket", ("gift",))),
}
_JUDGED: Final = tuple(n for n in NOUNS if adjectives(n.kind) and n.kind not in ("person", "animal", "landscape"))
_DAILY: Final = listed("""
    going to bed 睡觉 | going to work 上班 | having breakfast 吃早饭 | having dinner 吃晚饭 | going out 出门
""")
_FEMALE: Final = ("妈妈", "母亲", "姐姐", "妹妹", "奶奶", "阿姨", "女儿", "女士")
_WOMEN: Final = frozenset(
    ["she", "Mary", "Anna", "Lucy", "Emma", "Alice", "Linda", "Helen", "Laura", "Julia", "Li Na", "Chen Jing"]
)


def if_then(draw: Draw) -> Phrase:
    """If it rains tomorrow, we will watch television at home."""
    condition, activity = draw.main(_CONDITIONS), draw.main(ACTIVITIES)
    where, subject = clauses.place_of(draw, activity), draw.any(SUBJECTS)
    will, zh = draw.any((("will", "就会"), ("will not", "就不"), ("can", "就可以")))
    return statement(
        f"if {condition.en}, {subject.en} {will} {activity.en} {where.en}",
        f"如果{condition.zh}，{subject.zh}{zh}{where.zh}{activity.zh}",
    )


def because(draw: Draw) -> Phrase:
    """Alice did not play chess yesterday because she was too tired."""
    feeling, activity = draw.main(_HINDRANCES), draw.main(ACTIVITIES)
    subject, when = draw.any(SUBJECTS), calendar.recently(draw)
    if draw.chance(0.5):
        return statement(
            f"{subject.en} did not {activity.en} {when.en} because {_pronoun(subject)} {subject.was} too {feeling.en}",
            f"{subject.zh}{when.zh}没{activity.zh}，因为{_pronoun_zh(subject)}太{feeling.zh}了",
        )
    return statement(
        f"because {subject.en} {subject.was} very {feeling.en}, {_pronoun(subject)} did not {activity.en} {when.en}",
        f"因为{subject.zh}很{feeling.zh}，所以{when.zh}没{activity.zh}",
    )


def although(draw: Draw) -> Phrase:
    """Although this coat is very expensive, my aunt still bought it."""
    verb = draw.main([verb for verb in ACTIONS if verb.en in ("buy", "choose", "borrow")])
    item = draw.main([n for n in nouns(*verb.objects) if n in _JUDGED])
    adjective, subject = draw.main(adjectives(item.kind)), draw.any(SUBJECTS)
    did, zh = draw.any(((verb.past, "还是{}了"), (f"did not {verb.en}", "没{}")))
    still = "still " if did == verb.past else ""
    return statement(
        f"although this {item.en} is very {adjective.en}, {subject.en} {still}{did} it",
        f"虽然这{item.measure}{item.zh}很{adjective.zh}，但是{subject.zh}{zh.format(verb.zh)}",
    )


def while_doing(draw: Draw) -> Phrase:
    """When Tom got home, my mother was cooking dinner in the kitchen."""
    arrival, activity = draw.main(_ARRIVALS), draw.main(ACTIVITIES)
    first = draw.any([s for s in SUBJECTS if s.en != "I"] if arrival.en == "called me" else SUBJECTS)
    second, where = draw.other(SUBJECTS, first), clauses.place_of(draw, activity)
    return statement(
        f"when {first.en} {arrival.en}, {second.en} {second.was} {activity.verb.ing}{activity.rest} {where.en}",
        f"{first.zh}{arrival.zh}的时候，{second.zh}正{where.zh}{activity.zh}",
    )


def as_soon_as(draw: Draw) -> Phrase:
    """As soon as he came back, he started to study Chinese."""
    arrival, activity = draw.main(_ARRIVALS[:4]), draw.main(ACTIVITIES)
    subject = draw.any(SUBJECTS)
    return statement(
        f"as soon as {subject.en} {arrival.en}, {_pronoun(subject)} started to {activity.en}",
        f"{subject.zh}一{arrival.zh}就开始{activity.zh}",
    )


def before_doing(draw: Draw) -> Phrase:
    """Before going to bed, Mary always listens to music."""
    habit, activity = draw.main(_DAILY), draw.main([a for a in ACTIVITIES if a.en != "cook dinner"])
    subject = draw.any(SUBJECTS)
    before, zh = draw.any((("before", "以前"), ("after", "以后")))
    before, zh = ("before", "以前") if habit.en == "going to bed" else (before, zh)
    how, how_zh = draw.any((("always", "总是"), ("often", "经常"), ("never", "从来不"), ("sometimes", "有时候")))
    return statement(
        f"{before} {habit.en}, {subject.en} {how} {subject.present(activity.verb)}{activity.rest}",
        f"{habit.zh}{zh}，{subject.zh}{how_zh}{activity.zh}",
    )


def likes_but(draw: Draw) -> Phrase:
    """Tom likes tea, but Mary likes coffee."""
    table, verb = draw.any(((FOODS, "吃"), (DRINKS, "喝")))
    first = draw.main(table)
    second, one = draw.main_other(table, first), draw.any(SUBJECTS)
    other = draw.other(_NAMED, one)
    like, does_like = Verb("like", "喜欢"), draw.chance(0.5)
    tail = other.present(like) if does_like else f"{other.do} not like"
    return statement(
        f"{one.en} {one.present(like)} {first.en}, but {other.en} {tail} {second.en}",
        f"{one.zh}喜欢{verb}{first.zh}，但是{other.zh}{'' if does_like else '不'}喜欢{verb}{second.zh}",
    )


def not_only(draw: Draw) -> Phrase:
    """My uncle can not only swim but also ride a horse."""
    first = draw.main(SKILLS)
    second, subject = draw.main_other(SKILLS, first), draw.any(SUBJECTS)
    return statement(
        f"{subject.en} can not only {first.en} but also {second.en}", f"{subject.zh}不但会{first.zh}，而且会{second.zh}"
    )


def both(draw: Draw) -> Phrase:
    """Neither Tom nor Helen can drive a car."""
    one, what = draw.any((*NAMES, *OTHERS[25:40])), draw.main((*SKILLS,))
    other = draw.main_other(NAMES, one)
    both_en, be, zh = draw.any((("both {} and {}", "can", "都会"), ("neither {} nor {}", "can", "都不会")))
    return statement(f"{both_en.format(one.en, other.en)} {be} {what.en}", f"{one.zh}和{other.zh}{zh}{what.zh}")


def said_that(draw: Draw) -> Phrase:
    """Linda said that Peter had lost a key in Rome."""
    verb = draw.main(ACTIONS)
    item = draw.main(nouns(*verb.objects))
    one = draw.any(SUBJECTS)
    other = draw.other(SUBJECTS, one)
    said, zh = draw.any((("said", "说"), ("knew", "知道"), ("heard", "听说"), ("wrote to us", "写信告诉我们")))
    amount, city = phrases.some_quantity(draw, item), draw.any(CITIES)
    return statement(
        f"{one.en} {said} that {other.en} had {verb.participle} {amount.en} in {city.en}",
        f"{one.zh}{zh}{other.zh}在{city.zh}{verb.zh}了{amount.zh}",
    )


def thinks_not(draw: Draw) -> Phrase:
    """I do not think that this film is boring: Chinese negates the film, not the thinking."""
    item = draw.main(_JUDGED)
    adjective, subject = draw.main(adjectives(item.kind)), draw.any(SUBJECTS)
    think = "thinks" if subject.agreement == "third" else "think"
    verb, zh = draw.any(((think, "很"), (f"{subject.do} not think", "不")))
    pointed = phrases.this(item)
    very = "very " if zh == "很" else ""
    return statement(
        f"{subject.en} {verb} that {pointed.en} is {very}{adjective.en}",
        f"{subject.zh}觉得{pointed.zh}{zh}{adjective.zh}",
    )


def knows_where(draw: Draw) -> Phrase:
    """We do not know where David bought that hat."""
    verb = draw.main([verb for verb in ACTIONS if verb.en in ("buy", "find", "lose", "see", "borrow", "read")])
    item = draw.main(nouns(*verb.objects))
    one = draw.any(SUBJECTS)
    other = draw.other(SUBJECTS, one)
    word, zh = draw.any((("where", "在哪里"), ("when", "什么时候"), ("with whom", "和谁一起")))
    thing = phrases.that(item)
    return statement(
        f"{one.en} {one.do} not know {word} {other.en} {verb.past} {thing.en}",
        f"{one.zh}不知道{other.zh}是{zh}{verb.zh}{thing.zh}的",
    )


def went_to_do(draw: Draw) -> Phrase:
    """My younger brother went to the library by bus to borrow two novels."""
    verb = draw.main(_GOALS)
    item, place = _errand(draw, verb)
    subject, when, way = draw.any(SUBJECTS), calendar.recently(draw), draw.any((Phrase("", ""), *TRANSPORT))
    amount = phrases.some_quantity(draw, item)
    en = clauses.words(subject.en, "went to the", place, way.en, "to", verb.en, amount.en, when.en)
    return statement(en, f"{subject.zh}{when.zh}{way.zh}去{_zh(place)}{verb.zh}了{amount.zh}")


def would_if_rich(draw: Draw) -> Phrase:
    """If I had three million dollars, I would buy a house in Paris."""
    item, city = draw.main(_DREAMS), draw.main(CITIES)
    subject, number = draw.any(SUBJECTS), draw.any((200_000, 500_000, 1_000_000, 3_000_000, 50_000_000, 100_000_000))
    amount = calendar.money(number, Phrase("dollars", "美元"))
    return statement(
        f"if {subject.en} had {amount.en}, {_pronoun(subject)} would buy {with_article(item.en)} in {city.en}",
        f"如果{subject.zh}有{amount.zh}，{_pronoun_zh(subject)}就会在{city.zh}买一{item.measure}{item.zh}",
    )


def too_busy(draw: Draw) -> Phrase:
    """Tom is too busy to play chess now."""
    feeling, activity = draw.main(_HINDRANCES), draw.main(ACTIVITIES)
    subject = draw.any(SUBJECTS)
    return statement(
        f"{subject.en} {subject.be} too {feeling.en} to {activity.en} now",
        f"{subject.zh}太{feeling.zh}了，现在不能{activity.zh}",
    )


def first_then(draw: Draw) -> Phrase:
    """Tomorrow, we will first swim for an hour and then study Chinese."""
    first = draw.main([a for a in ACTIVITIES if a.en != "take photos"])
    second, subject = draw.main_other(ACTIVITIES, first), draw.any(SUBJECTS)
    length, when = calendar.span(draw.any((1, 2, 3)), Phrase("hour", "个小时")), calendar.soon(draw)
    return statement(
        f"{when.en}, {subject.en} will first {first.en} for {length.en} and then {second.en}",
        f"{when.zh}，{subject.zh}会先{first.verb.zh}{length.zh}{first.tail_zh}，然后{second.zh}",
    )


def job_and_language(draw: Draw) -> Phrase:
    """The lawyer who speaks Russian arrived three hours ago."""
    job, language = draw.main(JOBS), draw.main(LANGUAGES)
    number = draw.any(range(2, 12))
    unit = draw.any((Phrase("hours", "个小时"), Phrase("days", "天"), Phrase("minutes", "分钟")))
    came, zh = draw.any((("arrived", "到的"), ("left", "离开的"), ("called us", "给我们打电话的")))
    return statement(
        f"the {job.en} who speaks {language.en} {came} {numbers.english(number)} {unit.en} ago",
        f"会说{language.zh}的那位{job.zh}是{numbers.chinese_count(number)}{unit.zh}前{zh}",
    )


def _errand(draw: Draw, verb: Verb) -> tuple[Noun, str]:
    place, kinds = draw.any(_ERRANDS[verb.en])
    return draw.main(nouns(*kinds)), place


def _zh(place: str) -> str:
    return next(p.zh for p in places("public", "shop", "open") if p.en == place)


def _pronoun(subject: Subject) -> str:
    female = subject.zh.endswith(_FEMALE) or subject.en in _WOMEN
    return subject.en if subject.object_form else "they" if subject.agreement == "plural" else "she" if female else "he"


def _pronoun_zh(subject: Subject) -> str:
    return {"I": "我", "we": "我们", "they": "他们", "she": "她", "he": "他"}[_pronoun(subject)]
