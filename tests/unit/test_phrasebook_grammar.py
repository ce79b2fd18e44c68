import pytest

from seqline.corpus.phrasebook.grammar import calendar, clauses, morphology, numbers, phrases
from seqline.corpus.phrasebook.lexicon.adjectives import ADJECTIVES
from seqline.corpus.phrasebook.lexicon.nouns import noun
from seqline.corpus.phrasebook.lexicon.people import HE, ME, NAMES
from seqline.corpus.phrasebook.lexicon.times import SPANS
from seqline.corpus.phrasebook.lexicon.verbs import ACTIONS, ACTIVITIES
from seqline.corpus.phrasebook.words import Phrase

BUY = next(verb for verb in ACTIONS if verb.en == "buy")
SWIM = next(activity for activity in ACTIVITIES if activity.en == "swim")
NEW = next(adjective for adjective in ADJECTIVES if adjective.en == "new")
YESTERDAY, TOMORROW, PARIS = Phrase("yesterday", "昨天"), Phrase("tomorrow", "明天"), Phrase("in Paris", "在巴黎")


@pytest.mark.parametrize(
    ("number", "en", "zh"),
    [
        (2, "two", "二"),
        (12, "twelve", "十二"),
        (20, "twenty", "二十"),
        (105, "one hundred and five", "一百零五"),
        (115, "one hundred and fifteen", "一百一十五"),
        (200, "two hundred", "两百"),
        (350, "three hundred and fifty", "三百五十"),
        (1_005, "one thousand and five", "一千零五"),
        (2_000, "two thousand", "两千"),
        (10_500, "ten thousand five hundred", "一万零五百"),
        (22_000, "twenty-two thousand", "两万二千"),
        (25_000, "twenty-five thousand", "两万五千"),
        (120_000, "one hundred and twenty thousand", "十二万"),
        (3_500_000, "three million five hundred thousand", "三百五十万"),
        (20_000_000, "twenty million", "两千万"),
        (100_005_000, "one hundred million five thousand", "一亿零五千"),
        (250_000_000, "two hundred and fifty million", "两亿五千万"),
        (2_000_000_000, "two billion", "二十亿"),
    ],
)
def test_numbers_have_their_place_values_in_both_languages(number: int, en: str, zh: str) -> None:
    assert numbers.english(number) == en
    assert numbers.chinese(number) == zh


def test_two_is_liang_before_a_measure_word_and_er_in_twelve() -> None:
    assert phrases.counted(2, noun("cat")) == Phrase("two cats", "两只猫")
    assert phrases.counted(12, noun("cat")) == Phrase("twelve cats", "十二只猫")


def test_numbers_out_of_range_are_refused() -> None:
    for number in (-1, numbers.LIMIT):
        with pytest.raises(ValueError, match="outside"):
            numbers.chinese(number)


@pytest.mark.parametrize(
    ("number", "ordinal"), [(1, "first"), (3, "third"), (12, "twelfth"), (20, "twentieth"), (28, "twenty-eighth")]
)
def test_ordinals(number: int, ordinal: str) -> None:
    assert numbers.english_ordinal(number) == ordinal


@pytest.mark.parametrize(
    ("hour", "minute", "en", "zh"),
    [
        (7, 30, "half past seven in the morning", "早上七点半"),
        (9, 0, "nine o'clock in the morning", "上午九点"),
        (14, 0, "two o'clock in the afternoon", "下午两点"),
        (19, 40, "twenty to eight in the evening", "晚上七点四十分"),
        (20, 45, "a quarter to nine in the evening", "晚上八点三刻"),
        (13, 5, "five past one in the afternoon", "下午一点零五分"),
        (11, 50, "ten to twelve in the morning", "上午十一点五十分"),
    ],
)
def test_clock_times(hour: int, minute: int, en: str, zh: str) -> None:
    assert calendar.clock(hour, minute) == Phrase(en, zh)


def test_dates_money_and_spans() -> None:
    assert calendar.date(5, 3) == Phrase("the third of May", "五月三日")
    assert calendar.money(200, Phrase("yuan", "元")) == Phrase("two hundred yuan", "两百元")
    assert calendar.span(1, SPANS[1]) == Phrase("an hour", "一个小时")
    assert calendar.span(2, SPANS[1]) == Phrase("two hours", "两个小时")


@pytest.mark.parametrize(
    ("word", "third", "past", "ing"),
    [
        ("wash", "washes", "washed", "washing"),
        ("play", "plays", "played", "playing"),
        ("study", "studies", "studied", "studying"),
        ("write", "writes", "writed", "writing"),
        ("do", "does", "doed", "doing"),
        ("have dinner", "has dinner", "haved dinner", "having dinner"),
        ("run", "runs", "runned", "running"),
    ],
)
def test_verb_forms_by_rule(word: str, third: str, past: str, ing: str) -> None:
    assert (morphology.third_person(word), morphology.regular_past(word), morphology.gerund(word)) == (third, past, ing)


@pytest.mark.parametrize(
    ("word", "comparative", "superlative"),
    [
        ("big", "bigger", "biggest"),
        ("heavy", "heavier", "heaviest"),
        ("expensive", "more expensive", "most expensive"),
        ("good", "better", "best"),
    ],
)
def test_comparison_of_adjectives(word: str, comparative: str, superlative: str) -> None:
    assert (morphology.comparative(word), morphology.superlative(word)) == (comparative, superlative)


@pytest.mark.parametrize(
    ("word", "with_article"),
    [("egg", "an egg"), ("useful map", "a useful map"), ("hour", "an hour"), ("house", "a house")],
)
def test_the_article_follows_the_sound(word: str, with_article: str) -> None:
    assert morphology.with_article(word) == with_article


def test_plurals_by_rule() -> None:
    assert [morphology.plural(word) for word in ("box", "library", "boy", "watch")] == [
        "boxes", "libraries", "boys", "watches",
    ]  # fmt: skip


def test_an_adjective_stands_behind_the_unit_in_english() -> None:
    assert phrases.counted(1, noun("pair of shoes"), NEW) == Phrase("a pair of new shoes", "一双新鞋子")


def test_time_and_place_stand_before_the_chinese_verb() -> None:
    book = phrases.counted(1, noun("book"))
    assert clauses.did(NAMES[0], BUY, book, YESTERDAY, PARIS) == Phrase(
        "Tom bought a book in Paris yesterday", "汤姆昨天在巴黎买了一本书"
    )
    assert clauses.did_not(HE, BUY, phrases.that(noun("book")), YESTERDAY) == Phrase(
        "he did not buy that book yesterday", "他昨天没买那本书"
    )
    assert clauses.will(ME, BUY, book, TOMORROW) == Phrase("I will buy a book tomorrow", "我明天会买一本书")


def test_the_progressive_takes_the_place_into_its_zai() -> None:
    where = Phrase("in the sea", "在海里")
    assert clauses.is_doing(HE, SWIM, where) == Phrase("he is swimming in the sea", "他正在海里游泳")
