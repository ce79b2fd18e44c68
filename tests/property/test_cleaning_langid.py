"""The compiled loop says what py3langid says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from seqline.cleaning.langid import identifier

SOME = "the der und où café naïve THE ÉTÉ при ни 你好 ありがとう e\u0301te 3.5 😀 \x00 добро"
WORDS = st.sampled_from(SOME.split())
LINES = st.lists(st.one_of(st.lists(WORDS, max_size=12).map(" ".join), st.text(max_size=30)), max_size=4)


@pytest.fixture(scope="module")
def theirs() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@given(lines=LINES)
@settings(max_examples=200, deadline=None)
def test_lines_have_the_probabilities_that_py3langid_gives(lines: list[str], theirs: LanguageIdentifier) -> None:
    ours = identifier()
    for line, shares in zip(lines, ours.probabilities(lines), strict=True):
        expected = dict(theirs.rank(line))
        found = {label: shares[ours.labels.index(label)] for label in expected}
        assert np.allclose(list(found.values()), list(expected.values()), atol=1e-4)
