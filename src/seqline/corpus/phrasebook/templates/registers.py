"""Requests and offers, formal and casual: the English shows which, so 您 or 你 is never a guess."""

from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.grammar import calendar, phrases
from seqline.corpus.phrasebook.grammar.morphology import with_article
from seqline.corpus.phrasebook.grammar.phrases import exclamation, question, statement
from seqline.corpus.phrasebook.lexicon.nouns import DRINKS, FOODS, nouns
from seqline.corpus.phrasebook.lexicon.people import LANGUAGES, NAMES, PRONOUNS, TITLED
from seqline.corpus.phrasebook.lexicon.places import BETWEEN_PLACES, CITIES, TRANSPORT, places
from seqline.corpus.phrasebook.words import Noun, Phrase, Subject, listed

_FORMAL: Final = (Subject("sir", "先生"), Subject("madam", "女士"), *TITLED)
_WAYS: Final = places("public", "shop", "open")
_LENT: Final = nouns("small", "device", "reference")
_MISLAID: Final = nouns("small", "reference", "token", "luggage")
_SERVED: Final = nouns("meal", "drink", "food")
_FAVOURS: Final = listed("""
    fill in this form 填一下这张表格 | sign here 在这里签名 | show me your passport 出示一下护照 |
    wait a moment 稍等一下 | speak more slowly 说慢一点儿 | follow me 跟我来 | come with us 跟我们来 |
    help me 帮帮我 | sit down 坐下 | say that again 再说一遍 | write down the address 写下地址 |
    turn off the phone 关掉手机 | close the door 关上门 | be quiet 安静一点儿 | drive more slowly 开慢一点儿
""")
_FORBIDDEN: Final = listed("""
    smoke 吸烟 | take photos 拍照 | make a phone call 打电话 | run 跑步 | eat or drink 吃东西 |
    play football 踢足球 | sing 唱歌 | talk loudly 大声说话
""")


def formal_where(draw: Draw) -> Phrase:
    """Excuse me, sir, could you tell me where the nearest bank is?"""
    guest, place = draw.main(_FORMAL), draw.main(_WAYS)
    near, zh = draw.any((("the nearest", "最近的"), ("the", "")))
    return question(
        f"excuse me, {guest.en}, could you tell me where {near} {place.en} is",
        f"{guest.zh}，请问您知道{zh}{place.zh}在哪里吗",
    )


def casual_where(draw: Draw) -> Phrase:
    """Hey Tom, do you know where the post office is?"""
    friend, place = draw.main(NAMES), draw.main(_WAYS)
    near, zh = draw.any((("the nearest", "最近的"), ("the", "")))
    return question(
        f"hey {friend.en}, do you know where {near} {place.en} is", f"嘿，{friend.zh}，你知道{zh}{place.zh}在哪里吗"
    )


def formal_favour(draw: Draw) -> Phrase:
    """Madam, would you please wait a moment?"""
    guest, favour = draw.main(_FORMAL), draw.main(_FAVOURS)
    if draw.chance(0.5):
        return question(f"{guest.en}, would you please {favour.en}", f"{guest.zh}，能不能请您{favour.zh}")
    return statement(f"{guest.en}, please {favour.en}", f"{guest.zh}，请您{favour.zh}")


def casual_favour(draw: Draw) -> Phrase:
    """Hey Lucy, help me!"""
    friend, favour = draw.main(NAMES), draw.main(_FAVOURS)
    hey, zh = draw.any((("hey {}, {}", "嘿，{}，{}"), ("{}, {}", "{}，{}"), ("come on, {}, {}", "快点儿，{}，{}")))
    return exclamation(hey.format(friend.en, favour.en), zh.format(friend.zh, favour.zh))


def formal_offer(draw: Draw) -> Phrase:
    """Mr Wang, would you like a cup of tea?"""
    guest, dish = draw.main(_FORMAL), draw.main(_SERVED)
    amount = phrases.counted(draw.any((1, 1, 2)), dish)
    return question(f"{guest.en}, would you like {amount.en}", f"{guest.zh}，您想{_take(dish)}{amount.zh}吗")


def casual_offer(draw: Draw) -> Phrase:
    """Do you want a sandwich, Jack?"""
    friend, dish = draw.main(NAMES), draw.main(_SERVED)
    amount = phrases.counted(draw.any((1, 1, 2)), dish)
    return question(f"do you want {amount.en}, {friend.en}", f"{friend.zh}，你要{_take(dish)}{amount.zh}吗")


def ordering(draw: Draw) -> Phrase:
    """I would like two bowls of noodles and a bottle of beer, please."""
    dish, drink = draw.main(nouns("meal", "food")), draw.main(nouns("drink"))
    first, second = (phrases.counted(draw.any((1, 2, 3, 4)), noun) for noun in (dish, drink))
    guest, zh = draw.any(
        (
            ("I would like", "我想要{}和{}，谢谢"),
            ("we would like", "我们想要{}和{}，谢谢"),
            ("bring us", "请给我们来{}和{}"),
        )
    )
    return statement(f"{guest} {first.en} and {second.en}, please", zh.format(first.zh, second.zh))


def sold_out(draw: Draw) -> Phrase:
    """I am sorry, sir, but the fish is sold out."""
    guest, food = draw.main(_FORMAL), draw.main((*FOODS, *DRINKS))
    be = "are" if food.en in ("noodles", "dumplings", "vegetables", "eggs") else "is"
    return statement(
        f"I am sorry, {guest.en}, but the {food.en} {be} sold out", f"对不起，{guest.zh}，{food.zh}已经卖完了"
    )


def may_i_use(draw: Draw) -> Phrase:
    """May I use your pen, madam?"""
    guest, thing = draw.main(_FORMAL), draw.main(_LENT)
    if draw.chance(0.5):
        return question(f"may I use your {thing.en}, {guest.en}", f"{guest.zh}，我可以用一下您的{thing.zh}吗")
    return question(f"may I see your {thing.en}, {guest.en}", f"{guest.zh}，我可以看一下您的{thing.zh}吗")


def can_i_use(draw: Draw) -> Phrase:
    """Hey, can I use your computer, Emma?"""
    friend, thing = draw.main(NAMES), draw.main(_LENT)
    return question(f"hey, can I use your {thing.en}, {friend.en}", f"嘿，{friend.zh}，我能用一下你的{thing.zh}吗")


def not_allowed(draw: Draw) -> Phrase:
    """Please do not take photos in the museum."""
    act, place = draw.main(_FORBIDDEN), draw.main(places("public", "shop", "room"))
    where = phrases.at(place)
    do_not, zh = draw.any((("please do not", "请不要"), ("you must not", "你不可以"), ("do not", "别")))
    return statement(f"{do_not} {act.en} {where.en}", f"{zh}{where.zh}{act.zh}")


def letter(draw: Draw) -> Phrase:
    """Dear Professor Chen, thank you for the book that you sent us last week."""
    reader, thing = draw.main(TITLED), draw.main(nouns("book", "paper", "gift", "reference"))
    when = calendar.past_moment(draw)
    return statement(
        f"dear {reader.en}, thank you for the {thing.en} that you sent us {when.en}",
        f"尊敬的{reader.zh}，感谢您{when.zh}寄给我们的{thing.zh}",
    )


def invitation(draw: Draw) -> Phrase:
    """Dear Ms Li, we look forward to seeing you in Vienna on the third of May."""
    reader, city = draw.main(TITLED), draw.main(CITIES)
    date = calendar.some_date(draw)
    return statement(
        f"dear {reader.en}, we look forward to seeing you in {city.en} on {date.en}",
        f"尊敬的{reader.zh}，我们期待{date.zh}在{city.zh}与您见面",
    )


def suggestion(draw: Draw) -> Phrase:
    """Let us go to the zoo by underground tomorrow."""
    way, place = draw.main(TRANSPORT), draw.main(_WAYS)
    when = calendar.soon(draw)
    return statement(f"let us go to the {place.en} {way.en} {when.en}", f"我们{when.zh}{way.zh}去{place.zh}吧")


def directions(draw: Draw) -> Phrase:
    """Sir, the pharmacy that you are looking for is behind the bank."""
    first = draw.main(_WAYS)
    second, relation = draw.main_other(_WAYS, first), draw.any(BETWEEN_PLACES)
    guest = draw.any(_FORMAL[:2])
    return statement(
        f"{guest.en}, the {first.en} that you are looking for is {relation.en} the {second.en}",
        f"{guest.zh}，您要找的{first.zh}在{second.zh}{relation.zh}",
    )


def teach_me(draw: Draw) -> Phrase:
    """Could you teach me Chinese, Mr Liu?"""
    teacher, language = draw.main(TITLED), draw.main(LANGUAGES)
    pupil = draw.any(PRONOUNS)
    return question(
        f"could you teach {pupil.object_en} {language.en}, {teacher.en}",
        f"{teacher.zh}，您能教{pupil.zh}{language.zh}吗",
    )


def what_was_lost(draw: Draw) -> Phrase:
    """Sir, did you lose an umbrella or a map?"""
    first = draw.main(_MISLAID)
    second, guest = draw.main_other(_MISLAID, first), draw.any(_FORMAL[:2])
    return question(
        f"{guest.en}, did you lose {with_article(first.en)} or {with_article(second.en)}",
        f"{guest.zh}，您丢的是{first.zh}还是{second.zh}",
    )


def _take(dish: Noun) -> str:
    return "喝" if dish.kind == "drink" else "吃"
