"""What the stages that train a model share: build, fit, and leave a finished model folder."""

import csv
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
import torch

from seqline import files, models
from seqline.errors import InputError
from seqline.models import EncoderDecoder
from seqline.models.config import ModelConfig, RecurrentConfig, TransformerConfig
from seqline.params.modelling import Optimisation, Recurrent, Transformer
from seqline.stages.job import Job
from seqline.tokenization import Tokenizer
from seqline.training.data import TrainingData
from seqline.training.loop import Curve, fit
from seqline.training.machine import Machine
from seqline.training.peers import Peers, here, joined
from seqline.training.run import Run
from seqline.training.validation import DecodedScore

_DROPOUTS = ("dropout", "embedding_dropout", "ffn_dropout", "attention_dropout")


@dataclass(frozen=True)
class Recipe:
    """What to train, how, and where it goes.

    ``inputs`` are the hashes of what it is trained on. ``keeps_zeros``: weights that are zero at the start stay so.
    ``start`` is what the manifest tells of an earlier model that it goes on from.
    """

    name: str
    target: Path
    config: ModelConfig
    settings: Optimisation
    inputs: Mapping[str, str]
    keeps_zeros: bool = False
    start: Mapping[str, Any] | None = None


def config_of(block: Transformer | Recurrent, tokenizer: Tokenizer) -> ModelConfig:
    """The architecture that a block of params.yaml asks for, with this tokenizer's vocabularies."""
    sizes = (tokenizer.source_vocabulary, tokenizer.target_vocabulary)
    if isinstance(block, Recurrent):
        return RecurrentConfig(block.kind, *sizes, **block.model_dump(exclude={"kind"}))
    return TransformerConfig(
        block.kind,
        *sizes,
        width=block.width,
        head_width=block.width // block.heads,
        encoder_heads=block.heads,
        decoder_heads=block.heads,
        encoder_ffn=(block.ffn,) * block.encoder_layers,
        decoder_ffn=(block.ffn,) * block.decoder_layers,
        **block.model_dump(include={"activation", "norm", "norm_place", "positions", "tie", *_DROPOUTS}),
    )


def fit_model(
    job: Job, recipe: Recipe, data: TrainingData, dev: pl.DataFrame, start: EncoderDecoder | None = None
) -> tuple[EncoderDecoder, Curve]:
    """Train (from ``start``, or from scratch) and write the finished folder ``recipe.target``.

    Checkpoints lie in a folder named by everything the result depends on, so a run with other params starts afresh,
    and one with the earlier params again goes on.

    Raises:
        InputError: the data cannot be cut into batches, or ``torchrun`` started another number of processes.
    """
    project = job.params.project
    torch.set_num_threads(project.threads)
    torch.manual_seed(project.seed)
    model = start if start is not None else models.build(recipe.config)
    with joined(recipe.name) as peers:
        if peers.count != project.processes:
            raise InputError(
                f"project.processes is {project.processes}, and {peers.count} were started; make them equal"
            )
        run = _run(job, recipe, data, dev, peers)
        job.tracker.params({**asdict(recipe.config), **recipe.settings.model_dump()})
        curve = fit(model, run)
        if peers.is_first:
            _write(recipe, model.cpu(), data.tokenizer, curve)
            _forget(run.checkpoint)
        peers.wait()
    return model, curve


def _run(job: Job, recipe: Recipe, data: TrainingData, dev: pl.DataFrame, peers: Peers) -> Run:
    project, settings = job.params.project, recipe.settings
    machine = Machine.choose(project.device, project.precision, *here())
    validation = dev.head(settings.validation_pairs)
    validate = DecodedScore(
        validation["source"].to_list(), validation["target"].to_list(), data.tokenizer, project.target, machine.rounds
    )
    fingerprint = {
        **{f"config.{key}": value for key, value in asdict(recipe.config).items()},
        **{f"settings.{key}": value for key, value in settings.model_dump().items()},
        "seed": project.seed,
        "threads": project.threads,
        "processes": project.processes,
        "machine": f"{machine.device.type} {machine.precision}",
        **recipe.inputs,
    }
    folder = job.work.checkpoints(recipe.name) / files.fingerprint(fingerprint)[:16]
    return Run(
        data,
        validate,
        settings,
        project.seed,
        folder,
        fingerprint,
        job.tracker,
        recipe.name,
        machine,
        peers,
        recipe.keeps_zeros,
    )


def _write(recipe: Recipe, model: EncoderDecoder, tokenizer: Tokenizer, curve: Curve) -> None:
    facts = {"start": recipe.start} if recipe.start else {}
    with files.staged(recipe.target, stage=recipe.name, **facts) as partial:
        models.save(model, partial)
        tokenizer.save(partial)
        _write_curve(partial / "curve.csv", curve)


def _forget(checkpoint: Path) -> None:
    """Delete a finished run's own checkpoint; those of other params stay for the day when they come back."""
    with suppress(OSError):
        files.discard(checkpoint)
        checkpoint.parent.rmdir()  # only where it is empty


def _write_curve(path: Path, curve: Curve) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(curve[0]))
        writer.writeheader()
        writer.writerows({key: f"{value:.6g}" for key, value in row.items()} for row in curve)
