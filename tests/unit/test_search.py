"""Every way of decoding, over tiny random models of both kinds, against searches that are slow and obvious."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from seqline import models
from seqline.decoding.candidates import best_candidates
from seqline.decoding.ensemble import Ensemble
from seqline.decoding.hypothesis import Hypothesis, Required
from seqline.decoding.sampling import drawn
from seqline.decoding.scoring import score, score_by_steps
from seqline.decoding.search import search
from seqline.errors import InputError
from seqline.models.base import EncoderDecoder
from seqline.models.config import ModelConfig, RecurrentConfig, TransformerConfig
from seqline.special import BOS, EOS, PAD
from seqline.types import Sampling, Search

VOCABULARY = 9
WHOLE = TransformerConfig("transformer", VOCABULARY, VOCABULARY, 8, 4, 2, 2, (12,), (12, 12), "relu", 0.0, "none")
CONFIGS: dict[str, ModelConfig] = {
    "transformer": WHOLE,
    "post-norm": replace(WHOLE, norm_place="post"),
    "rotary, rms, swiglu": replace(WHOLE, positions="rotary", norm="rms", activation="swiglu"),
    "gru": RecurrentConfig("gru", VOCABULARY, VOCABULARY, 8, 1, 1, "general", 0.0, "none"),
}
SOURCES = [[5, 6, 7, EOS], [8, EOS], [4, 4, 5, 6, EOS]]
KINDS = pytest.mark.parametrize("kind", CONFIGS)


def make(kind: str, seed: int = 1) -> EncoderDecoder:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = models.build(CONFIGS[kind]).eval().double()
    model.output.weight.data *= 2  # choices that matter
    model.output.weight.data[EOS] *= 0.5
    return model


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([[*row, *[PAD] * (width - len(row))] for row in rows])


@torch.inference_mode()
def next_log_probs(model: EncoderDecoder, source: Sequence[int], pieces: Sequence[int]) -> Tensor:
    features_1TD = model(torch.tensor([source]), torch.tensor([[BOS, *pieces]]))
    log_probs_V: Tensor = model.output(features_1TD)[0, -1].float().log_softmax(-1)
    return log_probs_V


def slow_beam(
    model: EncoderDecoder, source: Sequence[int], beam: int, nbest: int, cap: int, alpha: float
) -> list[Hypothesis]:
    """As it is written in books: lists, one hypothesis at a time, the whole target anew at each step."""
    going: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    ended = []
    for length in range(1, cap + 1):
        every = []
        for pieces, total in going:
            log_probs = next_log_probs(model, source, pieces)
            every += [((*pieces, piece), total + log_probs[piece].item()) for piece in range(EOS, VOCABULARY)]
        every.sort(key=lambda one: -one[1])
        ended += [Hypothesis(p[:-1], t / length**alpha) for p, t in every[:beam] if p[-1] == EOS]
        going = [one for one in every if one[0][-1] != EOS][:beam]
        ended.sort(key=lambda one: -one.score)
        is_decided = len(ended) >= nbest and going[0][1] / (1.2 * length) ** alpha < ended[nbest - 1].score
        if len(ended) >= beam or is_decided:
            break
    if not ended:
        ended = [Hypothesis(going[0][0], going[0][1] / cap**alpha)]
    return sorted(ended, key=lambda one: -one.score)


@KINDS
@settings(max_examples=12, deadline=None)
@given(st.integers(0, 99), st.integers(1, 5), st.integers(1, 5), st.sampled_from([0.0, 0.6, 1.0]))
def test_beam_search_finds_what_the_slow_obvious_one_finds(
    kind: str, seed: int, beam: int, nbest: int, alpha: float
) -> None:
    model, caps, nbest = make(kind, seed), [6, 4, 7], min(beam, nbest)
    options = Search(beam=beam, nbest=nbest, length_penalty=alpha)
    for found, source, cap in zip(search(model, padded(SOURCES), options, caps), SOURCES, caps, strict=True):
        expected = slow_beam(model, source, beam, nbest, cap, alpha)[:nbest]
        assert [one.ids for one in found] == [one.ids for one in expected]
        assert [one.score for one in found] == pytest.approx([one.score for one in expected], abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), st.integers(1, 3), st.integers(1, 6), st.sampled_from([5, 64, 200, 1000]))
def test_candidates_are_the_best_of_all_continuations(seed: int, sentences: int, beam: int, vocabulary: int) -> None:
    random = torch.Generator().manual_seed(seed)
    log_probs = torch.randn(sentences * beam, vocabulary, generator=random)
    totals = torch.randn(sentences, beam, generator=random)
    count = min(2 * beam, beam * vocabulary)
    found = best_candidates(log_probs, totals, count)
    every = (log_probs.view(sentences, beam, vocabulary) + totals[:, :, None]).flatten(1)
    assert torch.equal(found.total_BC, every.sort(dim=1, descending=True).values[:, :count])
    own = found.row_BC - torch.arange(sentences)[:, None] * beam
    assert torch.equal(every.gather(1, own * vocabulary + found.piece_BC), found.total_BC)


def test_where_there_are_too_few_continuations_the_rest_have_no_probability() -> None:
    log_probs = torch.tensor([[-1.0, -3.0, -2.0]])
    found = best_candidates(log_probs, torch.zeros(1, 1), 5)
    assert found.total_BC.tolist() == [[-1.0, -2.0, -3.0, -math.inf, -math.inf]]
    assert found.piece_BC[0, :3].tolist() == [0, 2, 1]
    assert int(found.row_BC.max()) == 0


@KINDS
def test_a_prefix_is_kept_and_costs_what_the_model_says(kind: str) -> None:
    model, required = make(kind), [Required(prefix=(7, 4)), Required(), Required(prefix=(5,))]
    for options in (Search(beam=3, nbest=3), Search(sampling=Sampling(), nbest=3), Search(beam=4, groups=2)):
        found = search(model, padded(SOURCES), options, [4, 4, 4], required)
        for hypotheses, wanted in zip(found, required, strict=True):
            assert all(one.ids[: len(wanted.prefix)] == wanted.prefix for one in hypotheses)
    free = search(model, padded(SOURCES[1:2]), Search(beam=3, nbest=3), [4])
    assert [one.ids for one in search(model, padded(SOURCES), Search(beam=3, nbest=3), [4] * 3, required)[1]] == [
        one.ids for one in free[0]
    ]


@KINDS
@settings(max_examples=10, deadline=None)
@given(
    st.integers(0, 99),
    st.integers(1, 4),
    st.lists(st.lists(st.integers(4, VOCABULARY - 1), min_size=1, max_size=3).map(tuple), min_size=1, max_size=3),
)
def test_demanded_phrases_always_occur(kind: str, seed: int, beam: int, phrases: list[tuple[int, ...]]) -> None:
    required = [Required(phrases=tuple(phrases)), Required(), Required(prefix=(4,), phrases=(phrases[0],))]
    found = search(make(kind, seed), padded(SOURCES), Search(beam=beam), [3, 3, 3], required)
    for hypotheses, wanted in zip(found, required, strict=True):
        ids = hypotheses[0].ids
        for phrase in wanted.phrases:
            assert any(ids[begin : begin + len(phrase)] == phrase for begin in range(len(ids)))


@KINDS
@pytest.mark.parametrize("seed", range(3))
def test_a_phrase_that_is_there_anyway_changes_nothing(kind: str, seed: int) -> None:
    model, options, cap = make(kind, seed), Search(beam=160), 3  # wide enough for every hypothesis
    free = search(model, padded(SOURCES), options, [cap] * 3)
    required = [Required(phrases=(one[0].ids[-2:],)) for one in free]
    held = search(model, padded(SOURCES), options, [cap - each.num_pieces for each in required], required)
    assert [one[0].ids for one in held] == [one[0].ids for one in free]
    assert [one[0].score for one in held] == pytest.approx([one[0].score for one in free], abs=1e-5)


def test_phrases_exclude_sampling() -> None:
    with pytest.raises(InputError, match="sampling"):
        search(make("gru"), padded(SOURCES), Search(sampling=Sampling()), [4] * 3, [Required(phrases=((4,),))] * 3)


@KINDS
def test_sampling_repeats_with_its_seed_whatever_the_batch(kind: str) -> None:
    model, options = make(kind), Search(nbest=4, sampling=Sampling(temperature=1.3, top_p=0.9, seed=7))
    together = search(model, padded(SOURCES), options, [8] * 3)
    alone = [search(model, padded([source]), options, [8])[0] for source in SOURCES]
    assert [[one.ids for one in each] for each in together] == [[one.ids for one in each] for each in alone]
    other = search(model, padded(SOURCES), Search(nbest=4, sampling=Sampling(temperature=1.3, seed=8)), [8] * 3)
    assert other != together


def chi_square(counts: Tensor, expected: Tensor) -> float:
    kept = expected > 0
    assert counts[~kept].sum() == 0
    return (((counts - expected) ** 2)[kept] / expected[kept]).sum().item()


@pytest.mark.parametrize(
    ("sampling", "weights"),
    [
        (Sampling(), [0.5, 0.25, 0.15, 0.06, 0.04]),
        (Sampling(top_k=2), [0.5, 0.25, 0, 0, 0]),
        (Sampling(top_p=0.8), [0.5, 0.25, 0.15, 0, 0]),  # 0.75 is not yet 0.8: the third piece comes too
        (Sampling(temperature=0.5), [0.25, 0.0625, 0.0225, 0.0036, 0.0016]),
    ],
)
def test_pieces_are_drawn_as_often_as_their_probability_says(sampling: Sampling, weights: list[float]) -> None:
    rows = 20_000
    log_probs = torch.tensor([0.5, 0.25, 0.15, 0.06, 0.04]).log()[[3, 0, 4, 1, 2]].expand(rows, -1)
    uniform = torch.rand(rows, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    counts = torch.bincount(drawn(log_probs, uniform, sampling), minlength=5).double()
    expected = torch.tensor(weights, dtype=torch.float64)[[3, 0, 4, 1, 2]]
    assert chi_square(counts, expected / expected.sum() * rows) < 18.5  # 4 degrees of freedom: p = 0.001


@KINDS
def test_no_ngram_occurs_twice_and_no_end_comes_too_early(kind: str) -> None:
    for options in (
        Search(beam=3, nbest=3, no_repeat_ngram=2, min_length=5),
        Search(nbest=3, no_repeat_ngram=2, min_length=5, sampling=Sampling()),
    ):
        for hypotheses in search(make(kind), padded(SOURCES), options, [12] * 3):
            for one in hypotheses:
                pairs = list(zip(one.ids, one.ids[1:], strict=False))
                assert len(set(pairs)) == len(pairs)
                assert len(one.ids) >= 5


@KINDS
def test_groups_differ_more_the_more_diversity_is_asked_and_keep_true_scores(kind: str) -> None:
    model = make(kind)
    firsts = []
    for strength in (0.0, 50.0):
        found = search(model, padded(SOURCES), Search(beam=4, nbest=4, groups=4, diversity=strength), [6] * 3)
        firsts.append([len({one.ids for one in hypotheses}) for hypotheses in found])
        for source, hypotheses in zip(SOURCES, found, strict=True):
            for one in hypotheses:
                if len(one.ids) < 6:
                    assert one.score == pytest.approx(forced(model, source, one.ids) / (len(one.ids) + 1), abs=1e-4)
    assert firsts[0] == [1, 1, 1]
    assert firsts[1] == [4, 4, 4]


def forced(model: EncoderDecoder, source: Sequence[int], ids: Sequence[int]) -> float:
    inputs, labels = torch.tensor([[BOS, *ids]]), torch.tensor([[*ids, EOS]])
    return score(model, torch.tensor([source]), inputs, labels).sum().item()


@KINDS
def test_coverage_adds_what_the_formula_says(kind: str) -> None:
    model, beta = make(kind), 0.7
    for source, hypotheses in zip(
        SOURCES, search(model, padded(SOURCES), Search(beam=3, nbest=3, coverage_penalty=beta), [6] * 3), strict=True
    ):
        for one in hypotheses:
            if len(one.ids) < 6:
                with torch.inference_mode():
                    weights = model.attend(model.encode(torch.tensor([source])), torch.tensor([[BOS, *one.ids]]))[0]
                coverage = sum(math.log(min(each, 1.0)) for each in weights.sum(dim=0).tolist())
                expected = forced(model, source, one.ids) / (len(one.ids) + 1) + beta * coverage
                assert one.score == pytest.approx(expected, abs=1e-4)


def test_an_ensemble_of_one_model_twice_is_that_model() -> None:
    model = make("transformer")
    options = Search(beam=3, nbest=3, coverage_penalty=0.1)
    alone, twice = (search(each, padded(SOURCES), options, [6] * 3) for each in (model, Ensemble([model, model])))
    assert [[one.ids for one in each] for each in alone] == [[one.ids for one in each] for each in twice]


def test_an_ensemble_has_the_mean_of_the_probabilities() -> None:
    members = [make("transformer"), make("gru", 2)]
    inputs, labels = torch.tensor([[BOS, 5]]), torch.tensor([[5, EOS]])
    source = torch.tensor([SOURCES[0]])
    found = score_by_steps(Ensemble(members), source, inputs, labels).exp()
    single = torch.stack([score(member, source, inputs, labels).exp() for member in members])
    torch.testing.assert_close(found, single.mean(dim=0), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize(
    "wrong", [{"beam": 0}, {"nbest": 5}, {"groups": 3}, {"length_penalty": -1.0}, {"min_length": -1}]
)
def test_impossible_searches_are_refused_in_one_line(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError) as refused:
        Search(**wrong)  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)
