"""Stage ``synthesize``: the teacher translates the training sources, and sentences that have no translation.

Decoding is the dearest step of distillation, so a Transformer teacher is exported to CTranslate2 first, with a lexical
shortlist; recurrent teachers, and several together, decode in torch. The work is cut into shards that survive a kill.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from seqline import files
from seqline.compression.shards import Shard, translate
from seqline.compression.synthesis import OUTPUT, SCHEMA, kept_ids, told_apart
from seqline.errors import StageError
from seqline.progress import progress
from seqline.stages import teachers
from seqline.stages.job import Job, Report
from seqline.stages.sources import sources
from seqline.types import Searcher

# Of German where Chinese is wanted chrF2 is 0, of the wrong Chinese sentences 2. It tells scripts apart, not languages
# of one script: of the wrong German sentences it is 18.
_LEAST_CHRF = 5.0

_JUDGED_PAIRS, _LEAST_TOLD_APART = 200, 0.75
"""A model that understands nothing tells half of the pairs apart, one of the right direction nearly all."""


def run(job: Job) -> Report:
    """Write ``data/synthetic``; finished shards of a killed run are not translated again.

    Raises:
        MissingError: a teacher is not there.
        MismatchError: a teacher is of other languages.
        StageError: there is nothing to translate, what comes out has nothing to do with the references, or the judge
            cannot tell translations apart.
    """
    files.verify(job.work.clean)
    folders = teachers.checked(job)
    total = sources(job.work).select(pl.len()).collect().item()
    if not total:
        raise StageError(f"{job.work.clean / 'train.parquet'}: no training pairs, so there is nothing to translate")
    shards = _shards(job, total)
    _translate(job, folders, shards)
    made = pl.concat([_scores(job, shard.path) for shard in shards])
    kept = kept_ids(made, job.params.synthesize.drop_share)
    with files.staged(job.work.synthetic) as folder:
        chrf = _write(folder / OUTPUT, shards, kept)
    shutil.rmtree(job.work.checkpoints("synthesize"))
    return Report(
        f"{len(kept):,} of {len(made):,} sources translated and kept, mean chrF2 {chrf:.1f} against the references",
        {"pairs": len(kept), "dropped": len(made) - len(kept), "chrf": chrf},
    )


def _shards(job: Job, total: int) -> list[Shard]:
    folder, size = job.work.checkpoints("synthesize") / _fingerprint(job), job.params.synthesize.shard_pairs
    pairs = sources(job.work)
    return [
        Shard(folder / f"{begin:010d}.parquet", pairs.slice(begin, size), min(size, total - begin))
        for begin in range(0, total, size)
    ]


def _translate(job: Job, folders: Sequence[Path], shards: Sequence[Shard]) -> None:
    """Write every shard that is not there yet, or not whole; the first one is judged, whichever run has made it."""
    settings, first = job.params.synthesize, shards[0]
    backward = teachers.opened_backward(job)
    missing = [shard for shard in shards if not shard.is_whole()]
    if not missing or missing[0] is not first:
        _check_sense(job, first, backward)
    if not missing:
        return
    scratch = first.path.parent
    scratch.mkdir(parents=True, exist_ok=True)
    translator = teachers.opened(job, folders, scratch)
    with progress("synthesize", sum(shard.num_pairs for shard in missing), "sentence") as advance:
        for shard in translate(missing, translator, beam=settings.beam, nbest=settings.nbest, backward=backward):
            if shard is first:
                _check_sense(job, shard, backward)
            advance(shard.num_pairs)


def _check_sense(job: Job, shard: Shard, backward: Searcher | None) -> None:
    """Models from elsewhere do not tell their languages; without references there is nothing to compare with."""
    made, settings, project = pl.read_parquet(shard.path), job.params.synthesize, job.params.project
    chrf = made["chrf"].mean()
    if settings.teachers != [teachers.TEACHER] and isinstance(chrf, float) and chrf < _LEAST_CHRF:
        raise StageError(
            f"synthesize.teachers: {', '.join(settings.teachers)}: mean chrF2 {chrf:.1f} against the references of the "
            f"first sentences; it does not seem to translate {project.source} → {project.target} (is synthesize.prefix "
            "right?)"
        )
    if backward and (share := told_apart(backward, made.head(_JUDGED_PAIRS))) < _LEAST_TOLD_APART:
        raise StageError(
            f"synthesize.backward: {settings.backward}: knows only {share:.0%} of the first sources from others by "
            f"their translations; it does not seem to translate {project.target} → {project.source}"
        )


def _scores(job: Job, shard: Path) -> pl.DataFrame:
    """By what the worst are known."""
    score = "backward" if job.params.synthesize.backward else "score"
    return pl.read_parquet(shard).select("id", score=pl.col(score), is_empty=pl.col("target") == "")


def _write(path: Path, shards: Sequence[Shard], kept: pl.DataFrame) -> float:
    """The rows that are kept, shard by shard; returns the mean chrF2 of those with a reference."""
    total, compared = 0.0, 0
    with pq.ParquetWriter(path, pl.DataFrame(schema=SCHEMA).to_arrow().schema, compression="zstd") as writer:
        for shard in shards:
            rows = pl.read_parquet(shard.path).join(kept, on="id", how="semi", maintain_order="left")
            writer.write_table(rows.to_arrow().cast(writer.schema))
            total, compared = total + float(rows["chrf"].sum()), compared + rows["chrf"].count()
    return total / max(compared, 1)


def _fingerprint(job: Job) -> str:
    """What a shard is a function of."""
    facts = {
        "teachers": teachers.content(job),
        "clean": files.content_hash(job.work.clean),
        "max_pieces": job.params.tokenize.max_pieces,
        "precision": job.params.project.precision,
        "device": teachers.device_of(job),
        "shortlist": job.params.quantize.shortlist,
        **job.params.synthesize.model_dump(exclude={"drop_share"}),
    }
    return files.fingerprint(facts)[:16]
