"""Who people are: work, origin, languages, age, family, possession."""

from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.grammar import calendar, numbers
from seqline.corpus.phrasebook.grammar.morphology import plural, with_article
from seqline.corpus.phrasebook.grammar.phrases import question, statement
from seqline.corpus.phrasebook.lexicon.nouns import nouns
from seqline.corpus.phrasebook.lexicon.people import (
    COMPANIONS,
    HE,
    JOBS,
    KIN,
    LANGUAGES,
    ME,
    MY_RELATIVES,
    NAMES,
    OTHERS,
    RELATIVES,
    SHE,
    SUBJECTS,
    TITLED,
    YOU,
)
from seqline.corpus.phrasebook.lexicon.places import CITIES, COUNTRIES, TRANSPORT, places
from seqline.corpus.phrasebook.lexicon.times import REGULARLY
from seqline.corpus.phrasebook.words import Phrase

_OWNERS: Final = (ME, HE, SHE, *NAMES, *MY_RELATIVES, *TITLED)
_OWNED: Final = nouns(
    "book", "reference", "worn", "headwear", "small", "token", "device", "instrument", "luggage", "vehicle"
)
_ADULT: Final = range(35, 65)
_AGES: Final = {
    "grand": range(60, 95), "mother": _ADULT, "father": _ADULT, "mum": _ADULT, "dad": _ADULT, "uncle": _ADULT,
    "aunt": _ADULT, "son": range(3, 20), "daughter": range(3, 20),
}  # fmt: skip
_AGED: Final = (
    ("is {} years old", "{}岁了"),
    ("will be {} years old next year", "明年{}岁"),
    ("is not yet {} years old", "还不到{}岁"),
)
_WORKPLACES: Final = places("public", "shop", "work")


def has_job(draw: Draw) -> Phrase:
    """My uncle is not a lawyer."""
    subject, job = draw.main(OTHERS), draw.main(JOBS)
    be, zh = draw.any((("is", "是"), ("is not", "不是"), ("used to be", "以前是"), ("wants to become", "想当")))
    return statement(
        f"{subject.en} {be} {with_article(job.en)}", f"{subject.zh}{zh}{'' if be == 'is not' else '一名'}{job.zh}"
    )


def is_kin_and_job(draw: Draw) -> Phrase:
    """Tom's father is a doctor, but my aunt is a nurse."""
    owner, kin = draw.any(NAMES), draw.main(KIN)
    job, second = draw.main(JOBS), draw.any(MY_RELATIVES)
    other = draw.other(JOBS, job)
    return statement(
        f"{owner.possessive_en} {kin.en} is {with_article(job.en)}, but {second.en} is {with_article(other.en)}",
        f"{owner.zh}的{kin.zh}是{job.zh}，但是{second.zh}是{other.zh}",
    )


def works_in(draw: Draw) -> Phrase:
    """Peter works in a bank in Vienna."""
    place, city = draw.main(_WORKPLACES), draw.main(CITIES)
    subject = draw.any(OTHERS)
    return statement(
        f"{subject.en} works {place.preposition} {with_article(place.en)} in {city.en}",
        f"{subject.zh}在{city.zh}的一{place.measure}{place.zh}工作",
    )


def comes_from(draw: Draw) -> Phrase:
    """Professor Smith comes from Canada but works in Tokyo."""
    subject, country = draw.main((*NAMES, *MY_RELATIVES, *COMPANIONS, *TITLED)), draw.main(COUNTRIES)
    city = draw.any(CITIES)
    now, zh = draw.any((("now lives", "现在住在{}"), ("grew up", "在{}长大"), ("works", "在{}工作")))
    return statement(
        f"{subject.en} comes from {country.en} but {now} in {city.en}",
        f"{subject.zh}来自{country.zh}，但是{zh.format(city.zh)}",
    )


def speaks_languages(draw: Draw) -> Phrase:
    """Laura speaks French and a little Japanese."""
    subject, first = draw.any(SUBJECTS), draw.main(LANGUAGES)
    second = draw.main_other(LANGUAGES, first)
    link, zh = draw.any(
        (("and", "会说{}和{}"), ("but not", "会说{}，但是不会说{}"), ("and a little", "会说{}和一点儿{}"))
    )
    speak = "speaks" if subject.agreement == "third" else "speak"
    return statement(
        f"{subject.en} {speak} {first.en} {link} {second.en}", f"{subject.zh}{zh.format(first.zh, second.zh)}"
    )


def has_studied_for(draw: Draw) -> Phrase:
    """I have been studying Russian for three years."""
    subject, language = draw.any(SUBJECTS), draw.main(LANGUAGES)
    number = draw.main_number((1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
    length = calendar.span(number, draw.any((Phrase("year", "年"), Phrase("month", "个月"))))
    return statement(
        f"{subject.en} {subject.have} been studying {language.en} for {length.en}",
        f"{subject.zh}学{language.zh}已经学了{length.zh}了",
    )


def has_lived_for(draw: Draw) -> Phrase:
    """My parents have lived in Madrid for twelve years."""
    subject, city = draw.any(SUBJECTS), draw.main(CITIES)
    length = calendar.span(draw.main_number((1, 2, 3, 4, 5, 8, 10, 12, 15, 20, 25)), Phrase("year", "年"))
    return statement(
        f"{subject.en} {subject.have} lived in {city.en} for {length.en}",
        f"{subject.zh}在{city.zh}已经住了{length.zh}了",
    )


def was_born_in(draw: Draw) -> Phrase:
    """She was born in Berlin in 1985."""
    city, year = draw.main(CITIES), draw.main_number(range(1950, 2020))
    subject = draw.any(SUBJECTS)
    return statement(f"{subject.en} {subject.was} born in {city.en} in {year}", f"{subject.zh}{year}年出生在{city.zh}")


def is_years_old(draw: Draw) -> Phrase:
    """Her grandfather is seventy-eight years old."""
    subject = draw.main((*NAMES, *RELATIVES, *COMPANIONS))
    age = draw.any(next((ages for word, ages in _AGES.items() if word in subject.en), range(18, 60)))
    draw.main_number((age // 10,))
    tail, zh = draw.any(_AGED)
    return statement(f"{subject.en} {tail.format(numbers.english(age))}", subject.zh + zh.format(numbers.chinese(age)))


def is_years_older(draw: Draw) -> Phrase:
    """Helen is two years younger than my aunt."""
    first = draw.main((*NAMES, *MY_RELATIVES))
    second = draw.main_other((*NAMES, *MY_RELATIVES), first)
    number = draw.any(range(2, 13))
    word, zh = draw.any((("older", "大{}岁"), ("younger", "小{}岁")))
    return statement(
        f"{first.en} is {numbers.english(number)} years {word} than {second.en}",
        f"{first.zh}比{second.zh}{zh.format(numbers.chinese_count(number))}",
    )


def has_kin(draw: Draw) -> Phrase:
    """Martin has two younger sisters and three sons."""
    siblings = [kin for kin in KIN if kin.en.startswith(("older", "younger"))]
    first, second = (
        draw.main(siblings),
        draw.main([kin for kin in KIN if kin.en in ("son", "daughter", "uncle", "aunt")]),
    )
    subject, number, other = draw.any(SUBJECTS), draw.any((1, 2, 3, 4)), draw.any((1, 2, 3))
    return statement(
        f"{subject.en} {subject.have} {_kin_en(number, first)} and {_kin_en(other, second)}",
        f"{subject.zh}有{numbers.chinese_count(number)}个{first.zh}和{numbers.chinese_count(other)}个{second.zh}",
    )


def this_is_owned(draw: Draw) -> Phrase:
    """This is not my umbrella."""
    owner, noun = draw.main(_OWNERS), draw.main(_OWNED)
    be, zh = draw.any((("this is", "这是"), ("that is", "那是"), ("this is not", "这不是"), ("that is not", "那不是")))
    return statement(f"{be} {owner.possessive_en} {noun.en}", f"{zh}{owner.zh}的{noun.zh}")


def whose(draw: Draw) -> Phrase:
    """Is this bag yours or Anna's?"""
    owner, noun = draw.main(NAMES), draw.main(_OWNED)
    mine, zh = draw.any((("yours", YOU.zh), ("his", HE.zh), ("hers", SHE.zh)))
    return question(
        f"is this {noun.en} {mine} or {owner.possessive_en}", f"这{noun.measure}{noun.zh}是{zh}的还是{owner.zh}的"
    )


def goes_to_work(draw: Draw) -> Phrase:
    """My daughter goes to the library on foot every day."""
    way, place = draw.main(TRANSPORT), draw.main(places("public", "work"))
    subject, when = draw.any(SUBJECTS), draw.any(REGULARLY)
    go = "goes" if subject.agreement == "third" else "go"
    return statement(
        f"{subject.en} {go} to the {place.en} {way.en} {when.en}", f"{subject.zh}{when.zh}{way.zh}去{place.zh}"
    )


def _kin_en(number: int, kin: Phrase) -> str:
    return with_article(kin.en) if number == 1 else f"{numbers.english(number)} {plural(kin.en)}"
