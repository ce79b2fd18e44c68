"""JSON Lines: the shapes that corpora come in, and what is none of them."""

from pathlib import Path

import pytest

from seqline.corpus import formats
from seqline.errors import CorpusError


def read(folder: Path, text: str, keys: list[str] | None = None) -> list[tuple[int, str, str]]:
    path = folder / "pairs.jsonl"
    path.write_text(text, encoding="utf-8", newline="")
    return [(row.line, row.source, row.target) for row in formats.read(path, ("en", "zh"), keys=keys)]


@pytest.mark.parametrize(
    "text",
    ['{"en": "one", "zh": "一"}', '{"source": "one", "target": "一", "score": 0.9}', '{"tgt": "一", "src": "one"}',
     '{"src": "one", "trg": "一"}', '{"id": "7", "translation": {"en": "one", "zh": "一"}}',
     '{"translation": {"source": "one", "target": "一"}}', '{"en": "one", "zh": "一", "source": "web", "target": "x"}',
     ' {"en": "\\u006fne", "zh": "\\u4e00"} \r'],
)  # fmt: skip
def test_every_shape_is_known(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text + "\n") == [(1, "one", "一")]


def test_keys_can_be_named(tmp_path: Path) -> None:
    text = '{"source": "web", "target": "x", "q": "one", "a": "一"}\n'
    assert read(tmp_path, text, ["q", "a"]) == [(1, "one", "一")]
    assert read(tmp_path, '{"translation": {"q": "one", "a": "一"}}\n', ["q", "a"]) == [(1, "one", "一")]


def test_null_is_an_empty_side_and_a_blank_line_is_no_record(tmp_path: Path) -> None:
    text = '{"en": "one", "zh": null}\n\n  \n{"en": "two", "zh": ""}\n'
    assert read(tmp_path, text) == [(1, "one", ""), (4, "two", "")]


def test_line_ends_within_a_text_become_one_space(tmp_path: Path) -> None:
    text = '{"en": "one\\n\\ntwo\\r\\nthree\\rfour\\n", "zh": "\\u2028\\u0085\\u0000"}\n'
    assert read(tmp_path, text) == [(1, "one two three\rfour ", "\u2028\x85\x00")]


def test_half_a_surrogate_pair_becomes_a_replacement_character(tmp_path: Path) -> None:
    text = '{"en": "a\\ud800b\\udc00", "zh": "\\ud83d\\ude00"}\n'
    assert read(tmp_path, text) == [(1, "a\ufffdb\ufffd", "😀")]


WRONG = {
    '{"en": "one"}': "line 2 has no keys en and zh or source and target or .*; keys found: 'en'; name two",
    '{"en": "one", "zh-CN": "一"}': "keys found: 'en', 'zh-CN'",
    "{}": "keys found: none",
    '{"en": 1, "zh": "一"}': "line 2: 'en' is a number; expected text",
    '{"en": ["one"], "zh": "一"}': "'en' is a list",
    '{"en": true, "zh": "一"}': "'en' is a truth value",
    '["one", "一"]': "line 2 is a list; expected one JSON object per line",
    '"one"': "line 2 is a text",
    "null": "line 2 is null",
    '{"en": "one", "zh": "一"': "line 2 is not JSON",
    '{"en": "one", "zh": "一"} {"en"': "line 2 is not JSON",
    "one\t一": "line 2 is not JSON",
    "[" * 100_000: "line 2 is not JSON",
    '{"en": ' + "9" * 10_000 + "}": "line 2 is not JSON",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=text[:30]) for text in WRONG])
def test_what_is_no_pair_is_an_error_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(CorpusError, match=WRONG[text]) as caught:
        read(tmp_path, '{"en": "one", "zh": "一"}\n' + text + "\n")
    assert str(tmp_path / "pairs.jsonl") in str(caught.value)
    assert len(str(caught.value)) < 500
