"""Stage ``prune@NAME``: a smaller model is cut out of the student, and recovers by training on.

First go the pieces that the corpus never uses, then the layers that the loss misses least, then heads and feed-forward
units, in as many rounds as ``prune.rounds`` says, each with a recovery. A recurrent student loses hidden units instead.
``reports/prune/NAME.json`` tells what went in fact, and what each part of a Transformer was worth before anything went.
"""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice

import polars as pl
import torch

from seqline import files, models
from seqline.compression.distillation import encode
from seqline.compression.hidden_units import WIDTH_MULTIPLE
from seqline.compression.layers import with_fewer_layers
from seqline.compression.pruning import UNITS_MULTIPLE
from seqline.compression.sensitivity import Sensitivity, sensitivities
from seqline.compression.smaller import Prunable, Shares, gone
from seqline.compression.vocabulary import with_used_pieces
from seqline.errors import InputError
from seqline.models.base import num_parameters
from seqline.models.transformer import Transformer
from seqline.params.compression import Smaller
from seqline.stages.distill import distillation_data, same_pieces
from seqline.stages.job import Job, Report
from seqline.stages.surgery import Surgery
from seqline.training.batching import Batch
from seqline.training.data import TrainingData

_BATCHES_JUDGED = 50


def run(job: Job) -> Report:
    """Write ``models/NAME``; a killed run goes on from its last checkpoint.

    Raises:
        InputError: the params ask for what the student does not have.
        MismatchError: it has other pieces than the data.
        StageError: the target cannot be reached.
    """
    student, settings = _student(job), job.params.prune.models[job.item]
    torch.set_num_threads(job.params.project.threads)
    dev = pl.read_parquet(job.work.clean / "dev.parquet")
    model, data = student, distillation_data(job)
    if job.params.prune.unused_pieces:
        model, data = with_used_pieces(model, data, TrainingData.open(job.work.tokenized), job.work.root)
    batches, worth = _held_out(job, data, dev), list[Sensitivity]()
    if isinstance(model, Transformer):
        worth = sensitivities(model, batches)
        model = with_fewer_layers(model, batches, settings.encoder_layers, settings.decoder_layers)
    surgery = Surgery(job, model, data, dev, batches)
    shares, reached = surgery.shares()
    smaller, curve = surgery.perform(shares)
    went = gone(model, smaller, shares)
    best = max(curve, key=lambda row: row["chrf"])
    before, after = num_parameters(student), num_parameters(smaller)
    figures = {"chrf": best["chrf"], "bleu": best["bleu"], "parameters": after, "removed": before - after}
    told = {f"{part}_share": round(share, 4) for part, share in asdict(went).items()}
    files.write_json(
        job.work.reports / "prune" / f"{job.item}.json",
        {**told, **figures, "reached": reached, "sensitivity": [asdict(part) for part in worth]},
    )
    return Report(
        f"{before / 1e6:.2f} → {after / 1e6:.2f} M parameters: dev chrF {best['chrf']:.1f}, "
        f"BLEU {best['bleu']:.1f} at update {best['update']:.0f}{_warning(student, shares, went)}",
        figures,
    )


def _warning(student: Prunable, wanted: Shares, went: Shares) -> str:
    """Where parts should go, and none did."""
    parts = [part for part, *_ in _parts(student)]
    if any(getattr(wanted, part) for part in parts) and not any(getattr(went, part) for part in parts):
        return "; so small a share is less than a whole head or 16 units, so none has gone"
    return ""


def _student(job: Job) -> Prunable:
    same_pieces(job, "student")
    student = models.load(job.work.model("student"))
    assert isinstance(student, Prunable)
    key = f"prune.models.{job.item}"
    for fault in _faults(student, job.params.prune.models[job.item]):
        raise InputError(f"{key}{fault}")
    return student


def _faults(student: Prunable, asked: Smaller) -> Iterator[str]:
    """What it cannot lose."""
    if isinstance(student, Transformer):
        for stack, wanted in (("encoder", asked.encoder_layers), ("decoder", asked.decoder_layers)):
            there = len(getattr(student, stack))
            if wanted and wanted > there:
                yield f".{stack}_layers: {wanted} cannot stay of the student's {there}; null keeps all"
    elif asked.encoder_layers or asked.decoder_layers or (asked.target and asked.target.parameters is None):
        way_out = "leave the layers null, and say a target in parameters or none"
        yield f": a recurrent student loses hidden units only: {way_out}"
    for part, there, multiple, name in _parts(student):
        share = getattr(asked, f"{part}_share")
        if not round(there * (1 - share) / multiple):
            yield f".{part}_share: {share:g} leaves none of the student's {there} {name}"


def _parts(student: Prunable) -> Iterator[tuple[str, int, int, str]]:
    """What shares are of: the share, how many there are, how many of them go together, and what they are called."""
    if not isinstance(student, Transformer):
        yield "hidden", student.config.width, WIDTH_MULTIPLE, "hidden units"
        return
    yield "heads", min(student.config.encoder_heads, student.config.decoder_heads), 1, "heads"
    units = sum(student.config.encoder_ffn + student.config.decoder_ffn)
    yield "ffn", units, UNITS_MULTIPLE, "feed-forward units"


def _held_out(job: Job, data: TrainingData, dev: pl.DataFrame) -> list[Batch]:
    """Batches of dev pairs, by which parts are judged."""
    tokens = job.params.prune.recovery.batch_tokens
    pairs = encode(dev, data.tokenizer, tokens - 1, job.work.root)
    if not len(pairs):
        raise InputError(
            f"{job.work.clean / 'dev.parquet'}: no dev pair fits into prune.recovery.batch_tokens {tokens}"
        )
    return list(islice(pairs.batches(tokens, job.params.project.seed, 0), _BATCHES_JUDGED))
