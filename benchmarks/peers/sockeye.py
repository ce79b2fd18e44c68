"""Sockeye 3.1: ``sockeye-train`` with length buckets of 4, faster here than 8; it traces the model with TorchScript."""

import functools
import json
from pathlib import Path
from typing import Any

import torch
from sockeye import arguments, inference
from sockeye import constants as C
from sockeye.average import average
from sockeye.data_io import Batch
from sockeye.model import load_models
from sockeye.train import train
from sockeye.training import EarlyStoppingTrainer

from peers import adapter
from peers.adapter import Translate
from peers.meter import Meter
from peers.task import SOURCE, TARGET, Task

FOREVER = 10**9
VALIDATED = 32


def fit(task: Task, meter: Meter) -> None:
    step = EarlyStoppingTrainer._step

    def counted(self: EarlyStoppingTrainer, batch: Batch) -> bool:
        result: bool = step(self, batch)
        meter.count(int((batch.labels[C.TARGET_LABEL_NAME] != C.PAD_ID).sum()))
        return result

    EarlyStoppingTrainer._step = counted
    torch.set_num_threads(task.threads)
    parser = arguments.ConfigArgumentParser()
    arguments.add_train_cli_args(parser)
    train(parser.parse_args(command_line(task)))


def command_line(task: Task) -> list[str]:
    options = _files(task) | _shape(task) | _recipe(task)
    flags = ["--use-cpu", "--shared-vocab", "--overwrite-output", "--quiet"]
    return [*flags, *(word for name, value in options.items() for word in (f"--{name}", str(value)))]


def _files(task: Task) -> dict[str, Any]:
    vocabulary = Path(task.folder) / "vocabulary.json"
    pieces = [C.PAD_SYMBOL, C.UNK_SYMBOL, C.BOS_SYMBOL, C.EOS_SYMBOL, *task.pieces]
    vocabulary.write_text(json.dumps({piece: number for number, piece in enumerate(pieces)}), encoding="utf-8")
    return {
        "source": task.text("train", SOURCE),
        "target": task.text("train", TARGET),
        "validation-source": _few(task, SOURCE),
        "validation-target": _few(task, TARGET),
        "source-vocab": vocabulary,
        "target-vocab": vocabulary,
        "output": Path(task.folder) / "model",
    }


def _few(task: Task, language: str) -> Path:
    """Enough of dev: it is validated with every checkpoint, and takes seconds."""
    path = Path(task.folder) / f"few.{language}"
    path.write_text("".join(f"{line}\n" for line in task.lines("dev", language)[:VALIDATED]), encoding="utf-8")
    return path


def _shape(task: Task) -> dict[str, Any]:
    shape = task.shape
    return {
        "encoder": "transformer",
        "decoder": "transformer",
        "num-layers": f"{shape.encoder_layers}:{shape.decoder_layers}",
        "transformer-model-size": shape.width,
        "transformer-attention-heads": shape.heads,
        "transformer-feed-forward-num-hidden": shape.ffn,
        "transformer-dropout-attention": shape.dropout,
        "transformer-dropout-act": shape.dropout,
        "transformer-dropout-prepost": shape.dropout,
        "weight-tying-type": "src_trg_softmax",
    }


def _recipe(task: Task) -> dict[str, Any]:
    recipe = task.recipe
    return {
        "batch-type": "max-word",
        "batch-size": recipe.batch_tokens,
        "bucket-width": 4,
        "optimizer": "adam",
        "optimizer-betas": "0.9:0.98",
        "initial-learning-rate": recipe.learning_rate,
        "learning-rate-scheduler-type": "linear-decay" if recipe.updates else "none",
        "learning-rate-warmup": recipe.warmup_updates if recipe.updates else 0,
        "gradient-clipping-type": "norm",
        "gradient-clipping-threshold": 1.0,
        "label-smoothing": recipe.label_smoothing,
        "label-smoothing-impl": "fairseq",  # the fastest of its three on a CPU
        "checkpoint-interval": recipe.save_every or recipe.updates or FOREVER,
        "max-updates": recipe.updates or FOREVER,
        "decode-and-evaluate": 0,
        "keep-last-params": max(recipe.averaged, 1),
        "max-num-checkpoint-not-improved": -1,
        "seed": recipe.seed,
    }


def translator(task: Task) -> Translate:
    """As ``sockeye-translate`` does; it sorts lines by length itself."""
    torch.set_num_threads(task.threads)
    cpu, folder = torch.device("cpu"), Path(task.folder) / "model"
    if task.recipe.averaged > 1:
        _average(folder, task.recipe.averaged)
    models, sources, targets = load_models(cpu, [str(folder)], inference_only=True)
    for model in models:
        model.eval()
    scorer = inference.CandidateScorer(1.0, 0.0, 0.0)
    scorer.to(models[0].dtype)

    @functools.cache
    def search(batch_sentences: int) -> inference.Translator:
        return inference.Translator(
            cpu, "linear", scorer, batch_sentences, C.BEAM_SEARCH_STOP_ALL, models, sources, targets, task.beam
        )

    def translate(lines: list[str], batch_sentences: int) -> list[str]:
        inputs = [inference.make_input_from_plain_string(number, line) for number, line in enumerate(lines)]
        return [output.translation for output in search(batch_sentences).translate(inputs, fill_up_batches=False)]

    return translate


def _average(folder: Path, last: int) -> None:
    saved = sorted(folder.glob("params.[0-9]*"))[-last:]
    best = folder / C.PARAMS_BEST_NAME
    best.unlink()
    torch.save(average([str(path) for path in saved]), best)


if __name__ == "__main__":
    adapter.main(fit, translator)
