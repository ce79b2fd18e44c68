"""A model whose embeddings and output layer know fewer pieces."""

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from seqline import models
from seqline.models.base import EncoderDecoder
from seqline.tokenization.trimming import Trimmed, trim, used
from seqline.training.data import TrainingData

Model = TypeVar("Model", bound=EncoderDecoder)


def with_used_pieces(
    model: Model, data: TrainingData, corpus: TrainingData, scratch: Path
) -> tuple[Model, TrainingData]:
    """The model without the pieces that neither ``data`` nor ``corpus`` uses, and ``data`` by their new ids.

    The ids lie in files below ``scratch``.
    """
    tokenizer = data.tokenizer
    trimmed = trim(
        tokenizer,
        used(data.source, tokenizer.source_vocabulary) | used(corpus.source, tokenizer.source_vocabulary),
        used(data.target, tokenizer.target_vocabulary) | used(corpus.target, tokenizer.target_vocabulary),
        joint=model.config.tie == "all",
    )
    return with_fewer_pieces(model, trimmed), data.renumbered(trimmed, scratch)


def with_fewer_pieces(model: Model, trimmed: Trimmed) -> Model:
    """The same model for a trimmed tokenizer: to texts that it cuts as before, it gives the same scores but for the
    share of probability that the absent pieces had."""
    source, target = torch.from_numpy(trimmed.source), torch.from_numpy(trimmed.target)
    rows = {"source_embedding.weight": source, "target_embedding.weight": target, "output.weight": target}
    config = replace(model.config, source_vocabulary=len(source), target_vocabulary=len(target))
    weights: dict[str, Tensor] = {
        name: weight[rows[name]] if name in rows else weight for name, weight in model.state_dict().items()
    }
    smaller = models.build(config)
    smaller.load_state_dict(weights)
    assert isinstance(smaller, type(model))
    return smaller.eval()
