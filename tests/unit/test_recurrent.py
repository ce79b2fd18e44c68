"""The recurrent encoder–decoder: its interface, its invariants, and that every option learns."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
import torch
from copying import assert_learns_to_copy
from recurrent_models import (
    BASE,
    KINDS,
    LOOKS,
    SHAPES,
    SOURCE_ROWS,
    TARGET_ROWS,
    Options,
    build,
    every_model,
    padded,
)
from torch.nn import functional as F

from seqline.errors import InputError
from seqline.models.base import EncoderDecoder, State, num_parameters
from seqline.special import BOS, PAD


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Models this small only wait for a second thread, and for long where the cores are busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def log_probs(model: EncoderDecoder, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        return F.log_softmax(model.output(model(source, target)), dim=-1)


@every_model
def test_step_by_step_equals_teacher_forcing(options: Options) -> None:
    model = build(**options).double().eval()
    source, target = padded(SOURCE_ROWS), padded(TARGET_ROWS)
    expected = log_probs(model, source, target)
    with torch.inference_mode():
        state: State = model.start(model.encode(source))
        for t in range(target.size(1)):
            features, state = model.features(state, target[:, t])
            stepped = F.log_softmax(model.output(features), dim=-1)
            torch.testing.assert_close(stepped, expected[:, t], rtol=0, atol=1e-12)


@every_model
def test_a_row_does_not_depend_on_its_company_or_padding(options: Options) -> None:
    model = build(**options).double().eval()
    together = log_probs(model, padded(SOURCE_ROWS), padded(TARGET_ROWS))
    for row, (source, target) in enumerate(zip(SOURCE_ROWS, TARGET_ROWS, strict=True)):
        alone = log_probs(model, padded([source]), padded([target]))
        torch.testing.assert_close(together[row, : len(target)], alone[0], rtol=0, atol=1e-12)
        wide = log_probs(model, padded([source + [PAD] * 6]), padded([target]))
        torch.testing.assert_close(wide, alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("kind", "look"), list(product(KINDS, LOOKS)))
def test_selected_states_go_on_like_the_rows_they_came_from(kind: str, look: Options) -> None:
    model = build(kind=kind, **look, encoder_layers=1, decoder_layers=2).double().eval()
    rows = torch.tensor([2, 0, 0])
    with torch.inference_mode():
        _, state = model.step(model.start(model.encode(padded(SOURCE_ROWS))), torch.tensor([BOS] * 3))
        whole, _ = model.step(state, torch.tensor([4, 5, 6]))
        chosen, _ = model.step(state.select(rows), torch.tensor([6, 4, 4]))
    torch.testing.assert_close(chosen, whole[rows], rtol=0, atol=1e-6)


def test_a_step_leaves_its_state_as_it_was() -> None:
    model = build(kind="peephole_lstm").eval()
    with torch.inference_mode():
        state = model.start(model.encode(padded(SOURCE_ROWS)))
        first, _ = model.step(state, torch.tensor([4, 5, 6]))
        again, _ = model.step(state, torch.tensor([4, 5, 6]))
    assert torch.equal(first, again)


@pytest.mark.parametrize("look", LOOKS[:-1])
def test_attention_sums_to_one_over_real_pieces(look: Options) -> None:
    model = build(**look).eval()
    source, target = padded(SOURCE_ROWS), padded(TARGET_ROWS)
    with torch.inference_mode():
        weights = model.attend(model.encode(source), target)
    assert weights.shape == (*target.shape, source.size(1))
    torch.testing.assert_close(weights.sum(-1), torch.ones(target.shape))
    hidden = (source == PAD)[:, None].expand_as(weights)
    assert torch.all(weights[hidden] == 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_without_attention_says_that_there_is_none(kind: str) -> None:
    model = build(kind=kind, attention="none").eval()
    assert model.attend(model.encode(padded(SOURCE_ROWS)), padded(TARGET_ROWS)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_without_attention_sees_one_vector_whatever_the_length(kind: str) -> None:
    model = build(kind=kind, attention="none").eval()
    state = model.start(model.encode(padded(SOURCE_ROWS)))
    assert state.source.values_BSD.shape == (len(SOURCE_ROWS), 1, BASE.width)


def test_without_input_feeding_the_choice_of_attention_does_not_reach_the_state() -> None:
    for feeding in (True, False):
        model = build(input_feeding=feeding).double().eval()
        state = model.start(model.encode(padded(SOURCE_ROWS)))
        fed = replace(state, features_ND=state.features_ND + 0.5)
        (after, other) = (model.step(each, torch.tensor([BOS] * 3))[1].layers[0][0] for each in (state, fed))
        assert torch.equal(after, other) != feeding


@pytest.mark.parametrize(("kind", "look"), list(product(KINDS, LOOKS)))
def test_the_decoder_does_not_see_later_pieces(kind: str, look: Options) -> None:
    model = build(kind=kind, **look).eval()
    source, target = padded(SOURCE_ROWS), padded(TARGET_ROWS)
    other = target.clone()
    other[:, 2:] = 17
    assert torch.equal(log_probs(model, source, target)[:, :2], log_probs(model, source, other)[:, :2])


@pytest.mark.parametrize(("kind", "look"), list(product(KINDS, LOOKS)))
def test_the_source_matters_from_its_first_to_its_last_piece(kind: str, look: Options) -> None:
    model = build(kind=kind, **look).eval()
    target = padded(TARGET_ROWS[:1])
    before = log_probs(model, padded(SOURCE_ROWS[:1]), target)
    for position in range(len(SOURCE_ROWS[0]) - 1):
        source = padded(SOURCE_ROWS[:1])
        source[0, position] = 19
        assert (log_probs(model, source, target) - before).abs().max() > 1e-4


def test_tied_weights_are_one_parameter() -> None:
    none, target, everything = (build(tie=tie, source_vocabulary=24) for tie in ("none", "target", "all"))
    assert target.output.weight is target.target_embedding.weight
    assert target.source_embedding.weight is not target.target_embedding.weight
    assert everything.output.weight is everything.source_embedding.weight
    table = 24 * BASE.width
    assert num_parameters(none) == num_parameters(target) + table == num_parameters(everything) + 2 * table


def test_tying_everything_needs_one_vocabulary() -> None:
    with pytest.raises(InputError, match="joint vocabulary"):
        build(tie="all")


@pytest.mark.parametrize("kind", KINDS)
def test_initial_weights_are_a_function_of_the_seed(kind: str) -> None:
    first, again, other = (build(seed, kind=kind).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(weight, again[name]) for name, weight in first.items())
    assert any(not torch.equal(weight, other[name]) for name, weight in first.items())


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_acts_in_training_only(kind: str) -> None:
    model = build(kind=kind, encoder_layers=2, decoder_layers=2)
    source, target = padded(SOURCE_ROWS), padded(TARGET_ROWS)
    assert not torch.equal(log_probs(model, source, target), log_probs(model, source, target))
    model.eval()
    assert torch.equal(log_probs(model, source, target), log_probs(model, source, target))


@pytest.mark.parametrize(("layers", "tie"), list(product((1, 2), ("none", "target", "all"))))
@pytest.mark.parametrize("kind", KINDS)
def test_every_tie_learns_to_copy(kind: str, layers: int, tie: str) -> None:
    sizes = {"encoder_layers": layers, "decoder_layers": layers, "source_vocabulary": 24}
    assert_learns_to_copy(build(kind=kind, tie=tie, dropout=0.0, **sizes))


@pytest.mark.parametrize(("kind", "option"), list(product(KINDS, (*LOOKS, *SHAPES[1:]))))
def test_every_option_learns_to_copy(kind: str, option: Options) -> None:
    assert_learns_to_copy(build(kind=kind, source_vocabulary=24, dropout=0.0, **option))


@every_model
def test_rows_that_share_a_source_step_like_rows_with_their_own(options: Options) -> None:
    model = build(**options).double().eval()
    rows_BK = torch.tensor([[2, 2], [0, 0]])  # one of three sentences has ended
    with torch.inference_mode():
        start = model.start(model.encode(padded(SOURCE_ROWS)))
        shared, apart = start.regroup(rows_BK), start.select(rows_BK.flatten())
        for swapped_BK in (torch.tensor([[1, 0], [2, 3]]), torch.tensor([[3, 3]])):
            pieces_N = torch.arange(5, 5 + len(shared.features_ND))
            (ours_NV, shared), (theirs_NV, apart) = (model.step(state, pieces_N) for state in (shared, apart))
            torch.testing.assert_close(ours_NV, theirs_NV)
            shared, apart = shared.regroup(swapped_BK), apart.select(swapped_BK.flatten())
