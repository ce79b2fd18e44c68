"""The quick search for stutter misses none that the regular expression would find."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.cleaning.repetition import _STUTTER, one_sided_repetition

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
    pairs = pl.DataFrame({"source": lines, "target": ["fine"] * len(lines)}).to_struct("pair")
    found = _STUTTER.search(stutter)
    assert found
    assert one_sided_repetition(pairs)[len(before)] == len(found.group())
    both = pl.DataFrame({"source": [stutter], "target": [stutter]}).to_struct("pair")
    assert one_sided_repetition(both).to_list() == [0]
