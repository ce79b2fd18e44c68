"""The ``tokenize``, ``train`` and ``distill`` blocks: pieces, model shapes and how they are trained."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seqline.params.base import Block, Count, ModelName, NonNegative, Share

BelowOne = Annotated[float, Field(ge=0.0, lt=1.0)]
Dropout = BelowOne
Positive = Annotated[float, Field(gt=0.0)]
NotNegative = Annotated[float, Field(ge=0.0)]


class Tokenize(Block):
    """SentencePiece unigram models with byte fallback."""

    joint: bool
    source_vocabulary: Annotated[int, Field(ge=300, le=65_535)]
    target_vocabulary: Annotated[int, Field(ge=300, le=65_535)]
    character_coverage: Annotated[float, Field(ge=0.9, le=1.0)]
    max_pieces: Count

    @model_validator(mode="after")
    def _joint_means_one_size(self) -> Self:
        if self.joint and self.source_vocabulary != self.target_vocabulary:
            raise ValueError("a joint vocabulary has one size: make source_vocabulary and target_vocabulary equal")
        return self


class Transformer(Block):
    """Shape of a Transformer (Vaswani et al. 2017)."""

    kind: Literal["transformer"]
    width: Count
    heads: Count
    ffn: Count
    encoder_layers: Count
    decoder_layers: Count
    activation: Literal["relu", "gelu", "swiglu"]
    norm: Literal["layer", "rms"]
    norm_place: Literal["pre", "post"]
    positions: Literal["sinusoidal", "rotary"]
    dropout: Dropout
    embedding_dropout: Dropout | None
    ffn_dropout: Dropout | None
    attention_dropout: Dropout
    tie: Literal["none", "target", "all"]

    @model_validator(mode="after")
    def _heads_divide_width(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is not a multiple of heads {self.heads}")
        if self.positions == "rotary" and self.width // self.heads % 2:
            raise ValueError(f"width / heads is {self.width // self.heads}, odd; rotary positions need an even one")
        if self.width % 2:
            raise ValueError(f"width {self.width} is odd; sinusoidal positions need an even one")
        return self


class Recurrent(Block):
    """Shape of a recurrent encoder–decoder (Bahdanau et al. 2015; Luong et al. 2015).

    ``attention: none`` squeezes the source into one vector (Sutskever et al. 2014; Cho et al. 2014).
    """

    kind: Literal["lstm", "peephole_lstm", "gru"]
    width: Annotated[int, Field(ge=2, multiple_of=2)]
    encoder_layers: Count
    decoder_layers: Count
    bidirectional: bool
    residual: bool
    layer_norm: bool
    attention: Literal["additive", "dot", "general", "none"]
    input_feeding: bool
    dropout: Dropout
    tie: Literal["none", "target", "all"]

    @model_validator(mode="after")
    def _attention_feeds(self) -> Self:
        if self.attention == "none" and self.input_feeding:
            raise ValueError("attention: none has nothing to feed back; say input_feeding: false")
        return self


Model = Annotated[Transformer | Recurrent, Field(discriminator="kind")]


class Optimisation(Block):
    """How a model is trained. An *update* is one step of the optimiser."""

    batch_tokens: Count
    accumulate: Count
    max_updates: Count
    warmup_updates: NonNegative
    learning_rate: Positive
    optimiser: Literal["adamw", "muon"]
    schedule: Literal["inverse_sqrt", "cosine", "linear", "wsd"]
    decay_share: Share
    weight_decay: NotNegative
    betas: Annotated[list[BelowOne], Field(min_length=2, max_length=2)]
    clip_norm: Positive
    label_smoothing: BelowOne
    r_drop: NotNegative
    word_dropout: BelowOne
    int8_aware: bool
    subword_sampling: Share
    average_decay: BelowOne
    average_last: NonNegative
    validate_every: Count
    patience: Count
    validation_pairs: Count

    @model_validator(mode="after")
    def _warmup_fits(self) -> Self:
        if self.warmup_updates >= self.max_updates:
            raise ValueError(f"warmup_updates {self.warmup_updates} must be below max_updates {self.max_updates}")
        return self


class Train(Block):
    """The teacher. ``start``: a model folder, or a registered version whose teacher it goes on from."""

    model: Model
    start: Annotated[str, Field(min_length=1)] | None
    optimisation: Optimisation


class Distill(Block):
    """The student, one of the shapes ``students``.

    A Transformer is deployed by CTranslate2; a recurrent one is exported for ONNX Runtime and not shipped. Its teacher
    may be of any kind. ``initialise: teacher`` starts a Transformer as layers of a teacher of the same width. It learns
    the teacher's translations (``sequence_level``), a share of the ``originals``, or both; ``word_level`` is the share
    of what it learns at each position that is the teacher's own distribution over its ``word_level_pieces`` likeliest
    pieces.
    """

    student: ModelName
    students: dict[ModelName, Model]
    initialise: Literal["teacher", "random"]
    sequence_level: bool
    originals: Share
    word_level: Share
    word_level_pieces: Count
    optimisation: Optimisation

    @property
    def model(self) -> Model:
        """The shape that is chosen."""
        return self.students[self.student]

    @model_validator(mode="after")
    def _there_is_such_a_student(self) -> Self:
        if self.student not in self.students:
            raise ValueError(f"student: no shape {self.student!r}; there are {', '.join(self.students)}")
        return self

    @model_validator(mode="after")
    def _layers_start_as_layers(self) -> Self:
        if self.initialise == "teacher" and self.model.kind != "transformer":
            raise ValueError(f"initialise: a {self.model.kind} student cannot start as layers of a teacher; say random")
        return self

    @model_validator(mode="after")
    def _there_is_something_to_learn(self) -> Self:
        if not self.sequence_level and not self.originals:
            raise ValueError("without sequence_level there are only originals to learn from; raise `originals`")
        return self
