"""Stage ``synthesize``: the teacher translates the training sources, and sentences that have no translation.

Decoding is the dearest step of distillation, so a Transformer teacher is exported to CTranslate2 first, with a lexical
shortlist; recurrent teachers, and several together, decode in torch. The work is cut into shards that survive a kill.
"""

import io
import shutil
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from seqline import files
from seqline.compression.foreign import ForeignTranslator, converted, is_foreign
from seqline.compression.synthesis import OUTPUT, SCHEMA, kept_ids, synthesize
from seqline.decoding.translator import open_ensemble
from seqline.errors import StageError
from seqline.models.config import TransformerConfig, read_config
from seqline.progress import progress
from seqline.serving.bundle import Bundle
from seqline.stages.bundling import export
from seqline.stages.job import Job, Report
from seqline.stages.opening import WEIGHTS, open_translator
from seqline.stages.sources import sources
from seqline.types import Translator

TEACHER = "teacher"


def run(job: Job) -> Report:
    """Write ``data/synthetic``; finished shards of a killed run are not translated again.

    Raises:
        MissingError: a teacher is not there.
        StageError: there is nothing to translate.
    """
    files.verify(job.work.clean)
    teachers = _teachers(job)
    cache = job.work.checkpoints("synthesize") / _fingerprint(job)
    translator = _open(job, teachers, cache)
    total = sources(job.work).select(pl.len()).collect().item()
    if not total:
        raise StageError(f"{job.work.clean / 'train.parquet'}: no training pairs, so there is nothing to translate")
    shards = [cache / f"{begin:010d}.parquet" for begin in range(0, total, job.params.synthesize.shard_pairs)]
    _translate_shards(job, translator, shards, total)
    made = pl.concat([_scores(job, shard) for shard in shards])
    kept = kept_ids(made, job.params.synthesize.drop_share)
    with files.staged(job.work.synthetic) as folder:
        chrf = _write(folder / OUTPUT, shards, kept)
    shutil.rmtree(job.work.checkpoints("synthesize"))
    return Report(
        f"{len(kept):,} of {len(made):,} sources translated and kept, mean chrF2 {chrf:.1f} against the references",
        {"pairs": len(kept), "dropped": len(made) - len(kept), "chrf": chrf},
    )


def _teachers(job: Job) -> list[Path]:
    """The folders of what translates; all of our own are whole."""
    folders = [_folder(job, name) for name in job.params.synthesize.teachers]
    for folder in folders:
        if not is_foreign(folder):
            files.verify(folder)
    if job.params.synthesize.backward:
        files.verify(job.work.root / job.params.synthesize.backward)
    return folders


def _folder(job: Job, name: str) -> Path:
    return job.work.model(name) if name == TEACHER else job.work.root / name


def _open(job: Job, teachers: Sequence[Path], cache: Path) -> Translator:
    settings, project = job.params.synthesize, job.params.project
    cache.mkdir(parents=True, exist_ok=True)
    if len(teachers) > 1:
        return open_ensemble(teachers, project.threads, settings.batch_tokens)
    (teacher,) = teachers
    if is_foreign(teacher):
        return ForeignTranslator.open(
            converted(teacher, cache / "converted"),
            threads=project.threads,
            batch_tokens=settings.batch_tokens,
            prefix=settings.prefix,
        )
    if not (teacher / WEIGHTS).is_file() or not isinstance(read_config(teacher / "config.json"), TransformerConfig):
        return open_translator(teacher, job.params, settings.batch_tokens)
    export(job, teacher, cache / "teacher", settings.compute_type, has_shortlist=True)
    return Bundle.open(cache / "teacher", threads=project.threads, batch_tokens=settings.batch_tokens)


def _translate_shards(job: Job, translator: Translator, shards: Sequence[Path], total: int) -> None:
    """Write every shard that is not there yet."""
    settings = job.params.synthesize
    backward = open_translator(job.work.root / settings.backward, job.params) if settings.backward else None
    pairs = sources(job.work)
    with progress("synthesize", total, "sentence") as advance:
        for number, shard in enumerate(shards):
            if not shard.is_file():
                part = pairs.slice(number * settings.shard_pairs, settings.shard_pairs).collect()
                made = synthesize(part, translator, beam=settings.beam, nbest=settings.nbest, backward=backward)
                files.write_bytes(shard, _parquet(made))
            advance(min(settings.shard_pairs, total - number * settings.shard_pairs))


def _scores(job: Job, shard: Path) -> pl.DataFrame:
    """By what the worst are known."""
    score = "backward" if job.params.synthesize.backward else "score"
    return pl.read_parquet(shard).select("id", score=pl.col(score), is_empty=pl.col("target") == "")


def _write(path: Path, shards: Sequence[Path], kept: pl.DataFrame) -> float:
    """The rows that are kept, shard by shard; returns the mean chrF2 of those with a reference."""
    total, compared = 0.0, 0
    with pq.ParquetWriter(path, pl.DataFrame(schema=SCHEMA).to_arrow().schema, compression="zstd") as writer:
        for shard in shards:
            rows = pl.read_parquet(shard).join(kept, on="id", how="semi", maintain_order="left")
            writer.write_table(rows.to_arrow().cast(writer.schema))
            total, compared = total + float(rows["chrf"].sum()), compared + rows["chrf"].count()
    return total / max(compared, 1)


def _fingerprint(job: Job) -> str:
    """What a shard is a function of."""
    settings = job.params.synthesize
    backward = [files.content_hash(job.work.root / settings.backward)] if settings.backward else []
    facts = {
        "teachers": [_hash(_folder(job, name)) for name in settings.teachers] + backward,
        "clean": files.content_hash(job.work.clean),
        "max_pieces": job.params.tokenize.max_pieces,
        "precision": job.params.project.precision,
        "shortlist": job.params.quantize.shortlist,
        **settings.model_dump(exclude={"drop_share"}),
    }
    return files.fingerprint(facts)[:16]


def _hash(folder: Path) -> str:
    if not is_foreign(folder):
        return files.content_hash(folder)
    return files.fingerprint([files.sha256(path) for path in sorted(folder.iterdir()) if path.is_file()])


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()
