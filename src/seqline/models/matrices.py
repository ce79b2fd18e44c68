"""Which weights of a model are matrices."""

from torch import nn


def matrices(model: nn.Module) -> list[nn.Parameter]:
    """The weights of linear layers and embeddings, in the order of ``model.parameters()``; a tied one once.

    Having two dimensions is not enough: peepholes multiply unit by unit, and a single row (additive attention's v) is a
    vector.
    """
    owned = {id(module.weight) for module in model.modules() if isinstance(module, nn.Linear | nn.Embedding)}
    return [weight for weight in model.parameters() if id(weight) in owned and len(weight) > 1]
