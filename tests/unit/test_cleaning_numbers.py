"""Numbers in digits and in words, and which of them contradict each other."""

import pytest

from seqline.cleaning.numbers import disagreement
from seqline.cleaning.numerals import in_words, months


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twenty-one guns", 21),
        ("three hundred and five", 305),
        ("two million people", 2_000_000),
        ("a dozen eggs", 12),
        ("the third man", 3),
        ("zwölf monate", 12),
        ("三百五十人", 350),
        ("十二个月", 12),
        ("二十年", 20),
        ("两只猫", 2),
        ("一九八四年", 1984),
        ("三万五千", 35_000),
        ("一亿零五百万", 105_000_000),
        ("第三辑", 3),
    ],
)
def test_a_numeral_in_words_has_its_value(text: str, value: int) -> None:
    assert value in in_words(text)


def test_months_are_numbers() -> None:
    assert months("from march to october, im mai") == {3, 10, 5}


@pytest.mark.parametrize(
    "pair",
    [
        ("There are three cats and 2 dogs.", "有 3 只猫和 2 只狗。"),
        ("There are 3 cats and two dogs.", "有三只猫和 2 只狗。"),
        ("On July 28th, 1888.", "1888年7月28日。"),
        ("Am 4. März 1999", "1999年3月4日"),
        ("At 11 p.m. on 4 May", "5月4日23点"),
        ("It cost 3.6 million dollars in 1998.", "1998 年花了 360 万美元。"),
        ("more than $9 million", "900多万美元"),
        ("He killed 14,000 and took 11,000.", "杀死 1 万 4 千人，俘获 1 万 1 千人。"),
        ("A car of the 1920s.", "20 世纪 20 年代的汽车。"),
        ("in the early 1900's", "20世纪初，第1次"),
        ("The total is 18,000.", "总数是 18 , 000。"),
        ("Es kostet 3,5 Euro.", "要3.5欧元。"),
        ("PHP 8.2.0 or later", "PHP 8.2 或更高版本"),
        ("a rating above 3.0", "评分3以上"),
        ("He batted.280 in 1999.", "1999 年打击率是 0.280。"),
        ("Full-width digits: 42", "全角数字：４２"),
        ("Chapter 12", "该章"),
        ("It is 7:45.", "现在是7点45分。"),
    ],
    ids=lambda pair: pair[0],
)
def test_numbers_that_mean_the_same_agree(pair: tuple[str, str]) -> None:
    assert disagreement(*pair) is None


@pytest.mark.parametrize(
    ("pair", "shown"),
    [
        (("Room 12 is free.", "34 号房间空着。"), "12 / 34"),
        (("Port 1223 of 127.0.0.1", "127.0.0.1 的 1233 端口"), "1223 / 1233"),
        (("three of 5 cats", "5 只猫中的 4 只，共 7 只"), None),
        (("3 of 5 cats", "5 只猫中的 4 只"), "3 / 4"),
        (("Return 1 on success.", "成功时返回一个 7。"), "1 / 7"),
        (("It cost 3.6 million.", "花了 370 万。"), "3.6 / 370"),
        (("Founded in 1998", "成立于 1989 年"), "1998 / 1989"),
    ],
)
def test_numbers_that_contradict_each_other_are_shown(pair: tuple[str, str], shown: str | None) -> None:
    assert disagreement(*pair) == shown


def test_numbers_too_long_to_have_a_value_are_let_pass() -> None:
    assert disagreement("9" * 400, "8" * 400) is None
    assert disagreement("9" * 5000 + "万 4 千", "万" * 5000 + " 12") is not None
