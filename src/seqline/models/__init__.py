"""Encoder–decoders: building one from its configuration, and keeping it on disk without pickle."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_model, save_model

from seqline.errors import ArtifactError
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
        ArtifactError: the weights are damaged or do not fit the architecture.
    """
    model = build(read_config(folder / CONFIG))
    try:
        load_model(model, str(folder / WEIGHTS))
    except (SafetensorError, RuntimeError, OSError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ArtifactError(f"{folder / WEIGHTS}: {reason}; run the stage that makes the model again") from None
    return model.eval()
