"""The ``synthesize``, ``prune`` and ``quantize`` blocks: from a teacher to something small and fast."""

from typing import Annotated, Literal

from pydantic import Field

from seqline.params.base import Block, Count
from seqline.params.modelling import Optimisation


class Synthesize(Block):
    """The teacher translates the training sources; the hypothesis nearest the reference (sentence chrF) is kept."""

    beam: Count
    nbest: Count
    batch_tokens: Count
    drop_share: Annotated[float, Field(ge=0.0, lt=1.0)]
    shard_pairs: Count


class Prune(Block):
    """Structured pruning: what goes leaves smaller dense matrices, so the model becomes faster too."""

    heads_share: Annotated[float, Field(ge=0.0, lt=1.0)]
    ffn_share: Annotated[float, Field(ge=0.0, lt=1.0)]
    recovery: Optimisation


class Quantize(Block):
    """Export for CTranslate2, and how far it may stray from torch before the stage fails."""

    compute_type: Literal["int8", "int8_float32", "float32"]
    max_log_prob_error: Annotated[float, Field(gt=0.0)]
    max_bleu_loss: Annotated[float, Field(ge=0.0)]
