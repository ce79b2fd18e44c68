"""Seqline: its own stage ``train`` on a copy of the project whose corpus all tools read."""

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from peers import adapter, yaml
from peers.adapter import Translate
from peers.meter import Meter
from peers.task import Task
from seqline.cli import app
from seqline.decoding.translator import TorchTranslator
from seqline.training.pace import Pace

FOREVER = 10**9


def fit(task: Task, meter: Meter) -> None:
    count = Pace.count

    def counted(self: Pace, pieces: int) -> float:
        meter.count(pieces)
        return count(self, pieces)

    Pace.count = counted  # type: ignore[method-assign]
    project = Path(task.folder) / "project"
    shutil.copytree(Path(task.corpus) / "project", project)
    params = project / "params.yaml"
    content = yaml.merged(yaml.read(params), (own if task.own_params else asked)(task))
    optimisation = content["train"]["optimisation"]
    optimisation["warmup_updates"] = min(optimisation["warmup_updates"], optimisation["max_updates"] // 5)
    yaml.write(content, params)
    os.chdir(project)
    app(["stage", "train"], standalone_mode=False)


def own(task: Task) -> dict[str, Any]:
    return {
        "project": {"threads": task.threads, "seed": task.recipe.seed, "precision": task.precision},
        "train": {"optimisation": {"max_updates": task.recipe.updates or FOREVER}},
    }


def asked(task: Task) -> dict[str, Any]:
    shape, recipe = task.shape, task.recipe
    model = {
        "width": shape.width,
        "heads": shape.heads,
        "ffn": shape.ffn,
        "encoder_layers": shape.encoder_layers,
        "decoder_layers": shape.decoder_layers,
        "dropout": shape.dropout,
        "attention_dropout": shape.dropout,
        "tie": "all",
    }
    optimisation = {
        "batch_tokens": recipe.batch_tokens,
        "warmup_updates": recipe.warmup_updates,
        "learning_rate": recipe.learning_rate,
        "label_smoothing": recipe.label_smoothing,
        "validate_every": recipe.save_every or recipe.updates or FOREVER,
    }
    changed = {"train": {"model": model, "optimisation": optimisation}}
    return yaml.merged(own(task), changed | {"distill": {"initialise": "random"}})  # its width may differ


def translator(task: Task) -> Translate:
    """The torch model; a batch of so many sentences of 16 pieces each is its budget of tokens."""
    folder = Path(task.folder) / "project" / "models" / "teacher"
    model = TorchTranslator.open(folder, task.threads)
    tokenizer = model.tokenizer

    def translate(lines: list[str], batch_sentences: int) -> list[str]:
        texts = [str(tokenizer.source.decode_pieces(line.split(" "))) for line in lines]
        sized = replace(model, batch_tokens=16 * batch_sentences * task.beam)
        return [" ".join(tokenizer.target_pieces(nbest[0].text)) for nbest in sized.translate(texts, beam=task.beam)]

    return translate


if __name__ == "__main__":
    adapter.main(fit, translator)
