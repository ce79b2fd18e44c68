"""Sequence-level distillation data (Kim & Rush 2016): the teacher's own translations of the training sources.

A teacher's output is more regular than human references, so a small student can learn it. Of the n-best list the
hypothesis nearest to the reference is kept, by sentence chrF2, which needs no tokenizer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from statistics import fmean

import polars as pl

from seqline.errors import InputError
from seqline.evaluation.fast_chrf import Figures, nbest_chrfs
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
    """The hypothesis kept for a source: its mean log-probability, and its chrF2 against the reference, if any."""

    text: str
    score: float
    chrf: float | None


def nbest_lists(
    sources: Sequence[str], translator: Translator, *, beam: int, nbest: int
) -> list[Sequence[Translation]]:
    """The hypotheses of each source; equal ones are translated once."""
    unique = list(dict.fromkeys(sources))
    found = dict(zip(unique, translator.translate(unique, beam=beam, nbest=nbest), strict=True))
    return [found[source] for source in sources]


def synthetic(
    pairs: pl.DataFrame, candidates: Sequence[Sequence[Translation]], backward: Searcher | None = None
) -> pl.DataFrame:
    """``pairs`` (id, source, target) with one of the candidates each as the target; rows keep id and order.

    ``backward`` translates the other way: what it thinks of the source, given the translation, is kept with it.
    """
    choices = choose(candidates, pairs["target"].to_list())
    return pl.DataFrame(
        {
            "id": pairs["id"],
            "source": pairs["source"],
            "target": [choice.text for choice in choices],
            "score": [choice.score for choice in choices],
            "chrf": [choice.chrf for choice in choices],
            "backward": backward
            and _backward_scores(backward, [choice.text for choice in choices], pairs["source"].to_list()),
        },
        schema=SCHEMA,
    )


def _backward_scores(backward: Searcher, translations: Sequence[str], sources: Sequence[str]) -> list[float]:
    """Mean log-probability of each source's pieces, given the translation; -inf of what is too long to be scored.

    A line too long is refused with all the others, so it is looked for in ever smaller halves.
    """
    try:
        return [fmean(scores) for scores in backward.score(translations, sources)]
    except InputError:
        if len(sources) == 1:
            return [-inf]
        half = len(sources) // 2
        return [
            score
            for part in (slice(half), slice(half, None))
            for score in _backward_scores(backward, translations[part], sources[part])
        ]


def told_apart(backward: Searcher, made: pl.DataFrame) -> float:
    """The share of rows whose source is no likelier given the translation half the rows further on than given its own.

    Args:
        backward: translates the other way.
        made: source and target, of rows that are not alike.
    """
    sources, targets = made["source"].to_list(), made["target"].to_list()
    half = len(made) // 2
    own, other = (_backward_scores(backward, some, sources) for some in (targets, [*targets[half:], *targets[:half]]))
    return fmean(mine >= theirs for mine, theirs in zip(own, other, strict=True))


def choose(candidates: Sequence[Sequence[Translation]], references: Sequence[str]) -> list[Choice]:
    """The candidate nearest to each reference; among equally near ones the one that the teacher ranks first.

    Where the reference is empty there is none, and the teacher's first is taken.

    Raises:
        ValueError: there are not as many references as lists of candidates.
    """
    lists = list(zip(candidates, references, strict=True))
    compared = [(some, reference) for some, reference in lists if reference]
    chrfs = iter(
        nbest_chrfs([[each.text for each in some] for some, _ in compared], [reference for _, reference in compared])
    )
    return [
        _nearest(some, next(chrfs)) if reference else Choice(some[0].text, some[0].score, None)
        for some, reference in lists
    ]


def _nearest(candidates: Sequence[Translation], chrfs: Figures) -> Choice:
    place = int(chrfs.argmax())
    return Choice(candidates[place].text, candidates[place].score, float(chrfs[place]))


def kept_ids(scores: pl.DataFrame, share: float) -> pl.DataFrame:
    """The ids of the rows that stay: without empty translations and the ``share`` of rows with the lowest scores.

    Args:
        scores: id, score, is_empty, of every row.
        share: 0 to 1.
    """
    filled = scores.filter(~pl.col("is_empty"))
    keep = len(filled) - int(share * len(filled))
    return filled.sort(["score", "id"], descending=[True, False]).head(keep).select("id")
