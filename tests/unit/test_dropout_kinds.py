"""Each kind of dropout of a Transformer acts by itself, in training only."""

import pytest
import torch

from seqline.models import build
from seqline.models.config import TransformerConfig

KINDS = ("dropout", "embedding_dropout", "ffn_dropout", "attention_dropout")


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_alone_makes_passes_differ_in_training_only(kind: str) -> None:
    torch.manual_seed(1)
    off = dict.fromkeys(KINDS, 0.0) | {kind: 0.5}
    shape = ("transformer", 20, 20, 16, 8, 2, 2, (32,), (32,), "relu")
    model = build(TransformerConfig(*shape, tie="none", **off))  # type: ignore[arg-type]
    source, target = torch.randint(4, 20, (3, 6)), torch.randint(4, 20, (3, 5))
    assert not torch.equal(model(source, target), model(source, target))
    model.eval()
    assert torch.equal(model(source, target), model(source, target))


def test_where_no_rate_of_its_own_is_given_the_general_one_holds() -> None:
    shape = ("transformer", 20, 20, 16, 8, 2, 2, (32,), (32,), "relu", 0.25)
    model = build(TransformerConfig(*shape, tie="none"))  # type: ignore[arg-type]
    rates = {module.threshold / 256 for module in model.modules() if hasattr(module, "threshold")}
    assert rates == {0.25}
