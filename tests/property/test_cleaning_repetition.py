"""The quick search for stutter misses none that the regular expression would find."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.cleaning.repetition import _STUTTER, one_sided_repetition, stutters
from seqline.cleaning.utf8 import Texts

PIECE = st.text("abcdef 你好世界", min_size=8, max_size=30).filter(
    lambda piece: piece == piece.strip() and len(piece) > 7
)
OTHERS = st.lists(st.text("xyz你我 .", max_size=80), max_size=6)


@given(PIECE, st.sampled_from(["", " ", "\u3000"]), st.integers(3, 5), OTHERS, OTHERS, st.text("uvw ", max_size=9))
@settings(max_examples=200, deadline=None)
def test_a_piece_that_one_side_says_three_times_is_found(
    piece: str, space: str, times: int, before: list[str], after: list[str], lead: str
) -> None:
    stutter = lead + space.join([piece] * times)
    lines = [*before, stutter, *after]
    assert stutters(Texts.of(pl.Series(lines)))[len(before)]
    pairs = pl.DataFrame({"source": lines, "target": ["fine"] * len(lines)}).to_struct("pair")
    found = _STUTTER.search(stutter)
    assert found
    assert one_sided_repetition(pairs)[len(before)] == len(found.group())
    both = pl.DataFrame({"source": [stutter], "target": [stutter]}).to_struct("pair")
    assert one_sided_repetition(both).to_list() == [0]


def repeats(text: bytes) -> bool:
    """Whether 8 to 127 bytes are followed by themselves twice, but for up to three bytes at the end."""
    return any(
        text[start + period : start + 3 * period - 3] == text[start : start + 2 * period - 3]
        for period in range(8, 128)
        for start in range(len(text) - 3 * period + 4)
    )


@given(st.lists(st.one_of(st.text("ab ", max_size=60), st.text("ab你😀\x00", max_size=30)), max_size=5))
@settings(max_examples=300, deadline=None)
def test_texts_stutter_where_their_bytes_repeat(texts: list[str]) -> None:
    found = stutters(Texts.of(pl.Series(texts, dtype=pl.String)))
    assert found.tolist() == [repeats(text.encode()) for text in texts]
