"""Learnt gates: what does nothing closes, what is needed stays open, and the model is as it was."""

import torch
from test_pruning import CONFIG, batch, features, silence

from seqline.compression.gates import learnt_gates
from seqline.models.transformer import Transformer
from seqline.training.loss import linear_cross_entropy

DEAD_HEADS, DEAD_UNITS = (1, 2), range(8, 40)


def trained() -> Transformer:
    """A model that knows its batch by heart without some of its heads and units."""
    torch.manual_seed(1)
    model, given = Transformer(CONFIG).eval(), batch()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(80):
        silence(model, DEAD_HEADS, DEAD_UNITS)
        optimiser.zero_grad()
        loss = linear_cross_entropy(
            model(given.source_BS, given.input_BT), model.output.weight, given.label_BT, smoothing=0.0
        )
        torch.autograd.backward(loss / given.num_labels)
        optimiser.step()
    silence(model, DEAD_HEADS, DEAD_UNITS)
    return model


def test_what_does_nothing_closes_and_the_model_stays() -> None:
    model = trained()
    before, output = {name: weight.clone() for name, weight in model.state_dict().items()}, features(model, batch())
    gates = learnt_gates(model, [batch()] * 20)
    for name, gate in gates.items():
        dead = torch.zeros(len(gate), dtype=torch.bool)
        dead[list(DEAD_UNITS) if name.endswith("ffn") else list(DEAD_HEADS)] = True
        assert gate[dead].max() < 0.1
        assert gate[dead].max() < gate[~dead].max()
    assert max(gate.max() for gate in gates.values()) > 0.5
    assert torch.equal(features(model, batch()), output)
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
    assert all(weight.requires_grad for weight in model.parameters())
