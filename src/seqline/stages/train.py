"""Stage ``train``: the teacher."""

import sys
from pathlib import Path

import polars as pl
import torch

from seqline import files, models
from seqline.models.base import EncoderDecoder, num_parameters
from seqline.models.config import ModelConfig
from seqline.stages.job import Job, Report
from seqline.stages.modelling import Recipe, config_of, fit_model
from seqline.starting import origin, start_folder
from seqline.tokenization import Tokenizer
from seqline.training.data import TrainingData
from seqline.training.peers import leads
from seqline.training.warm import start_from


def run(job: Job) -> Report:
    """Train the teacher on the tokenized corpus; a killed run goes on from its last checkpoint.

    With ``train.start`` it begins with the weights of an earlier model.
    """
    work, block = job.work, job.params.train
    for folder in (work.clean, work.tokenized):
        files.verify(folder)
    data = TrainingData.open(work.tokenized)
    config, inputs = config_of(block.model, data.tokenizer), {"tokenized": files.content_hash(work.tokenized)}
    start = facts = None
    if block.start is not None:
        folder = start_folder(work, block.start, job.registry)
        facts = origin(block.start, folder)
        inputs["start"] = facts["content_hash"]
        start = _warm(job, config, folder, data.tokenizer)
    recipe = Recipe("train", work.model("teacher"), config, block.optimisation, inputs, start=facts)
    model, curve = fit_model(job, recipe, data, pl.read_parquet(work.clean / "dev.parquet"), start)
    best = max(curve, key=lambda row: row["chrf"])
    return Report(
        f"teacher of {num_parameters(model) / 1e6:.1f} M parameters: dev chrF {best['chrf']:.1f}, "
        f"BLEU {best['bleu']:.1f} at update {best['update']:.0f}",
        {"chrf": best["chrf"], "bleu": best["bleu"], "updates": curve[-1]["update"]},
    )


def _warm(job: Job, config: ModelConfig, folder: Path, tokenizer: Tokenizer) -> EncoderDecoder:
    torch.manual_seed(job.params.project.seed)
    model = models.build(config)
    shared = start_from(folder, model, tokenizer)
    if leads():
        print(f"train: starts from {folder}, which knows {shared}", file=sys.stderr, flush=True)
    return model
