"""The quick look at digits says what the regular expression says."""

import re

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.cleaning.digits import same_digits
from seqline.cleaning.utf8 import Texts

TEXTS = st.text("12a 你٣５.", max_size=8)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8))
@settings(max_examples=400, deadline=None)
def test_pairs_with_the_same_runs_of_digits_are_told_from_others(pairs: list[tuple[str, str]]) -> None:
    sources, targets = ([pair[side] for pair in pairs] for side in (0, 1))
    found = same_digits(*(Texts.of(pl.Series(side, dtype=pl.String)) for side in (sources, targets)))
    assert found.tolist() == [re.findall(r"\d+", one) == re.findall(r"\d+", other) for one, other in pairs]
