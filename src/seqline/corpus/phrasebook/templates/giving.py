"""Giving, putting and losing: two objects, 把, 被, and asking others to act."""

from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.grammar import calendar, phrases
from seqline.corpus.phrasebook.grammar.phrases import statement
from seqline.corpus.phrasebook.lexicon.nouns import noun, nouns
from seqline.corpus.phrasebook.lexicon.people import HE, ME, MY_RELATIVES, NAMES, OTHERS, SHE, SUBJECTS, TITLED, WE
from seqline.corpus.phrasebook.lexicon.places import CONTAINERS, RELATIONS, SUPPORTS
from seqline.corpus.phrasebook.lexicon.verbs import GIVING
from seqline.corpus.phrasebook.words import Noun, Phrase, Verb, listed

_RECEIVERS: Final = (*NAMES, *MY_RELATIVES, *TITLED)
_FEW: Final = (1, 1, 1, 2, 2, 3)
_PUT: Final = (Verb("put", "放", (), "put"), Verb("leave", "忘", (), "left"), Verb("hide", "藏", (), "hid", "hidden"))
_PORTABLE: Final = ("book", "press", "reference", "paper", "small", "token", "gift", "headwear")
_SWITCHED: Final = listed("""
    open the door 门打开 | close the door 门关上 | open the window 窗户打开 | close the window 窗户关上 |
    turn on the light 灯打开 | turn off the light 灯关掉 | turn on the computer 电脑打开 |
    turn off the television 电视关掉 | clean the room 房间打扫干净 | wash the dishes 碗洗干净 |
    finish the homework 作业做完 | return the books 书还回去
""")
_HARM: Final = listed("""
    stolen 偷走 | borrowed 借走 | sold 卖掉 | found 找到 | repaired 修好 | broken 弄坏 | washed 洗干净
""")
_HARMED: Final = {"repaired": ("transport",), "broken": ("small",), "washed": ("worn",)}


def gave(draw: Draw) -> Phrase:
    """Yesterday I lent Tom two books."""
    verb = draw.main(GIVING)
    thing = draw.main(nouns(*verb.objects))
    giver = draw.any(SUBJECTS)
    receiver = draw.other(_RECEIVERS, giver)
    amount, when = phrases.counted(draw.any(_FEW), thing), calendar.past_moment(draw)
    return statement(
        f"{giver.en} {verb.past} {receiver.object_en} {amount.en} {when.en}",
        f"{giver.zh}{when.zh}{verb.zh}{receiver.zh}{amount.zh}",
    )


def gave_me(draw: Draw) -> Phrase:
    """Anna will send us three letters next week."""
    verb = draw.main(GIVING)
    thing = draw.main(nouns(*verb.objects))
    amount, when, giver = phrases.counted(draw.any(_FEW), thing), calendar.soon(draw), draw.any(OTHERS[:-2])
    me = draw.any((ME, HE, SHE, WE))
    return statement(
        f"{giver.en} will {verb.en} {me.object_en} {amount.en} {when.en}",
        f"{giver.zh}{when.zh}会{verb.zh}{me.zh}{amount.zh}",
    )


def put_somewhere(draw: Draw) -> Phrase:
    """He left the keys under the sofa."""
    verb, thing, where = _placement(draw)
    subject = draw.any(SUBJECTS)
    return statement(
        f"{subject.en} {verb.past} the {thing.en} {where.en}", f"{subject.zh}把{thing.zh}{verb.zh}在了{where.zh}"
    )


def please_put(draw: Draw) -> Phrase:
    """Please put the umbrella behind the door."""
    _, thing, where = _placement(draw)
    polite, please = draw.any((("please put", "请把"), ("do not put", "别把"), ("do not forget to put", "别忘了把")))
    return statement(f"{polite} the {thing.en} {where.en}", f"{please}{thing.zh}放在{where.zh}")


def ask_to(draw: Draw) -> Phrase:
    """My mother asked Tom to close the window."""
    asked, zh = draw.any((("asked", "让"), ("told", "叫"), ("helped", "帮")))
    task = draw.main(_SWITCHED)
    asker = draw.main(OTHERS[:-2])
    other = draw.other((*NAMES, ME, HE, SHE), asker)
    return statement(f"{asker.en} {asked} {other.object_en} to {task.en}", f"{asker.zh}{zh}{other.zh}把{task.zh}")


def has_done_task(draw: Draw) -> Phrase:
    """She forgot to turn off the light last night."""
    task, subject = draw.main(_SWITCHED), draw.main(SUBJECTS)
    when = calendar.recently(draw)
    forgot, zh = draw.any((("forgot to", "忘了"), ("did not", "没"), ("had to", "不得不")))
    return statement(f"{subject.en} {forgot} {task.en} {when.en}", f"{subject.zh}{when.zh}{zh}把{task.zh}")


def was_harmed(draw: Draw) -> Phrase:
    """My camera was stolen last week."""
    harm = draw.main(_HARM)
    thing = draw.main(nouns("vehicle", "device", "instrument", *_HARMED.get(harm.en, ("luggage", "small"))))
    owner, when = draw.any((ME, *NAMES, *MY_RELATIVES)), calendar.past_moment(draw)
    what = phrases.owned(owner, thing)
    return statement(f"{what.en} was {harm.en} {when.en}", f"{what.zh}{when.zh}被{harm.zh}了")


def eaten_by_animal(draw: Draw) -> Phrase:
    """Three cakes were eaten by that dog."""
    animal = draw.main([noun for noun in nouns("animal") if noun.en not in ("cat", "tiger")])
    food = draw.main(nouns("food"))
    amount = phrases.counted(draw.any((1, 2, 3, 4, 5)), food)
    be = "was" if amount.en.startswith(("a ", "an ")) else "were"
    return statement(
        f"{amount.en} {be} eaten by that {animal.en}", f"有{amount.zh}被那{animal.measure}{animal.zh}吃掉了"
    )


def _placement(draw: Draw) -> tuple[Verb, Noun, Phrase]:
    verb, thing = draw.any(_PUT), draw.main(nouns(*_PORTABLE))
    if thing != noun("hat") and draw.chance(0.4):
        inside = draw.main(CONTAINERS)
        return verb, thing, Phrase(f"in the {inside.en}", f"{inside.zh}里")
    return verb, thing, phrases.spot(draw.any(RELATIONS), draw.main(SUPPORTS))
