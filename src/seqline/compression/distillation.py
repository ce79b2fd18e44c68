"""What a student learns from: the teacher's translations, mixed with a share of the original pairs."""

from pathlib import Path

import numpy as np
import polars as pl

from seqline.errors import MismatchError
from seqline.tokenization import Sequences, Spool, Tokenizer
from seqline.training.data import TrainingData

_ENCODED_PAIRS = 50_000


def mix(sources: pl.DataFrame, synthetic: pl.DataFrame, share: float, seed: int) -> pl.DataFrame:
    """All synthetic pairs, then ``share`` of the original ones, drawn by the seed; columns source and target.

    Args:
        sources: id, source, target of what was translated; those with a target are the originals.
        synthetic: id, source, target; ``id`` is that of the source it was translated from.
        share: share of the originals, 0 to 1.
        seed: decides which originals.

    Raises:
        MismatchError: a synthetic row's source is not the source with its id.
    """
    joined = synthetic.join(sources.select("id", original="source"), on="id", how="left", maintain_order="left")
    foreign = joined.filter(pl.col("source").ne_missing(pl.col("original")))
    if len(foreign):
        raise MismatchError(
            f"synthetic pair {foreign['id'][0]}: its source is not sentence {foreign['id'][0]} of what was translated "
            f"({len(foreign)} such rows); run `synthesize` again on the present corpus"
        )
    originals = sources.filter(pl.col("target") != "")
    order = np.random.default_rng(seed).permutation(len(originals))
    drawn = originals[np.sort(order[: round(share * len(originals))])]
    return pl.concat([frame.select("source", "target") for frame in (synthetic, drawn)])


def encode(pairs: pl.DataFrame, tokenizer: Tokenizer, max_pieces: int, scratch: Path) -> TrainingData:
    """The pairs as ids, in files below ``scratch``, without those that have a side of none or over ``max_pieces``."""
    source, target = Spool(scratch), Spool(scratch)
    for part in pairs.iter_slices(_ENCODED_PAIRS):
        rows = zip(
            tokenizer.encode_source(part["source"].to_list()),
            tokenizer.encode_target(part["target"].to_list()),
            strict=True,
        )
        fitting = [(s, t) for s, t in rows if 0 < len(s) <= max_pieces and 0 < len(t) <= max_pieces]
        source.add(Sequences.of(s for s, _ in fitting))
        target.add(Sequences.of(t for _, t in fitting))
    return TrainingData(source.finish(), target.finish(), tokenizer)
