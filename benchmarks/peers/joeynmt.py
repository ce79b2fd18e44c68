"""JoeyNMT 2.3: ``joeynmt.training.train`` on a configuration, batches of tokens; it has no length buckets."""

from pathlib import Path
from typing import Any

import torch
import yaml
from joeynmt.batch import Batch
from joeynmt.config import load_config, parse_global_args
from joeynmt.helpers import make_model_dir
from joeynmt.prediction import predict, prepare
from joeynmt.training import TrainManager, train

from peers import adapter
from peers.adapter import Translate
from peers.meter import Meter
from peers.task import SOURCE, TARGET, Task

FOREVER = 10**9


def fit(task: Task, meter: Meter) -> None:
    step = TrainManager._train_step

    def counted(self: TrainManager, batch: Batch) -> tuple[float, int]:
        result: tuple[float, int] = step(self, batch)
        meter.count(int(batch.ntokens))
        return result

    TrainManager._train_step = counted
    torch.set_num_threads(task.threads)
    folder = Path(task.folder) / "model"
    make_model_dir(folder, overwrite=True)
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(configuration(task)), encoding="utf-8")
    train(rank=0, world_size=None, cfg=load_config(path), skip_test=True)


def configuration(task: Task) -> dict[str, Any]:
    return {
        "name": "peer",
        "joeynmt_version": "2.3.0",
        "model_dir": str(Path(task.folder) / "model"),
        "use_cuda": False,
        "random_seed": task.recipe.seed,
        "data": _data(task),
        "training": _training(task),
        "testing": {
            "beam_size": 1,
            "batch_size": 256,
            "batch_type": "sentence",
            "max_output_length": 60,
            "eval_metrics": [],
        },
        "model": _model(task),
    }


def _data(task: Task) -> dict[str, Any]:
    vocabulary = Path(task.folder) / "vocabulary.txt"
    specials = ["<unk>", "<pad>", "<s>", "</s>"]
    vocabulary.write_text("".join(f"{piece}\n" for piece in [*specials, *task.pieces]), encoding="utf-8")
    side = {"level": "word", "max_length": 1000, "voc_file": str(vocabulary)}
    return {
        "train": str(Path(task.corpus) / "train"),
        "dev": str(Path(task.corpus) / "dev"),
        "sample_dev_subset": 32,  # it decodes them whenever it writes a checkpoint
        "dataset_type": "plain",
        "src": {"lang": SOURCE} | side,
        "trg": {"lang": TARGET} | side,
    }


def _training(task: Task) -> dict[str, Any]:
    recipe = task.recipe
    every = recipe.save_every or recipe.updates or FOREVER
    return {
        "optimizer": "adam",
        "adam_betas": [0.9, 0.98],
        "learning_rate": recipe.learning_rate,
        "learning_rate_warmup": recipe.warmup_updates,
        "scheduling": "warmupinversesquareroot",
        "clip_grad_norm": 1.0,
        "label_smoothing": recipe.label_smoothing,
        "normalization": "tokens",
        "batch_size": recipe.batch_tokens,
        "batch_type": "token",
        "shuffle": True,
        "epochs": FOREVER,
        "updates": recipe.updates or FOREVER,
        "validation_freq": every,
        "logging_freq": every,
        "keep_best_ckpts": FOREVER,
        "overwrite": True,
    }


def _model(task: Task) -> dict[str, Any]:
    shape = task.shape
    layer = {
        "type": "transformer",
        "num_heads": shape.heads,
        "embeddings": {"embedding_dim": shape.width, "scale": True, "dropout": shape.dropout},
        "hidden_size": shape.width,
        "ff_size": shape.ffn,
        "dropout": shape.dropout,
        "layer_norm": "pre",
        "activation": "relu",
    }
    return {
        "initializer": "xavier_uniform",
        "embed_initializer": "xavier_uniform",
        "tied_embeddings": True,
        "tied_softmax": True,
        "encoder": layer | {"num_layers": shape.encoder_layers},
        "decoder": layer | {"num_layers": shape.decoder_layers},
    }


def translator(task: Task) -> Translate:
    """Lines are sorted by length before, which JoeyNMT leaves to its user."""
    torch.set_num_threads(task.threads)
    settings = load_config(Path(task.folder) / "model" / "config.yaml")
    settings["testing"] |= {"load_model": str(_weights(task)), "beam_size": task.beam, "beam_alpha": 1.0}
    arguments = parse_global_args(settings, rank=0, mode="translate")
    model, _, _, stream = prepare(arguments, rank=0, mode="translate")

    def translate(lines: list[str], batch_sentences: int) -> list[str]:
        order = sorted(range(len(lines)), key=lambda row: -len(lines[row].split(" ")))
        stream.reset_cache()
        for row in order:
            stream.set_item(lines[row])
        wanted = arguments.test._replace(batch_size=batch_sentences)
        found = predict(
            model, stream, arguments.device, 0, normalization="none", args=wanted, autocast=arguments.autocast
        )
        hypotheses = dict(zip(order, found[2], strict=True))
        return [hypotheses[row] for row in range(len(lines))]

    return translate


def _weights(task: Task) -> Path:
    """The mean of the last checkpoints; JoeyNMT's own script for it is not part of the package."""
    folder = Path(task.folder) / "model"
    saved = sorted(folder.glob("[0-9]*.ckpt"), key=lambda path: int(path.stem))[-task.recipe.averaged :]
    states = [torch.load(path, map_location="cpu")["model_state"] for path in saved]
    mean = {name: sum(state[name].double() for state in states) / len(states) for name in states[0]}
    weights = {name: value.to(states[0][name].dtype) for name, value in mean.items()}
    torch.save({"model_state": weights}, folder / "mean.ckpt")
    return folder / "mean.ckpt"


if __name__ == "__main__":
    adapter.main(fit, translator)
