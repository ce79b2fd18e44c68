"""OpenNMT-py 3.5: ``onmt_train`` without validation, examples sorted by length in buckets as large as the corpus."""

from argparse import Namespace
from pathlib import Path
from typing import Any

import torch
import yaml
from onmt.bin.average_models import average_models
from onmt.bin.train import _get_parser as train_parser
from onmt.bin.train import train as onmt_train
from onmt.bin.translate import _get_parser as translate_parser
from onmt.inference_engine import InferenceEnginePY
from onmt.trainer import Trainer
from onmt.utils.parse import ArgumentParser

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
    write_convertible(Path(task.folder) / "model")


def write_convertible(folder: Path) -> None:
    """``plain.pt``: the last checkpoint, its attention by the only name that CTranslate2's converter knows."""
    checkpoint = torch.load(_saved(folder)[-1], map_location="cpu")
    checkpoint["opt"].self_attn_type = "scaled-dot"
    torch.save(checkpoint, folder / "plain.pt")


def options(task: Task) -> Namespace:
    path = Path(task.folder) / "options.yaml"
    path.write_text(yaml.safe_dump(_files(task) | _shape(task) | _recipe(task)), encoding="utf-8")
    parsed: Namespace = train_parser().parse_args(["-config", str(path)])
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
    """As ``onmt_translate`` does; it sorts lines by length itself."""
    torch.set_num_threads(task.threads)
    folder = Path(task.folder)
    words = ["-model", str(_weights(task)), "-src", "-", "-output", str(folder / "onmt.out")]
    words += ["-beam_size", str(task.beam), "-batch_type", "sents", "-gpu", "-1"]
    wanted = translate_parser().parse_args(words)
    for validate in (
        ArgumentParser.validate_translate_opts,
        ArgumentParser._get_all_transform_translate,
        ArgumentParser._validate_transforms_opts,
        ArgumentParser.validate_translate_opts_dynamic,
    ):
        validate(wanted)
    engine = InferenceEnginePY(wanted)

    def translate(lines: list[str], batch_sentences: int) -> list[str]:
        wanted.batch_size = batch_sentences
        _, predictions = engine.infer_list(lines)
        return [nbest[0] for nbest in predictions]

    return translate


def _weights(task: Task) -> Path:
    """The last checkpoint, or the mean of the last ones."""
    folder = Path(task.folder) / "model"
    saved = _saved(folder)
    if task.recipe.averaged == 1:
        return saved[-1]
    torch.save(average_models([str(path) for path in saved[-task.recipe.averaged :]]), folder / "mean.pt")
    return folder / "mean.pt"


def _saved(folder: Path) -> list[Path]:
    return sorted(folder.glob("model_step_*.pt"), key=lambda path: int(path.stem.rpartition("_")[2]))


if __name__ == "__main__":
    adapter.main(fit, translator)
