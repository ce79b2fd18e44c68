"""Smaller stacks: a Transformer made of some layers of another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from seqline.compression.held_out import held_out_loss
from seqline.models.config import TransformerConfig
from seqline.models.transformer import Transformer
from seqline.training.batching import Batch


def with_layers(
    model: Transformer, encoder: Sequence[int], decoder: Sequence[int], config: TransformerConfig | None = None
) -> Transformer:
    """A new model of these layers of each stack, with everything else that ``model`` has.

    ``config``: what the new model is, where it differs in more than its layers, as in dropout.
    """
    config = config or replace(
        model.config,
        encoder_ffn=tuple(model.config.encoder_ffn[layer] for layer in encoder),
        decoder_ffn=tuple(model.config.decoder_ffn[layer] for layer in decoder),
    )
    smaller, weights = Transformer(config), model.state_dict()
    old = {"encoder": encoder, "decoder": decoder}
    smaller.load_state_dict({name: weights[_in_old(name, old)] for name in smaller.state_dict()})
    return smaller.eval()


def without_layer(model: Transformer, stack: str, layer: int) -> Transformer:
    """A new model without one layer of ``stack``, ``encoder`` or ``decoder``.

    Raises:
        ValueError: it is the stack's only one.
    """
    layers = {"encoder": list(range(len(model.encoder))), "decoder": list(range(len(model.decoder)))}
    if len(layers[stack]) == 1:
        raise ValueError(f"the only layer of the {stack} cannot go")
    del layers[stack][layer]
    return with_layers(model, layers["encoder"], layers["decoder"])


def with_fewer_layers(
    model: Transformer, batches: Sequence[Batch], encoder: int | None, decoder: int | None
) -> Transformer:
    """A model with so many layers in each stack (None: all): one after the other, the one goes that the loss misses
    least."""
    for stack, wanted in (("encoder", encoder), ("decoder", decoder)):
        while len(getattr(model, stack)) > (wanted or len(getattr(model, stack))):
            shorter = [without_layer(model, stack, layer) for layer in range(len(getattr(model, stack)))]
            model = min(shorter, key=lambda one: held_out_loss(one, batches))
    return model


def _in_old(name: str, layers: Mapping[str, Sequence[int]]) -> str:
    """What a weight was called where layer *i* of a stack was ``layers[stack][i]``."""
    stack, _, rest = name.partition(".")
    if stack not in layers:
        return name
    number, _, inner = rest.partition(".")
    return f"{stack}.{layers[stack][int(number)]}.{inner}"
