import pytest

from seqline.serving.alignment import alignment, num_words, word_numbers


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
