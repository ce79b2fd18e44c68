"""The architecture of a model: all that is needed, besides the weights, to build it again."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from seqline.errors import ArtifactError
from seqline.files import read_json, write_json

Tie = Literal["none", "target", "all"]


@dataclass(frozen=True)
class TransformerConfig:
    """A Transformer.

    ``head_width`` is independent of ``width``, and ``*_ffn`` holds one width per layer, so that a pruned model is
    described by the same fields as a whole one. Where ``embedding_dropout`` or ``ffn_dropout`` is None, ``dropout``
    stands for it.
    """

    kind: Literal["transformer"]
    source_vocabulary: int
    target_vocabulary: int
    width: int
    head_width: int
    encoder_heads: int
    decoder_heads: int
    encoder_ffn: tuple[int, ...]
    decoder_ffn: tuple[int, ...]
    activation: Literal["relu", "gelu", "swiglu"]
    dropout: float
    tie: Tie
    norm: Literal["layer", "rms"] = "layer"
    norm_place: Literal["pre", "post"] = "pre"
    positions: Literal["sinusoidal", "rotary"] = "sinusoidal"
    max_positions: int = 1024
    embedding_dropout: float | None = None
    ffn_dropout: float | None = None
    attention_dropout: float = 0.0


@dataclass(frozen=True)
class RecurrentConfig:
    """A recurrent encoder and a recurrent decoder, with attention or without."""

    kind: Literal["lstm", "peephole_lstm", "gru"]
    source_vocabulary: int
    target_vocabulary: int
    width: int
    encoder_layers: int
    decoder_layers: int
    attention: Literal["additive", "dot", "general", "none"]
    dropout: float
    tie: Tie
    bidirectional: bool = True
    residual: bool = False
    layer_norm: bool = False
    input_feeding: bool = True

    @property
    def max_positions(self) -> None:
        """A sequence may have any number of pieces."""

    @property
    def feeds(self) -> bool:
        """Whether the decoder is told what attention chose; without attention there is nothing to tell."""
        return self.input_feeding and self.attention != "none"


ModelConfig = TransformerConfig | RecurrentConfig


def write_config(path: Path, config: ModelConfig) -> None:
    """Write an architecture as JSON."""
    write_json(path, asdict(config))


def read_config(path: Path) -> ModelConfig:
    """Read an architecture back, strictly: a checkpoint may come from anywhere.

    Raises:
        MissingError: no such file.
        ArtifactError: a field is unknown, missing or of the wrong type.
    """
    content: Any = read_json(path)
    try:
        return TypeAdapter[ModelConfig](ModelConfig).validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        raise ArtifactError(f"{path}: not a model configuration ({error.errors()[0]['msg']})") from None
