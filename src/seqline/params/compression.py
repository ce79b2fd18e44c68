"""The ``synthesize``, ``prune`` and ``quantize`` blocks: from a teacher to something small and fast."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seqline.params.base import Block, Count, ModelName, NonNegative
from seqline.params.modelling import BelowOne, NotNegative, Optimisation, Positive

ComputeType = Literal["int8", "int8_float32", "int8_bfloat16", "int16", "float16", "bfloat16", "float32"]


class Synthesize(Block):
    """The teacher translates the training sources; the hypothesis nearest the reference (sentence chrF) is kept.

    ``teachers``: ``teacher``, or folders of other models; several torch models translate together. ``backward``: the
    folder of a model of the other direction, by whose score the worst are known; else by the teacher's own.
    ``compute_type``: in what CTranslate2 computes for a Transformer of ours, or for one of Hugging Face's.
    ``prefix``: what a foreign teacher wants before each source, such as ``>>cmn_Hans<<``.
    """

    teachers: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
    prefix: Annotated[str, Field(min_length=1)] | None
    backward: Annotated[str, Field(min_length=1)] | None
    beam: Count
    nbest: Count
    batch_tokens: Count
    compute_type: ComputeType
    drop_share: BelowOne
    shard_pairs: Count


class Target(Block):
    """How small a pruned model must become: one of its number of parameters, its size in int8 on disk in 10⁶ bytes, or
    the median latency of single lines in int8, in ms on this machine."""

    parameters: Count | None = None
    mb: Positive | None = None
    ms: Positive | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if len(self.model_fields_set) != 1 or None in self.model_dump(include=self.model_fields_set).values():
            raise ValueError("say one of `parameters`, `mb` and `ms`")
        return self


class Smaller(Block):
    """What a pruned model loses: heads and feed-forward units of a Transformer, hidden units of a recurrent model.

    ``coefficients_share`` of the weights that are left become zero, which a packed bundle stores in little. With a
    ``target``, the other shares are the least that reach it, and at least these. ``int8_aware``: how it recovers; null:
    as ``prune.recovery`` says.
    """

    heads_share: BelowOne
    ffn_share: BelowOne
    hidden_share: BelowOne
    coefficients_share: BelowOne
    encoder_layers: Count | None
    decoder_layers: Count | None
    int8_aware: bool | None
    target: Target | None


class Prune(Block):
    """Structured pruning: what goes leaves smaller dense matrices, so the model becomes faster too.

    ``models`` are made from the student, each on its own. It goes in ``rounds``, each with a recovery of its own.
    """

    models: Annotated[dict[ModelName, Smaller], Field(min_length=1)]
    importance: Literal["taylor", "magnitude", "gates"]
    unused_pieces: bool
    rounds: Count
    recovery: Optimisation


class Quantize(Block):
    """Export for CTranslate2, or of a recurrent model for ONNX Runtime, and how far it may stray before it fails.

    ``models`` says in what each is computed; NAME becomes NAME-quantized. ``shortlist``: target pieces that each source
    piece may call for, on top of the most frequent ones; 0: every piece may be written. ``packed``: large files are
    gzip. Both concern CTranslate2 only.
    """

    models: Annotated[dict[ModelName, ComputeType], Field(min_length=1)]
    shortlist: NonNegative
    packed: bool
    max_log_prob_error: Positive
    max_bleu_loss: NotNegative
