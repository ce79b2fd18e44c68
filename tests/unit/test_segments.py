import string

from hypothesis import given
from hypothesis import strategies as st

from seqline.serving.segments import cut

PIECES = st.lists(st.sampled_from(["▁a", "b", ".", "▁,", "。", "，", "<0xF0>", "<0x9F>", "?", "▁"]), max_size=60)


@given(PIECES, st.integers(1, 12))
def test_segments_joined_are_the_line_and_none_exceeds_the_limit(pieces: list[str], limit: int) -> None:
    segments = cut(pieces, limit)
    assert [piece for segment in segments for piece in segment] == pieces
    assert all(0 < len(segment) <= limit for segment in segments)


def test_a_line_within_the_limit_stays_whole() -> None:
    assert cut(["▁a", ".", "▁b", "."], 4) == [["▁a", ".", "▁b", "."]]


def test_an_empty_line_has_no_segments() -> None:
    assert cut([], 4) == []


def test_the_cut_falls_on_the_last_sentence_end_in_reach() -> None:
    assert cut(["▁a", ".", "▁b", "?", "▁c", "▁d", "."], 5) == [["▁a", ".", "▁b", "?"], ["▁c", "▁d", "."]]
    assert cut(["我", "。", "你", "，", "他"], 4) == [["我", "。"], ["你", "，", "他"]]


def test_a_full_stop_inside_a_number_ends_no_sentence() -> None:
    assert cut(["▁a", "▁b", "▁3", ".", "5", "▁c"], 5) == [["▁a", "▁b", "▁3", ".", "5"], ["▁c"]]


def test_an_early_comma_does_not_make_a_tiny_segment() -> None:
    assert cut(["▁a", ",", "▁b", "▁c", "▁d", "▁e", "▁f"], 6)[0] == ["▁a", ",", "▁b", "▁c", "▁d", "▁e"]


def test_a_word_is_not_split_where_a_space_is_in_reach() -> None:
    assert cut(["▁a", "b", "c", "▁d", "e", "f"], 5) == [["▁a", "b", "c"], ["▁d", "e", "f"]]


def test_the_bytes_of_a_character_stay_together() -> None:
    emoji = ["<0xF0>", "<0x9F>", "<0x98>", "<0x80>"]
    assert [len(segment) for segment in cut(emoji * 5, 10)] == [8, 8, 4]


def test_ten_thousand_letters_without_a_space_are_cut_at_the_limit() -> None:
    pieces = list(string.ascii_lowercase * 385)[:10_000]
    assert [len(segment) for segment in cut(pieces, 200)] == [200] * 50
