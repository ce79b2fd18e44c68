"""Stage ``prune@NAME``: a smaller model is cut out of the student, and recovers by training on.

First go the pieces that the corpus never uses, then the layers that the loss misses least, then heads and feed-forward
units, in as many rounds as ``prune.rounds`` says, each with a recovery. A recurrent student loses hidden units instead.
``reports/prune/NAME.json`` tells what each part of a Transformer was worth before heads and units went.
"""

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import torch

from seqline import files, models
from seqline.compression.distillation import encode
from seqline.compression.goals import least_share, measure_of
from seqline.compression.layers import with_fewer_layers
from seqline.compression.sensitivity import Sensitivity, sensitivities
from seqline.compression.smaller import Prunable, Shares, judge, without
from seqline.compression.vocabulary import with_used_pieces
from seqline.errors import InputError
from seqline.models.base import EncoderDecoder, num_parameters
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.models.transformer import Transformer
from seqline.params.compression import Smaller
from seqline.stages.bundling import export
from seqline.stages.distill import distillation_data, distillation_inputs
from seqline.stages.job import Job, Report
from seqline.stages.modelling import Recipe, fit_model
from seqline.training.batching import Batch
from seqline.training.data import TrainingData
from seqline.training.loop import Curve

_BATCHES_JUDGED = 50
_TIMED_LINES = 20


def run(job: Job) -> Report:
    """Write ``models/NAME``; a killed run goes on from its last checkpoint.

    Raises:
        InputError: the params ask for what a recurrent student cannot lose.
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
        model = with_fewer_layers(model, batches, settings.encoder_layers, settings.decoder_layers)
        worth = sensitivities(model, batches)
    shares = _shares(job, settings, model, batches, data, dev)
    smaller, curve = _in_rounds(job, model, shares, data, dev, batches)
    best = max(curve, key=lambda row: row["chrf"])
    before, after = num_parameters(student), num_parameters(smaller)
    figures = {"chrf": best["chrf"], "bleu": best["bleu"], "parameters": after, "removed": before - after}
    gone = {f"{part}_share": share for part, share in asdict(shares).items()}
    files.write_json(
        job.work.reports / "prune" / f"{job.item}.json",
        {**gone, **figures, "sensitivity": [asdict(part) for part in worth]},
    )
    return Report(
        f"{before / 1e6:.2f} → {after / 1e6:.2f} M parameters: dev chrF {best['chrf']:.1f}, "
        f"BLEU {best['bleu']:.1f} at update {best['update']:.0f}",
        figures,
    )


def _student(job: Job) -> Prunable:
    files.verify(job.work.model("student"))
    student = models.load(job.work.model("student"))
    assert isinstance(student, Prunable)
    asked = job.params.prune.models[job.item]
    if isinstance(student, RecurrentEncoderDecoder):
        by_size = asked.target is not None and asked.target.parameters is None
        if asked.encoder_layers or asked.decoder_layers or by_size:
            raise InputError(
                f"prune.models.{job.item}: a recurrent student loses hidden units only: leave the layers null, and say "
                "a target in parameters or none"
            )
    return student


def _held_out(job: Job, data: TrainingData, dev: pl.DataFrame) -> list[Batch]:
    """Batches of dev pairs, by which parts are judged."""
    tokens = job.params.prune.recovery.batch_tokens
    pairs = encode(dev, data.tokenizer, tokens - 1, job.work.root)
    if not len(pairs):
        raise InputError(
            f"{job.work.clean / 'dev.parquet'}: no dev pair fits into prune.recovery.batch_tokens {tokens}"
        )
    return list(islice(pairs.batches(tokens, job.params.project.seed, 0), _BATCHES_JUDGED))


def _shares(
    job: Job, settings: Smaller, model: Prunable, batches: Sequence[Batch], data: TrainingData, dev: pl.DataFrame
) -> Shares:
    """What must go: what the params say, or, to reach a target, more."""
    asked = Shares(settings.heads_share, settings.ffn_share, settings.hidden_share, settings.coefficients_share)
    if settings.target is None:
        return asked
    importances = judge(model, batches, job.params.prune.importance)

    def cut(share: float) -> Prunable:
        return without(model, importances, asked.at_least(share))

    def deploy(smaller: EncoderDecoder, folder: Path) -> None:
        with TemporaryDirectory(prefix="seqline-prune-") as place:
            models.save(smaller, Path(place))
            data.tokenizer.save(Path(place))
            export(job, Path(place), folder, "int8", has_shortlist=True, packed=job.params.quantize.packed)

    lines = dev["source"].head(_TIMED_LINES).to_list()
    measure, goal, key = measure_of(settings.target, deploy, lines)
    return asked.at_least(least_share(cut, measure, goal, f"prune.models.{job.item}.{key}"))


def _in_rounds(
    job: Job, model: Prunable, shares: Shares, data: TrainingData, dev: pl.DataFrame, batches: Sequence[Batch]
) -> tuple[Prunable, Curve]:
    """Prune and recover, round by round; the last round writes the model, and its curve is given."""
    block, gone, curve = job.params.prune, Shares(), Curve()
    inputs = {
        **distillation_inputs(job),
        "student": files.content_hash(job.work.model("student")),
        "prune": files.fingerprint(block.model_dump(exclude={"models", "recovery"})),
        "smaller": files.fingerprint(block.models[job.item].model_dump()),
    }
    between = job.work.checkpoints(f"prune-{job.item}-rounds") / files.fingerprint(inputs)[:16]
    for number in range(1, block.rounds + 1):
        wanted = shares.of_round(number, block.rounds)
        target = job.work.model(job.item) if number == block.rounds else between / str(number)
        smaller = without(model, judge(model, batches, block.importance), wanted.beyond(gone))
        recipe = Recipe(
            name=f"prune-{job.item}-{number}",
            target=target,
            config=smaller.config,
            settings=block.recovery,
            inputs={**inputs, "round": str(number)},
            keeps_zeros=wanted.coefficients > 0,
        )
        model, curve = _recovered(job, recipe, smaller, data, dev, is_last=number == block.rounds)
        gone = wanted
    shutil.rmtree(between.parent, ignore_errors=True)
    return model, curve


def _recovered(
    job: Job, recipe: Recipe, smaller: Prunable, data: TrainingData, dev: pl.DataFrame, *, is_last: bool
) -> tuple[Prunable, Curve]:
    """Train on, unless a run that was killed has done so."""
    if not is_last and (recipe.target / files.MANIFEST).is_file():
        model, rows = models.load(recipe.target), Curve()
    else:
        model, rows = fit_model(job, recipe, data, dev, start=smaller)
    assert isinstance(model, Prunable)
    return model, rows
