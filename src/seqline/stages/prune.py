"""Stage ``prune``: attention heads and feed-forward units leave the student, which then recovers by training on."""

from itertools import islice

import polars as pl
import torch

from seqline import files, models
from seqline.compression.pruning import importance, prune
from seqline.errors import StageError
from seqline.models.base import num_parameters
from seqline.models.transformer import Transformer
from seqline.progress import track
from seqline.stages.distill import distillation_data, distillation_inputs
from seqline.stages.job import Job, Report
from seqline.stages.modelling import Recipe, fit_model
from seqline.training.data import TrainingData

_BATCHES_JUDGED = 50


def run(job: Job) -> Report:
    """Write ``models/pruned``; a killed run goes on from its last checkpoint."""
    work, block = job.work, job.params.prune
    files.verify(work.model("student"))
    torch.set_num_threads(job.params.project.threads)
    data = distillation_data(job)
    student = models.load(work.model("student"))
    if not isinstance(student, Transformer):
        raise StageError(
            f"{work.model('student')}: only a Transformer can be pruned, and this is {student.config.kind}"
        )
    smaller = _prune(job, student, data)
    recipe = Recipe(
        name="prune",
        target=work.model("pruned"),
        config=smaller.config,
        settings=block.recovery,
        inputs={
            **distillation_inputs(job),
            "student": files.content_hash(work.model("student")),
            "shares": files.fingerprint({"heads": block.heads_share, "ffn": block.ffn_share}),
        },
    )
    before, after = num_parameters(student), num_parameters(smaller)
    _, curve = fit_model(job, recipe, data, pl.read_parquet(work.clean / "dev.parquet"), start=smaller)
    best = max(curve, key=lambda row: row["chrf"])
    return Report(
        f"{before / 1e6:.2f} → {after / 1e6:.2f} M parameters: dev chrF {best['chrf']:.1f}, "
        f"BLEU {best['bleu']:.1f} at update {best['update']:.0f}",
        {"chrf": best["chrf"], "bleu": best["bleu"], "parameters": after, "removed": before - after},
    )


def _prune(job: Job, student: Transformer, data: TrainingData) -> Transformer:
    block = job.params.prune
    batches = list(islice(data.batches(block.recovery.batch_tokens, job.params.project.seed, 0), _BATCHES_JUDGED))
    importances = importance(student, track(batches, "judge heads and units", len(batches), "batch"))
    return prune(student, importances, heads_share=block.heads_share, ffn_share=block.ffn_share)
