"""Stage ``synthesize``: the teacher translates the training sources.

Decoding is the dearest step of distillation, so a Transformer teacher is exported to CTranslate2 in float32 first;
a recurrent teacher decodes in torch. The work is cut into shards that survive a kill.
"""

import io
import shutil
from pathlib import Path

import polars as pl

from seqline import files
from seqline.compression.export import write_bundle
from seqline.compression.synthesis import drop_worst, synthesize
from seqline.decoding import TorchTranslator
from seqline.errors import StageError
from seqline.models.config import TransformerConfig, read_config
from seqline.progress import Advance, progress
from seqline.serving.bundle import Bundle
from seqline.stages.job import Job, Report
from seqline.types import Translator

OUTPUT = "synthetic.parquet"
_LINES_PER_CALL = 2000


def run(job: Job) -> Report:
    """Write ``data/synthetic``; finished shards of a killed run are not translated again."""
    settings, teacher = job.params.synthesize, job.work.model("teacher")
    for folder in (job.work.clean, teacher):
        files.verify(folder)
    shards = job.work.checkpoints("synthesize") / _fingerprint(job)
    translator = _open_teacher(job, teacher, shards)
    total = pl.scan_parquet(job.work.clean / "train.parquet").select(pl.len()).collect().item()
    with progress("synthesize", total, "sentence") as advance:
        parts = [
            _shard(job, translator, begin, shards / f"{begin:010d}.parquet", advance)
            for begin in range(0, total, settings.shard_pairs)
        ]
    made = pl.concat(parts) if parts else pl.DataFrame()
    if not len(made):
        raise StageError(f"{job.work.clean / 'train.parquet'}: no training pairs, so there is nothing to translate")
    kept = drop_worst(made, settings.drop_share)
    with files.staged(job.work.synthetic) as folder:
        files.write_bytes(folder / OUTPUT, _parquet(kept))
    shutil.rmtree(job.work.checkpoints("synthesize"))
    chrf = float(kept.select(pl.col("chrf").mean()).item())
    return Report(
        f"{len(kept):,} of {len(made):,} sources translated and kept, mean chrF2 {chrf:.1f} against the references",
        {"pairs": len(kept), "dropped": len(made) - len(kept), "chrf": chrf},
    )


def _open_teacher(job: Job, teacher: Path, cache: Path) -> Translator:
    settings, project = job.params.synthesize, job.params.project
    if not isinstance(read_config(teacher / "config.json"), TransformerConfig):
        return TorchTranslator.open(teacher, project.threads, settings.batch_tokens, project.precision)
    cache.mkdir(parents=True, exist_ok=True)
    write_bundle(
        teacher,
        cache / "teacher",
        "float32",
        name=project.name,
        languages=(project.source, project.target),
        max_pieces=job.params.tokenize.max_pieces,
    )
    return Bundle.open(cache / "teacher", threads=project.threads, batch_tokens=settings.batch_tokens)


def _shard(job: Job, translator: Translator, begin: int, path: Path, advance: Advance) -> pl.DataFrame:
    settings = job.params.synthesize
    if path.is_file():
        done = pl.read_parquet(path)
        advance(len(done))
        return done
    source = pl.scan_parquet(job.work.clean / "train.parquet").select("id", "source", "target")
    pairs = source.slice(begin, settings.shard_pairs).collect()
    parts = []
    for part in pairs.iter_slices(_LINES_PER_CALL):
        parts.append(synthesize(part, translator, beam=settings.beam, nbest=settings.nbest))
        advance(len(part))
    made = pl.concat(parts)
    files.write_bytes(path, _parquet(made))
    return made


def _fingerprint(job: Job) -> str:
    """What a shard is a function of."""
    facts = {
        "teacher": files.content_hash(job.work.model("teacher")),
        "clean": files.content_hash(job.work.clean),
        "max_pieces": job.params.tokenize.max_pieces,
        **job.params.synthesize.model_dump(exclude={"drop_share"}),
    }
    return files.fingerprint(facts)[:16]


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()
