"""Language codes: which text of a record is meant."""

from pathlib import Path

import pytest

from seqline.corpus.formats.sides import Sides, means
from seqline.errors import CorpusError

FILE = Path("memory.tmx")


@pytest.mark.parametrize(
    ("code", "wanted"),
    [("en", "en"), ("EN", "en"), ("en-US", "en"), ("en_GB", "en"), ("zh-CN", "zh"), ("zh-Hans-CN", "zh_Hans"),
     ("zh-CN", "zh_Hans"), ("zh-TW", "zh_Hant"), ("zh_HK", "zh_Hant"), ("sr@latin", "sr"), ("en_US.UTF-8", "en"),
     ("zh-CN", "zh-CN")],
)  # fmt: skip
def test_a_code_means_a_language(code: str, wanted: str) -> None:
    assert means(code, wanted)


@pytest.mark.parametrize(
    ("code", "wanted"),
    [("eng", "en"), ("e", "en"), ("en", "en-US"), ("zh-TW", "zh_Hans"), ("zh", "zh_Hans"), ("zh-CN", "zh_Hant"),
     ("zh-Hant-CN", "zh_Hans"),
     ("", "en"), ("-", "en"), ("pt-CN", "pt_Hans"), ("*all*", "en")],
)  # fmt: skip
def test_a_code_means_another_language(code: str, wanted: str) -> None:
    assert not means(code, wanted)


def test_the_very_code_wins_over_an_earlier_variant() -> None:
    texts = [("zh-TW", "電腦"), ("en-GB", "computer"), ("zh-CN", "电脑")]
    assert Sides(FILE, ("en", "zh-CN")).pick(texts) == ("computer", "电脑")


def test_of_several_variants_the_first_is_taken() -> None:
    texts = [("en-US", "color"), ("en-GB", "colour"), ("zh", "颜色")]
    assert Sides(FILE, ("en", "zh")).pick(texts) == ("color", "颜色")


def test_a_side_that_a_record_lacks_is_empty() -> None:
    sides = Sides(FILE, ("en", "zh"))
    assert sides.pick([("en", "one")]) == ("one", "")
    assert sides.pick([("fr", "un")]) == ("", "")
    assert sides.pick([("zh", "一")]) == ("", "一")
    sides.check()


def test_a_language_that_nowhere_stands_is_an_error_that_lists_the_others() -> None:
    sides = Sides(FILE, ("en", "zh"))
    sides.pick([("en-US", "one"), ("fr-FR", "un")])
    with pytest.raises(CorpusError, match=r"memory\.tmx: nothing is in 'zh'; languages found: 'en-US', 'fr-FR'; name"):
        sides.check()


def test_a_file_may_invent_codes_without_end() -> None:
    sides = Sides(FILE, ("en", "zh"))
    for number in range(1000):
        sides.pick([(f"x{number}" * 100, "text")])
    with pytest.raises(CorpusError) as caught:
        sides.check()
    assert len(str(caught.value)) < 1200
