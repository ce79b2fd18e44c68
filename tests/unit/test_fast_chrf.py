import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqline.evaluation.fast_chrf import nbest_chrfs
from seqline.evaluation.metrics import chrf_metric

ALPHABET = "我你他们的ab c,。"


TEXTS = st.text(ALPHABET, max_size=30)


@given(st.lists(st.tuples(st.lists(TEXTS, min_size=1, max_size=4), TEXTS), max_size=12))
def test_every_hypothesis_scores_as_with_sacrebleu(lists: list[tuple[list[str], str]]) -> None:
    found = nbest_chrfs([hypotheses for hypotheses, _ in lists], [reference for _, reference in lists])
    metric = chrf_metric()
    for figures, (hypotheses, reference) in zip(found, lists, strict=True):
        expected = [metric.sentence_score(hypothesis, [reference]).score for hypothesis in hypotheses]
        assert figures == pytest.approx(expected, abs=1e-9)


def test_more_lists_than_fit_a_chunk_keep_their_order() -> None:
    references = [f"第{number}句话 number {number}" for number in range(2000)]
    found = np.array(nbest_chrfs([[reference, "别的"] for reference in references], references))
    assert np.all(found[:, 0] == 100)
    assert np.all(found[:, 1] < 50)


def test_characters_outside_the_basic_plane_and_lone_surrogates_are_counted() -> None:
    assert np.all(np.concatenate(nbest_chrfs([["😀😀𠮷"], ["\ud800"]], ["😀😀𠮷", "\ud800"])) == 100)


def test_no_lists_give_no_scores() -> None:
    assert nbest_chrfs([], []) == []


def test_unequal_counts_are_an_error_that_names_both() -> None:
    with pytest.raises(ValueError, match="2 lists of hypotheses but 1 references"):
        nbest_chrfs([["a"], ["b"]], ["a"])
