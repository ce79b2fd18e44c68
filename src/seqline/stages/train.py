"""Stage ``train``: the teacher."""

import polars as pl

from seqline import files
from seqline.models.base import num_parameters
from seqline.stages.job import Job, Report
from seqline.stages.modelling import Recipe, config_of, fit_model
from seqline.training.data import TrainingData


def run(job: Job) -> Report:
    """Train the teacher on the tokenized corpus; a killed run goes on from its last checkpoint."""
    work, block = job.work, job.params.train
    for folder in (work.clean, work.tokenized):
        files.verify(folder)
    data = TrainingData.open(work.tokenized)
    recipe = Recipe(
        name="train",
        target=work.model("teacher"),
        config=config_of(block.model, data.tokenizer),
        settings=block.optimisation,
        inputs={"tokenized": files.content_hash(work.tokenized)},
    )
    model, curve = fit_model(job, recipe, data, pl.read_parquet(work.clean / "dev.parquet"))
    best = max(curve, key=lambda row: row["chrf"])
    return Report(
        f"teacher of {num_parameters(model) / 1e6:.1f} M parameters: dev chrF {best['chrf']:.1f}, "
        f"BLEU {best['bleu']:.1f} at update {best['update']:.0f}",
        {"chrf": best["chrf"], "bleu": best["bleu"], "updates": curve[-1]["update"]},
    )
