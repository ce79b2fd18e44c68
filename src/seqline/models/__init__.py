"""Encoder–decoders: building one from its configuration, and keeping it on disk without pickle."""

from collections.abc import Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_model, save_model

from seqline.errors import ArtifactError, InputError
from seqline.models.base import EncoderDecoder
from seqline.models.config import ModelConfig, TransformerConfig, read_config, write_config
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.models.transformer import Transformer

WEIGHTS, CONFIG = "weights.safetensors", "config.json"

__all__ = ["EncoderDecoder", "build", "load", "save"]


def build(config: ModelConfig) -> EncoderDecoder:
    """A freshly initialised model; its weights are a function of torch's seed."""
    if isinstance(config, TransformerConfig):
        return Transformer(config)
    return RecurrentEncoderDecoder(config)


def save(model: EncoderDecoder, folder: Path) -> None:
    """Write weights and architecture into a (staged) folder; tied weights are written once."""
    save_model(model, str(folder / WEIGHTS))
    write_config(folder / CONFIG, model.config)


def load(folder: Path) -> EncoderDecoder:
    """Read a model for inference.

    Raises:
        MissingError: there is no model in the folder.
        ArtifactError: no model is of that architecture, or the weights are damaged or do not fit it.
    """
    config = read_config(folder / CONFIG)
    try:
        model = build(config)
    except (InputError, RuntimeError, ArithmeticError, LookupError) as error:  # a foreign one may hold any number
        raise ArtifactError(f"{folder / CONFIG}: no such model can be built ({_first_line(error)})") from None
    try:
        reason = _misfit(model, folder / WEIGHTS)
    except (SafetensorError, RuntimeError, OSError) as error:
        reason = _first_line(error)
    if reason:
        raise ArtifactError(f"{folder / WEIGHTS}: {reason}; run the stage that makes the model again")
    return model.eval()


def _misfit(model: EncoderDecoder, path: Path) -> str:
    """Load the weights; or say of one of them in what it does not fit the model."""
    with safe_open(path, framework="pt") as stored:
        found = {name: stored.get_slice(name).get_shape() for name in stored.keys()}  # noqa: SIM118
    for name, weight in model.state_dict().items():
        if name in found and found[name] != list(weight.shape):
            return f"{name} is {_size(found[name])}, but {_size(weight.shape)} in the model of {CONFIG}"
    missing, unknown = load_model(model, path, strict=False)
    if missing:
        return f"{min(missing)} is missing"
    return f"{min(unknown)} is no weight of the model of {CONFIG}" if unknown else ""


def _size(shape: Sequence[int]) -> str:
    return " × ".join(f"{length:,}" for length in shape)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
