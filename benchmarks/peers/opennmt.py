"""OpenNMT-py 3.5: ``onmt_train`` without validation, examples sorted by length in buckets as large as the corpus."""

from argparse import Namespace
from pathlib import Path
from typing import Any

import torch
import yaml
from onmt.bin.train import _get_parser
from onmt.bin.train import train as onmt_train
from onmt.trainer import Trainer

from peers import adapter
from peers.adapter import Translate
from peers.meter import Meter
from peers.task import SOURCE, TARGET, Task

FOREVER = 10**9


def fit(task: Task, meter: Meter) -> None:
    accumulate = Trainer._gradient_accumulation

    def counted(self: Trainer, batches: list[dict[str, Any]], *rest: Any) -> None:
        accumulate(self, batches, *rest)
        padding = self.train_loss.padding_idx
        meter.count(sum(int(batch["tgt"][:, 1:, 0].ne(padding).sum()) for batch in batches))

    Trainer._gradient_accumulation = counted
    torch.set_num_threads(task.threads)
    onmt_train(options(task))


def options(task: Task) -> Namespace:
    path = Path(task.folder) / "options.yaml"
    path.write_text(yaml.safe_dump(_files(task) | _shape(task) | _recipe(task)), encoding="utf-8")
    parsed: Namespace = _get_parser().parse_args(["-config", str(path)])
    return parsed


def _files(task: Task) -> dict[str, Any]:
    folder = Path(task.folder)
    vocabulary = folder / "vocabulary.txt"
    vocabulary.write_text("".join(f"{piece}\t1\n" for piece in task.pieces), encoding="utf-8")
    train = {"path_src": str(task.text("train", SOURCE)), "path_tgt": str(task.text("train", TARGET))}
    return {
        "data": {"train": train},
        "src_vocab": str(vocabulary),
        "tgt_vocab": str(vocabulary),
        "share_vocab": True,
        "src_vocab_size": 10**6,
        "tgt_vocab_size": 10**6,
        "vocab_size_multiple": 1,
        "save_model": str(folder / "model" / "model"),
    }


def _shape(task: Task) -> dict[str, Any]:
    shape = task.shape
    return {
        "encoder_type": "transformer",
        "decoder_type": "transformer",
        "enc_layers": shape.encoder_layers,
        "dec_layers": shape.decoder_layers,
        "hidden_size": shape.width,
        "word_vec_size": shape.width,
        "heads": shape.heads,
        "transformer_ff": shape.ffn,
        "dropout": [shape.dropout],
        "attention_dropout": [shape.dropout],
        "position_encoding": True,
        "share_embeddings": True,
        "share_decoder_embeddings": True,
        "add_qkvbias": True,
        "add_ffnbias": True,
        "param_init": 0.0,
        "param_init_glorot": True,
    }


def _recipe(task: Task) -> dict[str, Any]:
    recipe = task.recipe
    return {
        "world_size": 1,
        "gpu_ranks": [],
        "num_workers": 0,
        "bucket_size": 32_768,
        "batch_type": "tokens",
        "batch_size": recipe.batch_tokens,
        "batch_size_multiple": 1,
        "normalization": "tokens",
        "accum_count": [1],
        "optim": "adam",
        "adam_beta2": 0.98,
        "max_grad_norm": 1.0,
        "learning_rate": recipe.learning_rate * recipe.warmup_updates**0.5 * shape_factor(task),
        "decay_method": "noam",
        "warmup_steps": recipe.warmup_updates,
        "label_smoothing": recipe.label_smoothing,
        "train_steps": recipe.updates or FOREVER,
        "valid_steps": FOREVER,
        "save_checkpoint_steps": recipe.save_every or recipe.updates or FOREVER,
        "keep_checkpoint": max(recipe.averaged, 1),
        "report_every": 100,
        "seed": recipe.seed,
    }


def shape_factor(task: Task) -> float:
    """Noam's schedule peaks at learning_rate · width^-0.5 · warmup^-0.5."""
    return float(task.shape.width**0.5)


def translator(task: Task) -> Translate:
    raise NotImplementedError


if __name__ == "__main__":
    adapter.main(fit, translator)
