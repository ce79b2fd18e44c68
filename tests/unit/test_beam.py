"""Beam search over a model whose probabilities are a table, so that every answer can be enumerated."""

import itertools
import math

import pytest
import torch
from torch import Tensor, nn

from seqline.decoding.hypothesis import Required
from seqline.decoding.search import search
from seqline.models.base import EncoderDecoder, Memory, State
from seqline.special import BOS, EOS
from seqline.types import Search

A, B = 4, 5
VOCABULARY = 6


class TableState(State):
    def __init__(self, row_N: Tensor) -> None:
        self.row_N = row_N

    def select(self, rows_N: Tensor) -> "TableState":
        return TableState(self.row_N[rows_N])


class Table(EncoderDecoder):
    """P(next | last piece, source): one table per first source id."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(seed)
        self.logits_SVV = 2 * torch.randn(VOCABULARY, VOCABULARY, VOCABULARY, generator=random)
        self.logits_SVV[:, :, [0, 1, BOS]] = -1e9
        self.output = nn.Linear(VOCABULARY, VOCABULARY, bias=False)
        self.output.weight.data = torch.eye(VOCABULARY)

    def encode(self, source_BS: Tensor) -> Memory:
        return Memory(source_BS[:, :1, None].float(), None)

    def start(self, memory: Memory) -> TableState:
        return TableState(memory.states_BSD[:, 0, 0].long())

    def features(self, state: State, piece_N: Tensor) -> tuple[Tensor, State]:
        assert isinstance(state, TableState)
        return self.logits_SVV[state.row_N, piece_N], state

    def decode(self, memory: Memory, target_BT: Tensor) -> Tensor:
        raise AssertionError("beam search goes step by step")

    def attend(self, memory: Memory, target_BT: Tensor) -> Tensor:
        raise AssertionError("beam search needs no attention")


def enumerate_all(model: Table, source: int, max_length: int, penalty: float) -> list[tuple[float, tuple[int, ...]]]:
    log_probs = model.logits_SVV[source].log_softmax(-1)
    found = []
    for length in range(max_length):
        for ids in itertools.product((A, B), repeat=length):
            path = [BOS, *ids, EOS]
            total = sum(log_probs[last, piece].item() for last, piece in itertools.pairwise(path))
            found.append((total / (length + 1) ** penalty, ids))
    return sorted(found, reverse=True)


@pytest.mark.parametrize("seed", range(5))
def test_wide_beam_without_length_penalty_finds_the_best_translation(seed: int) -> None:
    model = Table(seed)
    found = search(model, torch.tensor([[A], [B]]), Search(beam=40, nbest=40, length_penalty=0.0), [5, 5])
    for hypotheses, source in zip(found, (A, B), strict=True):
        best_score, best_ids = enumerate_all(model, source, 5, 0.0)[0]
        assert hypotheses[0].ids == best_ids
        assert math.isclose(hypotheses[0].score, best_score, rel_tol=1e-5, abs_tol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_every_score_is_the_normalised_log_probability_of_its_hypothesis(seed: int) -> None:
    model = Table(seed)
    scores = {ids: score for score, ids in enumerate_all(model, A, 8, 1.0)}
    for hypothesis in search(model, torch.tensor([[A]]), Search(beam=4, nbest=4), [8])[0]:
        if len(hypothesis.ids) < 8:  # a longer one was cut, not ended
            assert math.isclose(hypothesis.score, scores[hypothesis.ids], rel_tol=1e-4, abs_tol=1e-5)


def test_beam_of_one_is_greedy() -> None:
    model = Table(7)
    log_probs = model.logits_SVV[B].log_softmax(-1)
    ids, last = [], BOS
    while len(ids) < 6:
        last = int(log_probs[last].argmax())
        if last == EOS:
            break
        ids.append(last)
    assert search(model, torch.tensor([[B]]), Search(beam=1), [6])[0][0].ids == tuple(ids)


def test_hypotheses_are_distinct_and_best_first() -> None:
    hypotheses = search(Table(2), torch.tensor([[A]]), Search(beam=5, nbest=5), [40])[0]
    assert len({hypothesis.ids for hypothesis in hypotheses}) == len(hypotheses) == 5
    assert [h.score for h in hypotheses] == sorted((h.score for h in hypotheses), reverse=True)


def test_company_changes_nothing() -> None:
    model, options = Table(11), Search(beam=3, nbest=3)
    together = search(model, torch.tensor([[A], [B], [A]]), options, [8, 6, 8])
    alone = search(model, torch.tensor([[B]]), options, [6])
    assert together[1] == alone[0]
    assert together[0] == together[2]


def test_a_model_that_never_ends_is_cut_at_the_cap() -> None:
    model = Table(1)
    model.logits_SVV[:, :, EOS] = float("-inf")
    assert len(search(model, torch.tensor([[A]]), Search(beam=3), [6])[0][0].ids) == 6


def test_a_hypothesis_that_lacks_a_phrase_may_still_overtake_one_that_holds_it() -> None:
    model, c = Table(1), VOCABULARY
    probability_VV = torch.full((c + 1, c + 1), 1e-9)
    for last, piece, probability in ((BOS, A, 0.05), (BOS, B, 0.95), (A, EOS, 1.0), (B, c, 1.0), (c, A, 1.0)):
        probability_VV[last, piece] = probability
    model.logits_SVV = probability_VV.log().expand(c + 1, -1, -1)
    model.output.weight.data = torch.eye(c + 1)
    found = search(model, torch.tensor([[A]]), Search(beam=4), [8], [Required(phrases=((A,),))])
    assert found[0][0].ids == (B, c, A)
