"""Which weights count as matrices, and who goes by that."""

import torch
from recurrent_models import build
from tiny_training import settings, tiny_model

from seqline.compression.coefficients import zero_smallest
from seqline.models.matrices import matrices
from seqline.training.optimiser import Optimisers
from seqline.training.quantised import rounded_weights

VECTORS = ("peepholes", "energy.weight")


def test_every_matrix_of_a_transformer_is_one() -> None:
    model = tiny_model()
    expected = [weight for weight in model.parameters() if weight.dim() == 2]
    assert [id(weight) for weight in matrices(model)] == [id(weight) for weight in expected]


def test_peepholes_and_the_energy_of_additive_attention_are_vectors_to_all_who_treat_matrices() -> None:
    model = build(kind="peephole_lstm", attention="additive")
    vectors = {name: weight for name, weight in model.named_parameters() if name.endswith(VECTORS)}
    assert len(vectors) == 4  # two directions of the encoder, the decoder, the attention
    with torch.no_grad():
        for weight in vectors.values():
            weight.copy_(torch.randn_like(weight))
    before = {name: weight.detach().clone() for name, weight in vectors.items()}

    muon, adamw = Optimisers.of(model, settings(optimiser="muon")).parts
    assert all(_holds(adamw, weight) and not _holds(muon, weight) for weight in vectors.values())
    with rounded_weights(model):
        assert all(torch.equal(weight, before[name]) for name, weight in vectors.items())
    zero_smallest(model, 0.9)
    assert all(torch.equal(weight, before[name]) for name, weight in vectors.items())


def _holds(optimiser: torch.optim.Optimizer, weight: torch.Tensor) -> bool:
    return any(one is weight for group in optimiser.param_groups for one in group["params"])
