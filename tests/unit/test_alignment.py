import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqline.serving.alignment import CJK, alignment, num_words, word_numbers


@pytest.mark.parametrize(
    ("pieces", "numbers"),
    [
        (["▁un", "seen", "▁cat", "."], [0, 0, 1, 1]),
        (["▁", "the", "▁cat"], [-1, 0, 1]),
        (["我", "喜欢", "茶"], [0, 2, 3]),
        (["▁I", "▁like", "茶", "."], [0, 1, 2, 3]),
        (["▁caf", "<0xC3>", "<0xA9>", "▁x"], [0, 0, 0, 1]),
        ([], []),
    ],
)
def test_pieces_belong_to_words_and_each_chinese_character_is_one(pieces: list[str], numbers: list[int]) -> None:
    assert word_numbers(pieces) == numbers


def test_each_target_piece_belongs_to_the_source_word_it_looks_at_most() -> None:
    weights = [[0.1, 0.7, 0.1, 0.1], [0.6, 0.2, 0.1, 0.1], [0.1, 0.1, 0.2, 0.6], [0.0, 0.0, 0.0, 1.0]]
    pairs = alignment(weights, ["▁good", "▁mor", "ning"], ["▁früh", "▁gut", "er"])
    assert pairs == ((0, 1), (1, 0), (1, 1))


def test_nothing_aligns_with_nothing() -> None:
    assert alignment([[1.0]], ["▁a"], []) == alignment([[1.0]], [], ["▁a"]) == ()
    assert num_words([]) == 0


@given(st.lists(st.sampled_from(["▁", "▁a", "b", "我", "喜欢", "x我y", "<0xC3>", ".", "▁▁"]), max_size=30))
def test_a_piece_belongs_to_the_last_word_that_it_shares_a_letter_with(pieces: list[str]) -> None:
    spans, end = [], 0
    for piece in pieces:
        begin, end = end, end + (1 if len(piece) == 6 else len(piece))
        spans.append((begin, end))
    text = "".join("x" if len(piece) == 6 else piece.replace("▁", " ") for piece in pieces)
    words = [found.span() for found in re.finditer(rf"[{CJK}]|[^\s{CJK}]+", text)]
    assert num_words(pieces) == len(words)
    assert word_numbers(pieces) == [
        max((n for n, (first, last) in enumerate(words) if first < end and last > begin), default=-1)
        for begin, end in spans
    ]
