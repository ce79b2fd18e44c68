"""Repairs that every pair gets."""

import polars as pl
import pytest
from raw_corpora import params

from seqline.cleaning.language import language
from seqline.cleaning.normalise import normalised

STEPS = params().clean.normalise


def clean(text: str, code: str = "zh", **changes: bool | str) -> str:
    steps = STEPS.model_copy(update=changes)
    frame = pl.DataFrame({"target": [text, "untouched"]}).select(normalised("target", language(code), steps))
    assert frame["target"][1] == "untouched"
    return str(frame["target"][0])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("你好, 世界!", "你好，世界！"),
        ("真的吗?", "真的吗？"),
        ("例如: 这样; 那样", "例如：这样；那样"),
        ("他走了. 她也走了.", "他走了。她也走了。"),
        ("函数 (默认) 返回值", "函数（默认）返回值"),
        ("(参见文档)", "（参见文档）"),
        ("print(x) 和 f(文件)", "print(x) 和 f(文件)"),
        ("版本 3.5, 共 1,000 个", "版本 3.5, 共 1,000 个"),
        ("等等...", "等等..."),
        ("是??", "是??"),
        ("他说“好”, 就走了", "他说“好”，就走了"),
        ("你好，世界！", "你好，世界！"),
    ],
)
def test_chinese_punctuation_becomes_full_width_after_chinese(before: str, after: str) -> None:
    assert clean(before) == after
    assert clean(after) == after


def test_punctuation_of_other_languages_stays() -> None:
    assert clean("Hello, world!", "en") == "Hello, world!"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\u3000b\tc\u2028d\x00e", "a b c d e"),
        ("\ufeff a\u200bb\u00ad  ", "ab"),
        ("a\r\x0b\x1cb", "a b"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
    ],
)
def test_white_space_is_one_space_and_invisible_characters_go(before: str, after: str) -> None:
    assert clean(before, "en") == after


def test_entities_are_undone_and_never_end_a_line() -> None:
    assert clean("Tom &amp; Jerry &lt;3 &#20320;&#10;x", "en") == "Tom & Jerry <3 你 x"
    assert "\n" not in clean("a&#10;b", "en", white_space=False)


def test_composed_characters_are_one() -> None:
    assert clean("cafe\u0301", "fr") == "café"


@pytest.mark.parametrize("sentence", ["你好，世界。", "他在家里看书。", "café naïve", "Größe über alles"])
def test_a_wrong_decoding_is_undone(sentence: str) -> None:
    assert clean(sentence.encode().decode("latin-1"), "en") == sentence
    assert clean(sentence.encode().decode("cp1252", "ignore"), "en") != ""


def test_utf8_that_was_read_as_gbk_is_undone() -> None:
    broken = "你好世界".encode().decode("gb18030")
    assert broken != "你好世界"
    assert clean(broken) == "你好世界"


@pytest.mark.parametrize("sentence", ["预约 VPN", "联通", "你好", "naïve café", "Škoda", "日本語", "emoji 👍"])
def test_good_text_is_not_repaired(sentence: str) -> None:
    assert clean(sentence) == sentence


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ＡＢＣ１２３ｘ", "ABC123x"),
        ("Ｔシャツ，１０％！", "Tシャツ，10％！"),
        ("Ａ\u0301", "Á"),
    ],
)
def test_full_width_letters_and_digits_become_ascii_and_punctuation_stays(before: str, after: str) -> None:
    assert clean(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("“It’s” ‘fine’", "\"It's\" 'fine'"),
        ("„so“", '"so"'),
        ("他说“好”", '他说"好"'),
    ],
)
def test_quotes_can_become_straight(before: str, after: str) -> None:
    assert clean(before, "en", target_quotes="straight") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"It\'s fine," he said.', "“It’s fine,” he said."),
        ("\"'No' means no\"", "“‘No’ means no”"),
        ('the \'90s ("so called")', "the ’90s (“so called”)"),
        ('他说"好"。', "他说“好”。"),
        ('"你好","再见"', "“你好”，“再见”"),
        ("rock 'n' roll", "rock ‘n’ roll"),
    ],
)
def test_quotes_can_become_curly(before: str, after: str) -> None:
    assert clean(before, target_quotes="curly") == after


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("等等...", "等等……", "zh"),
        ("等等。。。", "等等……", "zh"),
        ("等等…", "等等……", "zh"),
        ("等等……", "等等……", "zh"),
        ("版本 3.5.", "版本 3.5.", "zh"),
        ("wait…", "wait...", "en"),
        ("wait...", "wait...", "en"),
    ],
)
def test_ellipses_can_be_unified(before: str, after: str, code: str) -> None:
    assert clean(before, code, ellipses=True) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("我 是 学生 。", "我是学生。"),
        ("使用 Python 编写 代码", "使用 Python 编写代码"),
        ("他 说 “ 好 ” 。", "他说“好”。"),
        ("version 3 of it", "version 3 of it"),
    ],
)
def test_spaces_between_chinese_characters_can_go(before: str, after: str) -> None:
    assert clean(before, chinese_spaces=True) == after


def test_every_step_can_be_switched_off() -> None:
    text = "cafe\u0301  &amp; 你好, ä½\xa0å¥½"
    off = {name: False if isinstance(value, bool) else None for name, value in STEPS.model_dump().items()}
    assert clean(text, **off) == text
