"""The ``evaluate`` and ``promote`` blocks: how models are measured and when one becomes champion."""

from typing import Annotated, Literal

from pydantic import Field

from seqline.params.base import Block, Count, Language, ModelName, Name, NonNegative


class Evaluate(Block):
    """Scores, intervals and speed.

    Every model is timed with the same beam on ``speed_pairs`` test lines in batches, and on ``latency_pairs`` of
    them one by one. ``models``: those of the graph that are candidates for what is shipped, and their forebears.
    """

    models: Annotated[list[ModelName], Field(min_length=1)]
    beam: Count
    batch_tokens: Count
    resamples: Count
    speed_pairs: Count
    latency_pairs: Count
    samples: NonNegative


class Select(Block):
    """Which of the evaluated models is shipped: the best by ``prefer`` of those that keep within every budget.

    ``min_score_share`` is of the teacher's BLEU and of its chrF2.
    """

    prefer: Literal["size", "speed", "score"]
    min_score_share: Annotated[float, Field(ge=0.0, le=1.0)]
    max_mb: Annotated[float, Field(gt=0.0)] | None
    max_p95_ms: Annotated[float, Field(gt=0.0)] | None


class Promote(Block):
    """The gate. A challenger is promoted only if every condition holds on the same test pairs.

    The margins are in points of BLEU and of chrF2, ``max_slice_loss`` of either.
    """

    margin_bleu: Annotated[float, Field(ge=0.0)]
    margin_chrf: Annotated[float, Field(ge=0.0)]
    alpha: Annotated[float, Field(gt=0.0, lt=1.0)]
    must_improve: bool
    min_test_pairs: Count
    max_slice_loss: Annotated[float, Field(ge=0.0)]
    max_mb: Annotated[float, Field(gt=0.0)] | None
    max_p95_ms: Annotated[float, Field(gt=0.0)] | None


class Drift(Block):
    """How far live requests may move from the training data before `seqline drift` calls it drift.

    Distances are those of Kolmogorov and Smirnov, between 0 and 1; shares are of pieces and of lines.
    """

    min_lines: Count
    max_length_distance: Annotated[float, Field(gt=0.0, le=1.0)]
    max_confidence_distance: Annotated[float, Field(gt=0.0, le=1.0)]
    max_spelt_share: Annotated[float, Field(gt=0.0, le=1.0)]
    max_foreign_share: Annotated[float, Field(gt=0.0, le=1.0)]


class Project(Block):
    """What the model is called, which way it translates, and what makes a run repeatable.

    ``processes`` train one model together, with ``threads`` each.
    """

    name: Name
    source: Language
    target: Language
    seed: NonNegative
    threads: Count
    processes: Count
    device: Literal["auto", "cpu", "cuda"]
    precision: Literal["auto", "fp32", "bf16"]

    @property
    def languages(self) -> tuple[str, str]:
        """Source and target."""
        return self.source, self.target
