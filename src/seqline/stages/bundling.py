"""A Transformer of the project as a CTranslate2 bundle, as ``params.yaml`` describes it."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from seqline.compression.export import write_bundle
from seqline.compression.shortlist import shortlist
from seqline.params.compression import ComputeType
from seqline.stages.job import Job
from seqline.tokenization import Tokenizer

_TAUGHT_PAIRS = 200_000


def export(
    job: Job, model: Path, target: Path, compute_type: ComputeType, *, has_shortlist: bool, packed: bool = False
) -> None:
    """Write the bundle of a model folder, with the shortlist that ``quantize.shortlist`` asks for, or without.

    ``packed``: large files as gzip.

    Raises:
        StageError: the model is no Transformer.
    """
    write_bundle(
        model,
        target,
        compute_type,
        name=job.params.project.name,
        languages=job.params.project.languages,
        max_pieces=job.params.tokenize.max_pieces,
        shortlist=_shortlist(job, model) if has_shortlist else (),
        packed=packed,
    )


def _shortlist(job: Job, model: Path) -> Iterable[str]:
    """Learnt from training pairs, evenly spaced where there are very many; empty if none is asked for."""
    if not job.params.quantize.shortlist:
        return ()
    train = pl.read_parquet(job.work.clean / "train.parquet", columns=["source", "target"])
    train = train.gather_every(max(1, -(-len(train) // _TAUGHT_PAIRS)))
    sides = train["source"].to_list(), train["target"].to_list()
    return shortlist(Tokenizer.load(model), *sides, job.params.quantize.shortlist)
