import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqline.evaluation.fast_chrf import sentence_chrfs
from seqline.evaluation.metrics import sentence_chrf

ALPHABET = "我你他们的ab c,。"


@given(st.lists(st.tuples(st.text(ALPHABET, max_size=30), st.text(ALPHABET, max_size=30)), max_size=12))
def test_every_pair_scores_as_with_sacrebleu(pairs: list[tuple[str, str]]) -> None:
    hypotheses, references = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    expected = [sentence_chrf(hypothesis, reference) for hypothesis, reference in pairs]
    assert sentence_chrfs(hypotheses, references) == pytest.approx(expected, abs=1e-9)


def test_more_pairs_than_fit_a_chunk_keep_their_order() -> None:
    references = [f"第{number}句话 number {number}" for number in range(5000)]
    hypotheses = [reference if number % 2 else "别的" for number, reference in enumerate(references)]
    scores = sentence_chrfs(hypotheses, references)
    assert np.all(scores[1::2] == 100)
    assert np.all(scores[::2] < 50)


def test_characters_outside_the_basic_plane_and_lone_surrogates_are_counted() -> None:
    assert sentence_chrfs(["😀😀𠮷", "\ud800"], ["😀😀𠮷", "\ud800"]).tolist() == [100.0, 100.0]


def test_unequal_counts_are_an_error_that_names_both() -> None:
    with pytest.raises(ValueError, match="2 hypotheses but 1 references"):
        sentence_chrfs(["a", "b"], ["a"])
