"""Sequence-level distillation data (Kim & Rush 2016): the teacher's own translations of the training sources.

A teacher's output is more regular than human references, so a small student can learn it. Of the n-best list the
hypothesis nearest to the reference is kept, by sentence chrF2, which needs no tokenizer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import polars as pl

from seqline.evaluation.fast_chrf import sentence_chrfs
from seqline.types import Searcher, Translation, Translator

OUTPUT = "synthetic.parquet"
"""What the stage ``synthesize`` leaves in ``data/synthetic``."""
SCHEMA = {
    "id": pl.Int64,
    "source": pl.String,
    "target": pl.String,
    "score": pl.Float64,
    "chrf": pl.Float64,
    "backward": pl.Float64,
}


@dataclass(frozen=True)
class Choice:
    """The hypothesis kept for a source: its mean log-probability, and its chrF2 against the reference."""

    text: str
    score: float
    chrf: float


def synthesize(
    pairs: pl.DataFrame, translator: Translator, *, beam: int, nbest: int, backward: Searcher | None = None
) -> pl.DataFrame:
    """Translate the sources of ``pairs`` (id, source, target) and keep one hypothesis each; rows keep id and order.

    Where the target is empty there is no reference: the hypothesis that the teacher ranks first is kept.

    ``backward`` translates the other way: what it thinks of the source, given the translation, is kept with it.
    """
    candidates = translator.translate(pairs["source"].to_list(), beam=beam, nbest=nbest)
    choices = choose(candidates, pairs["target"].to_list())
    return pl.DataFrame(
        {
            "id": pairs["id"],
            "source": pairs["source"],
            "target": [choice.text for choice in choices],
            "score": [choice.score for choice in choices],
            "chrf": [choice.chrf if target else None for choice, target in zip(choices, pairs["target"], strict=True)],
            "backward": backward and _backward_scores(backward, choices, pairs["source"].to_list()),
        },
        schema=SCHEMA,
    )


def _backward_scores(backward: Searcher, choices: Sequence[Choice], sources: Sequence[str]) -> list[float]:
    """Mean log-probability of each source's pieces, given the translation."""
    return [fmean(scores) for scores in backward.score([choice.text for choice in choices], sources)]


def choose(candidates: Sequence[Sequence[Translation]], references: Sequence[str]) -> list[Choice]:
    """The candidate nearest to each reference; among equally near ones the one that the teacher ranks first.

    Raises:
        ValueError: there are not as many references as lists of candidates.
    """
    pairs = list(zip(candidates, references, strict=True))
    flat = [(candidate.text, reference) for some, reference in pairs for candidate in some]
    scores = iter(sentence_chrfs([text for text, _ in flat], [reference for _, reference in flat]).tolist())
    ranked = [[Choice(candidate.text, candidate.score, next(scores)) for candidate in some] for some, _ in pairs]
    return [max(choices, key=lambda choice: choice.chrf) for choices in ranked]


def kept_ids(scores: pl.DataFrame, share: float) -> pl.DataFrame:
    """The ids of the rows that stay: without empty translations and the ``share`` of rows with the lowest scores.

    Args:
        scores: id, score, is_empty, of every row.
        share: 0 to 1.
    """
    filled = scores.filter(~pl.col("is_empty"))
    keep = len(filled) - int(share * len(filled))
    return filled.sort(["score", "id"], descending=[True, False]).head(keep).select("id")
