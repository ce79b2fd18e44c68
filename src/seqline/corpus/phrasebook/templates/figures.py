"""Prices, large numbers, percentages, dates and times of day."""

from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.grammar import calendar, numbers, phrases
from seqline.corpus.phrasebook.grammar.phrases import question, statement
from seqline.corpus.phrasebook.lexicon.adjectives import adjectives
from seqline.corpus.phrasebook.lexicon.nouns import nouns
from seqline.corpus.phrasebook.lexicon.people import NAMES, OTHERS, SUBJECTS, TITLED
from seqline.corpus.phrasebook.lexicon.places import CITIES, places
from seqline.corpus.phrasebook.lexicon.times import WEEKDAYS
from seqline.corpus.phrasebook.words import Phrase, Verb, listed

_PRICED: Final = nouns(
    "book", "reference", "press", "worn", "headwear", "footwear", "trousers", "gloves", "small", "vehicle", "device",
    "furniture", "instrument", "luggage", "food", "meal", "drink", "building",
)  # fmt: skip
_REDUCED: Final = tuple(noun for noun in _PRICED if noun.kind not in ("food", "meal", "drink", "building", "press"))
_POPULATIONS: Final = (
    12_000, 25_000, 48_000, 60_000, 150_000, 200_000, 350_000, 500_000, 800_000, 1_200_000, 2_000_000, 3_500_000,
    6_000_000, 8_500_000, 12_000_000, 20_000_000, 24_000_000,
)  # fmt: skip
_SALES: Final = (
    300, 450, 1_200, 2_000, 3_600, 8_000, 10_000, 15_000, 22_000, 40_000, 75_000, 100_000, 250_000, 600_000, 1_000_000,
    3_000_000, 40_000_000, 100_000_000, 250_000_000,
)  # fmt: skip
_SUMS: Final = (3_000_000, 7_500_000, 20_000_000, 50_000_000, 100_000_000, 300_000_000, 2_000_000_000)
_FIRMS: Final = listed("our company 我们公司 | this factory 这家工厂 | that company 那家公司")
_YEARS: Final = listed("last year 去年 | last month 上个月 | last week 上周")
_EVENTS: Final = listed("""
    the meeting 会议 | the exam 考试 | the concert 音乐会 | the party 聚会 | the first lesson 第一节课 |
    the wedding 婚礼 | the match 比赛
""")
_COMMON: Final = listed("""
    speak English 会说英语 | live in Beijing 住在北京 | drink coffee 喝咖啡 | play football 踢足球 |
    come from China 来自中国
""")
_HABITS: Final = {
    Verb("get up", "起床"): range(6, 11), Verb("have breakfast", "吃早饭"): range(6, 11),
    Verb("have dinner", "吃晚饭"): range(17, 22), Verb("go to bed", "睡觉"): range(20, 23),
}  # fmt: skip
_OPENING: Final = places("shop", "public")


def costs(draw: Draw) -> Phrase:
    """This coat costs three hundred and fifty yuan."""
    noun = draw.main(_PRICED)
    pointed = draw.any((phrases.this, phrases.that))(noun)
    amount = calendar.price(draw, noun.kind)
    draw.main((amount,))
    return statement(f"{pointed.en} costs {amount.en}", f"{pointed.zh}要{amount.zh}")


def how_much(draw: Draw) -> Phrase:
    """How much is this beautiful coat?"""
    noun = draw.main([noun for noun in _PRICED if adjectives(noun.kind)])
    adjective = draw.main(adjectives(noun.kind))
    pointed, zh = draw.any((("this", "这"), ("that", "那")))
    return question(
        f"how much is {pointed} {phrases.described(noun.en, adjective)}",
        f"{zh}{noun.measure}{adjective.attributive}{noun.zh}多少钱",
    )


def paid_for(draw: Draw) -> Phrase:
    """My aunt paid eighty euros for two shirts."""
    noun, number = draw.main(_PRICED), draw.any((1, 2, 3))
    subject, amount = draw.any(SUBJECTS), calendar.price(draw, noun.kind)
    draw.main((amount,))
    bought = phrases.counted(number, noun)
    return statement(f"{subject.en} paid {amount.en} for {bought.en}", f"{subject.zh}花{amount.zh}买了{bought.zh}")


def is_cheaper_by(draw: Draw) -> Phrase:
    """This watch is fifty dollars cheaper than that one."""
    noun = draw.main(_PRICED)
    amount = calendar.price(draw, noun.kind)
    word, zh = draw.any((("cheaper", "便宜"), ("more expensive", "贵")))
    draw.main((amount,))
    return statement(
        f"this {noun.en} is {amount.en} {word} than that one",
        f"这{noun.measure}{noun.zh}比那{noun.measure}{zh}{amount.zh}",
    )


def percent_off(draw: Draw) -> Phrase:
    """This sofa is thirty percent off this week: Chinese names the seven tenths that remain, 打七折."""
    noun, tenth = draw.main(_REDUCED), draw.main_number(range(1, 9))
    pointed = draw.any((phrases.this, phrases.that))(noun)
    when = draw.any((("this week", "这周"), ("today", "今天"), ("this month", "这个月")))
    return statement(
        f"{pointed.en} is {numbers.english(10 * tenth)} percent off {when[0]}",
        f"{pointed.zh}{when[1]}打{numbers.chinese(10 - tenth)}折",
    )


def population(draw: Draw) -> Phrase:
    """There are about three million five hundred thousand people in Berlin."""
    city, number = draw.main(CITIES), draw.main_number(_POPULATIONS)
    about, zh = draw.any((("about", "大约有{}"), ("more than", "有{}多"), ("almost", "有将近{}")))
    who = draw.any(
        (
            Phrase("people", "人"),
            Phrase("tourists", "名游客"),
            Phrase("students", "名学生"),
            Phrase("children", "个孩子"),
        )
    )
    return statement(
        f"there are {about} {numbers.english(number)} {who.en} in {city.en}",
        f"{city.zh}{zh.format(numbers.chinese(number))}{who.zh}",
    )


def sold_many(draw: Draw) -> Phrase:
    """Our company sold twenty-two thousand cars last year."""
    verb = draw.any(
        (
            Verb("sell", "卖", (), "sold"),
            Verb("make", "生产", (), "made"),
            Verb("repair", "修理"),
            Verb("buy", "买", (), "bought"),
        )
    )
    noun = draw.main(nouns("vehicle", "transport", "device", "furniture", "small"))
    number = draw.main_number(_SALES)
    firm, when = draw.any(_FIRMS), draw.any(_YEARS)
    amount = phrases.counted(number, noun)
    return statement(f"{firm.en} {verb.past} {amount.en} {when.en}", f"{firm.zh}{when.zh}{verb.zh}了{amount.zh}")


def building_cost(draw: Draw) -> Phrase:
    """The new hospital in Rome cost three hundred million euros."""
    place, city = draw.main(places("public")), draw.main(CITIES)
    currency = draw.any((Phrase("dollars", "美元"), Phrase("euros", "欧元"), Phrase("yuan", "元")))
    amount = calendar.money(draw.any(_SUMS), currency)
    new, zh = draw.any((("new", "的新"), ("biggest", "最大的")))
    return statement(f"the {new} {place.en} in {city.en} cost {amount.en}", f"{city.zh}{zh}{place.zh}花了{amount.zh}")


def percent_of(draw: Draw) -> Phrase:
    """Sixty percent of the students speak English."""
    person, number = draw.main(nouns("person")), draw.main_number(range(10, 100, 5))
    what = draw.any(_COMMON)
    return statement(
        f"{numbers.english(number)} percent of the {person.plural} {what.en}",
        f"百分之{numbers.chinese(number)}的{person.zh}{what.zh}",
    )


def event_is_on(draw: Draw) -> Phrase:
    """The concert is on Friday, the fifth of June."""
    event, day = draw.main(_EVENTS), draw.any(WEEKDAYS)
    date = calendar.some_date(draw)
    return statement(f"{event.en} is on {day.en}, {date.en}", f"{event.zh}在{date.zh}，星期{day.zh}")


def event_begins(draw: Draw) -> Phrase:
    """The lesson begins at a quarter to nine in the morning."""
    event, time = draw.main(_EVENTS), calendar.some_clock(draw, range(7, 22))
    verb, zh = draw.any((("begins", "开始"), ("ends", "结束"), ("will begin", "会开始"), ("did not begin", "没开始")))
    begun = {"会开始": f"会在{time.zh}开始", "没开始": f"没有在{time.zh}开始"}.get(zh, f"{time.zh}{zh}")
    return statement(f"{event.en} {verb} at {time.en}", f"{event.zh}{begun}")


def place_opens(draw: Draw) -> Phrase:
    """The bank opens at nine o'clock in the morning."""
    place = draw.main(_OPENING)
    opens, zh, hours = draw.any((("opens", "开门", range(6, 12)), ("closes", "关门", range(16, 23))))
    time = calendar.some_clock(draw, hours)
    day = draw.any(WEEKDAYS)
    return statement(f"on {day.en}, the {place.en} {opens} at {time.en}", f"星期{day.zh}，{place.zh}{time.zh}{zh}")


def train_leaves(draw: Draw) -> Phrase:
    """The train to Shanghai leaves at half past seven in the evening."""
    city, time = draw.main(CITIES), calendar.some_clock(draw, range(6, 23))
    craft, zh, leaves = draw.any((("train", "火车", "开"), ("plane", "飞机", "起飞"), ("bus", "公共汽车", "开")))
    return statement(f"the {craft} to {city.en} leaves at {time.en}", f"去{city.zh}的{zh}{time.zh}{leaves}")


def what_time(draw: Draw) -> Phrase:
    """What time does the train from Paris arrive in Madrid?"""
    craft = draw.any((Phrase("train", "火车"), Phrase("plane", "飞机"), Phrase("bus", "公共汽车")))
    first = draw.main(CITIES)
    second = draw.main_other(CITIES, first)
    return question(
        f"what time does the {craft.en} from {first.en} arrive in {second.en}",
        f"从{first.zh}来的{craft.zh}几点到{second.zh}",
    )


def birthday(draw: Draw) -> Phrase:
    """Anna's birthday is on the second of October."""
    subject = draw.main((*SUBJECTS[:5], *NAMES, *OTHERS[21:63], *TITLED))
    date = calendar.some_date(draw)
    return statement(f"{subject.possessive_en} birthday is on {date.en}", f"{subject.zh}的生日是{date.zh}")


def room_number(draw: Draw) -> Phrase:
    """Mr Chen is in room 305 on the third floor."""
    subject, floor = draw.main((*NAMES, *TITLED)), draw.main_number(range(2, 13))
    door = draw.any(range(1, 21))
    number = 100 * floor + door
    return statement(
        f"{subject.en} is in room {number} on the {numbers.english_ordinal(floor)} floor",
        f"{subject.zh}在{numbers.chinese(floor)}楼的{number}号房间",
    )


def gets_up(draw: Draw) -> Phrase:
    """He usually gets up at ten to seven in the morning."""
    verb = draw.main(tuple(_HABITS))
    hours, subject = _HABITS[verb], draw.any(SUBJECTS)
    time = calendar.some_clock(draw, hours)
    return statement(
        f"{subject.en} usually {subject.present(verb)} at {time.en}", f"{subject.zh}通常{time.zh}{verb.zh}"
    )
