import string

from hypothesis import given
from hypothesis import strategies as st

from seqline.serving.segments import Hypothesis, composed, cut, segmented
from seqline.types import Translation

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


def test_a_line_is_the_joined_translations_of_its_segments_and_an_empty_one_stays_empty() -> None:
    segments = segmented(["abcd", "", "e"], list, 2)
    found = [[Hypothesis(segment.pieces[0].upper(), -1.0, 3)] for segment in segments]
    assert [line[0].text for line in composed(3, segments, found, "")] == ["AC", "", "E"]
    assert [line[0].text for line in composed(3, segments, found, " ")] == ["A C", "", "E"]


def test_a_segment_with_fewer_hypotheses_repeats_its_last_and_scores_weigh_by_length() -> None:
    segments = segmented(["abc"], list, 2)
    found = [[Hypothesis("x", -1.0, 3), Hypothesis("y", -2.0, 1)], [Hypothesis("z", -3.0, 1)]]
    assert composed(1, segments, found, "") == [[Translation("xz", -1.5), Translation("yz", -2.5)]]


def test_a_translation_holds_no_line_break_and_a_source_no_lone_surrogate() -> None:
    segments = segmented(["a\ud800"], list, 9)
    assert segments[0].pieces == ["a", "\ufffd"]
    assert composed(1, segments, [[Hypothesis("a\nb\x00", 0.0, 1)]], "")[0][0].text == "a b"
